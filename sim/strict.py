"""Warnings are errors where networks are judged."""

import warnings

from amaranth.hdl import UnusedElaboratable

__all__ = ["strict"]


def strict() -> None:
    """Makes warnings errors until ``warnings.catch_warnings`` ends, but for units that are made
    only to be asked."""
    warnings.simplefilter("error")
    warnings.simplefilter("ignore", UnusedElaboratable)
