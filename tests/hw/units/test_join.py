"""Forks and joins against numpy, with and without stalls."""

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from qhw.exact.num import Int
from qhw.hw.streams.stream import beats
from qhw.hw.units.join import ConcatUnit, Fork, SumUnit, TakeUnit
from qhw.testing.stream import run

X = Int(-8, 7)


class Diamond(wiring.Component):
    """A fork whose two branches meet in a unit."""

    def __init__(self, join, lanes):
        self.join, self.lanes = join, lanes
        super().__init__({"i": In(beats(X.shape, lanes)), "o": Out(join.o.signature)})

    def elaborate(self, platform):
        m = Module()
        m.submodules.fork = fork = Fork(X.shape, self.lanes, 2)
        m.submodules.join = join = self.join
        connect(m, flipped(self.i), fork.i)
        connect(m, fork.o0, join.i0)
        connect(m, fork.o1, join.i1)
        connect(m, join.o, flipped(self.o))
        return m


def codes(*shape):
    return np.random.default_rng(0).integers(-8, 8, shape)


@pytest.mark.parametrize("stalls", [None, 1, 2])
@pytest.mark.parametrize(("a", "b"), [([1, 1, 1, 1], [-1, -1, -1, -1]),
                                      ([3, -2, 5, 0], [7, 7, 1, 2])])
def test_a_fork_and_a_sum(a, b, stalls):
    x, a, b = codes(20, 4), np.array(a), np.array(b)
    y = Int(-200, 200)
    got = run(Diamond(SumUnit(a, b, xs=(X, X), y=y, lanes=2), 2), x.reshape(-1, 2).tolist(),
              stalls=stalls)
    assert np.array_equal(np.ravel(got), (x * a + x * b).ravel())


@pytest.mark.parametrize("stalls", [None, 1])
def test_channels_beside_channels_and_some_of_them(stalls):
    x = codes(9, 6)
    unit = TakeUnit(X.shape, 2, 1, 1, 3)
    got = run(unit, x.reshape(-1, 2).tolist(), outputs=9, stalls=stalls)
    assert np.array_equal(got, x[:, 2:4])

    class Both(wiring.Component):
        """The first pair of channels after the second and third."""

        def __init__(self):
            super().__init__({"i": In(beats(X.shape, 2)), "o": Out(beats(X.shape, 2))})

        def elaborate(self, platform):
            m = Module()
            m.submodules.fork = fork = Fork(X.shape, 2, 2)
            m.submodules.a = a = TakeUnit(X.shape, 2, 1, 2, 3)
            m.submodules.b = b = TakeUnit(X.shape, 2, 0, 1, 3)
            m.submodules.join = join = ConcatUnit([X, X], X, [2, 1], 2)
            from qhw.hw.streams.fifo import Queue
            m.submodules.wait = wait = Queue(b.o.payload.shape(), 1)
            for one, other in ((flipped(self.i), fork.i), (fork.o0, a.i), (fork.o1, b.i),
                               (a.o, join.i0), (join.o, flipped(self.o))):
                connect(m, one, other)
            m.d.comb += [wait.i.payload.eq(b.o.payload), wait.i.valid.eq(b.o.valid),
                         b.o.ready.eq(wait.i.ready), join.i1.payload.eq(wait.o.payload),
                         join.i1.valid.eq(wait.o.valid), wait.o.ready.eq(join.i1.ready)]
            return m

    got = run(Both(), x.reshape(-1, 2).tolist(), stalls=stalls)
    assert np.array_equal(np.ravel(got), x[:, [2, 3, 4, 5, 0, 1]].ravel())


@pytest.mark.parametrize("stalls", [None, 3])
@pytest.mark.parametrize(("one", "other"), [(Int(0, 9), Int(-3, 1)), (Int(-20, -5), Int(0, 1))],
                         ids=str)
def test_a_sum_of_streams_of_unequal_codes(one, other, stalls):
    """``a * x + b * y``, each factor with its own operand, of one sign or of both."""
    class Two(wiring.Component):
        """Lanes of both streams side by side in a beat."""

        def __init__(self):
            self.unit = SumUnit(np.array([3, -2, 5, 0]), np.array([1, 7, -4, 6]), xs=(one, other),
                                y=Int(-300, 300), lanes=2)
            super().__init__({"i": In(beats(Int(-20, 9).shape, 4)),
                              "o": Out(self.unit.o.signature)})

        def elaborate(self, platform):
            m = Module()
            m.submodules.unit = unit = self.unit
            connect(m, unit.o, flipped(self.o))
            for k, i in enumerate((unit.i0, unit.i1)):
                m.d.comb += [i.valid.eq(self.i.valid),
                             *(i.payload[lane].eq(self.i.payload[2 * k + lane])
                               for lane in range(2))]
            m.d.comb += self.i.ready.eq(unit.i0.ready)
            return m

    random = np.random.default_rng(4)
    x, y = (random.integers(of.lo, of.hi + 1, (12, 4)) for of in (one, other))
    pairs = np.concatenate([x.reshape(-1, 2), y.reshape(-1, 2)], axis=1)
    got = run(Two(), pairs.tolist(), stalls=stalls)
    want = x * [3, -2, 5, 0] + y * [1, 7, -4, 6]
    assert np.array_equal(np.ravel(got), want.ravel())
