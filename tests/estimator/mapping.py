"""Expressions mapped for a chip."""

from qhw.estimator.chip import Chip
from qhw.targets import target

ICE40, XC7 = target("ice40hx8k"), target("xc7")


def mapped(value, chip=ICE40):
    e = Chip(chip).expressions()
    e.need(value)
    return e.mapper
