"""A unit has one description: gates that are changed have another price."""

import numpy as np
import pytest
from amaranth.hdl import Cat, Mux

from qhw.estimator.chip import Chip
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.hw.streams.window import WindowUnit
from qhw.hw.units.combine import CombineUnit, RunTimeCombineUnit
from qhw.hw.units.matvec import MatVecUnit
from qhw.hw.units.threshold import ThresholdUnit
from qhw.pe import Multiply
from qhw.targets import target

X = Int(-32, 31)
RNG = np.random.default_rng(0)


class OtherMatVec(MatVecUnit):
    """Accumulators that add something more."""

    def total(self, first, start, before, sum_):
        return super().total(first, start, before, sum_) + (before ^ sum_)


class OtherCombine(CombineUnit):
    """Factors by which a part is multiplied twice."""

    def times(self, part, factor):
        return part * factor * factor


class OtherRunTimeCombine(RunTimeCombineUnit):
    """The same with factors that are not constant."""

    def times(self, part, factor):
        return part * factor * factor


class OtherThreshold(ThresholdUnit):
    """Comparisons with a number that is not the one that comes."""

    def _longer(self, x, limit, path):
        return Cat(x + Mux(path[0], 5, 3) >= limit, path)


class OtherWindow(WindowUnit):
    """Addresses that do not stay in the buffer."""

    def _wrapped(self, at, rows):
        return at + rows * self.line


UNITS = {
    "matvec": (MatVecUnit, OtherMatVec, lambda of: of(
        Multiply(np.arange(-8, 8)), RNG.integers(0, 16, (4, 8)), np.arange(4), x=X, y=Int(-99, 99),
        pe=2, simd=2)),
    "combine": (CombineUnit, OtherCombine, lambda of: of(
        np.array([[3, 5], [7, 9]]), np.array([1, 2]), x=X, y=Int(-600, 600), pe=1)),
    "run-time combine": (RunTimeCombineUnit, OtherRunTimeCombine, lambda of: of(
        4, 2, Int(0, 15), x=X, y=Int(-999, 999), pe=1)),
    "threshold": (ThresholdUnit, OtherThreshold, lambda of: of(
        np.sort(np.arange(12).reshape(4, 3) * 5 % 31), np.zeros(4, bool), x=X, lo=0, pe=2)),
    "window": (WindowUnit, OtherWindow, lambda of: of(
        4, Window((3, 3)), (7, 7, 2)))}


@pytest.mark.parametrize("name", UNITS)
def test_other_gates_have_another_price(name):
    known, other, make = UNITS[name]
    chip = Chip(target("ice40hx8k"))
    assert dict(make(known).made_of(chip)) != dict(make(other).made_of(chip))


def test_a_window_of_one_row_moves_along_it():
    """Both registers of its column have an adder, as those of a window of several rows have."""
    chip = Chip(target("xc7"))
    chains = {kernel: WindowUnit(4, Window(kernel), (7, 7, 1)).made_of(chip)["chain"]
              for kernel in ((1, 1), (1, 3), (3, 1), (3, 3))}
    assert chains[1, 3] == chains[1, 1] + 1
    assert chains[3, 3] == chains[3, 1] + 1
