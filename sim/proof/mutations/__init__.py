"""Damaged files of every kind that qhw reads: see ``__main__``."""
