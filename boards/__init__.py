"""Boards, one a file."""
