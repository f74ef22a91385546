"""Products of two streams against numpy, with and without stalls."""

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib.wiring import connect, flipped

from qhw.exact.num import Int
from qhw.hw.streams.stream import Buffer
from qhw.hw.units.join import Fork
from qhw.hw.units.multiply import MultiplyUnit

from .test_join import Diamond, X, codes, run


class Late(Diamond):
    """One branch a cycle after the other."""

    def __init__(self, join, late):
        self.late = late
        super().__init__(join, 2)

    def elaborate(self, platform):
        m = Module()
        m.submodules.fork = fork = Fork(X.shape, 2, 2)
        m.submodules.join = join = self.join
        m.submodules.buffer = buffer = Buffer(X.shape, 2)
        connect(m, flipped(self.i), fork.i)
        for k, (o, i) in enumerate(((fork.o0, join.i0), (fork.o1, join.i1))):
            if k == self.late:
                connect(m, o, buffer.i)
                o = buffer.o
            connect(m, o, i)
        connect(m, join.o, flipped(self.o))
        return m


@pytest.mark.parametrize("late", [0, 1])
def test_a_stream_waits_for_the_other(late):
    x = codes(20, 4)
    unit = MultiplyUnit((3, -8), xs=(X, X), y=Int(-240, 240), lanes=2)
    got = run(Late(unit, late), x.reshape(-1, 2).tolist())
    assert np.array_equal(np.ravel(got), ((x - 3) * (x + 8)).ravel())


@pytest.mark.parametrize("stalls", [None, 1, 2])
@pytest.mark.parametrize("zeros", [(0, 0), (3, -8), (-5, 0)])
def test_a_fork_and_a_product(zeros, stalls):
    x = codes(20, 4)
    unit = MultiplyUnit(zeros, xs=(X, X), y=Int(-240, 240), lanes=2)
    got = run(Diamond(unit, 2), x.reshape(-1, 2).tolist(), stalls=stalls)
    assert np.array_equal(np.ravel(got), ((x - zeros[0]) * (x - zeros[1])).ravel())
