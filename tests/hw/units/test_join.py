"""Forks, joins and reorderings against numpy, with and without stalls."""

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Tensor
from qhw.hw.streams.reorder import ReorderUnit
from qhw.hw.streams.stream import beats
from qhw.hw.units.join import ConcatUnit, Fork, SumUnit, TakeUnit
from qhw.ops.pooling import Pooling
from qhw.ops.reorder import depth_to_space, enlarge, space_to_depth, transpose
from tests.drive import run

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


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize("op", [
    enlarge((3, 4, 2), 2, 3), depth_to_space((2, 3, 8), 2, columns_first=True),
    depth_to_space((2, 3, 8), 2, columns_first=False), space_to_depth((4, 6, 2), 2),
    transpose((2, 3, 4), (2, 0, 1))], ids=["enlarge", "crd", "dcr", "space", "transpose"])
def test_another_order(op, stalls):
    x = codes(3, 3 * 4 * 2 if op.shape == (6, 12, 2) else np.prod(op.shape))
    want = op.evaluate(x)
    got, (_, times) = run(ReorderUnit(X.shape, 1, op.block, op.loops), x.reshape(-1, 1).tolist(),
                          outputs=want.size, stalls=stalls, times=True)
    assert np.array_equal(np.ravel(got), want.ravel())
    if stalls is None:
        assert set(np.diff(times[op.made:])) <= {1, 2}


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize("lanes", [1, 2, 4])
@pytest.mark.parametrize(("how", "flip", "window"), [
    ("max", [0, 0, 0, 0], Window((2, 2), (2, 2))), ("max", [0, 1, 1, 0], Window((3, 2), (1, 2))),
    ("sum", [0, 0, 0, 0], Window((3, 3), (2, 2), pads=(1, 1, 1, 1))),
    ("max", [0, 0, 0, 0], Window((3, 3), (2, 2), pads=(1, 1, 1, 1))),
    ("max", [1, 1, 1, 1], Window((3, 3), (2, 2), pads=(1, 1, 1, 1))),
    ("max", [0, 1, 1, 0], Window((3, 3), (2, 2), pads=(2, 1, 0, 1)))], ids=str)
def test_pooling(how, flip, window, lanes, stalls):
    shape, flip = (6, 7, 4), np.array(flip, bool)
    x = codes(3, *shape)
    op = Pooling(window, how, flip if how == "max" else None, pe=lanes)
    want = op.evaluate(x)
    unit = op.unit(Tensor(shape, X))
    got = run(unit, x.reshape(-1, lanes).tolist(), outputs=want.size // lanes, stalls=stalls)
    assert np.array_equal(np.ravel(got), want.ravel())
