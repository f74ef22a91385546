"""Exact numbers: intervals of integers, cuts, codes of other formats, and sliding windows."""
