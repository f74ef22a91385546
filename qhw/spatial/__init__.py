"""Constant weights as logic."""
