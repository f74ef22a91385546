"""Every unit moves its beats in the very cycles that the model says, with pauses and without: so it
looks at how many beats came and went, and at nothing else."""

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped
from amaranth.sim import Simulator

from qhw.engines import FoldedEngine, GroupedEngine, SpatialEngine
from qhw.exact.num import Int, Rounding
from qhw.exact.window import Window
from qhw.graph import Tensor
from qhw.hw.streams.fifo import Fifo
from qhw.hw.streams.stream import Buffer, Narrow, Widen, beats
from qhw.hw.units.join import Fork, SumUnit
from qhw.layers.run_time import BlockFloat, Residual
from qhw.ops import (
    Combine,
    Concat,
    Gain,
    History,
    Largest,
    Lookup,
    MatVec,
    Reorder,
    Requantize,
    Sum,
    Take,
    Threshold,
    Windows,
)
from qhw.ops.dynamic import DynamicMatVec
from qhw.ops.multiply import Multiply
from qhw.ops.pooling import Pooling
from qhw.ops.reorder import enlarge, transpose
from qhw.schedule import Net
from qhw.schemes import schemes
from tests.ops.recurrent import WORD, lstm

X = Int(-8, 7)
INFERENCES, MOST = 3, 6000
RNG = np.random.default_rng(0)


def moved(dut, ins, out, gaps, ready, wanted):
    """The cycles in which beats move at the output; zeros go in."""
    found, cycle = [], 0
    m = Module()
    m.submodules.dut = dut

    async def bench(ctx):
        nonlocal cycle
        sent, left = [0] * len(ins), [int(gaps[0])] * len(ins)
        while len(found) < wanted and cycle < MOST:
            for k, (port, count) in enumerate(ins):
                ctx.set(port.valid, sent[k] < count and left[k] == 0)
                left[k] = max(left[k] - 1, 0) if sent[k] < count else 1
            ctx.set(out.ready, int(ready[cycle]))
            taken = [ctx.get(port.valid & port.ready) for port, _ in ins]
            if ctx.get(out.valid & out.ready):
                found.append(cycle)
            await ctx.tick()
            cycle += 1
            for k, yes in enumerate(taken):
                if yes:
                    sent[k] += 1
                    left[k] = int(gaps[sent[k]]) if sent[k] < len(gaps) else 1

    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.run()
    return found


def pauses(seed, beats):
    rng = np.random.default_rng(seed)
    if not seed:
        return np.zeros(beats, np.int64), np.ones(MOST, bool)
    gaps = np.where(rng.random(beats) < 0.3, rng.integers(0, 9, beats), 0)
    ready = rng.random(MOST) > (0.2, 0.7)[seed % 2]
    ready[50:90] = False
    return gaps.astype(np.int64), ready


def check(unit, sizes, stream, inputs=("i",)):
    """``sizes`` beats of an inference at each input; ``stream`` adds the unit to a model."""
    for seed in range(3):
        net = Net()
        o = stream(net, tuple(net.source(n) for n in sizes))
        net.sink(o)
        gaps, ready = pauses(seed, INFERENCES * max(sizes))
        want = net.play(INFERENCES, gaps=gaps, ready=ready, each=True).ends.tolist()
        dut = unit()
        found = moved(dut, [(getattr(dut, i), INFERENCES * n)
                            for i, n in zip(inputs, sizes, strict=True)],
                      dut.o, gaps, ready, len(want))
        assert len(want) == INFERENCES * o.beats
        assert found == want, seed


def vector(n):
    return Tensor((n,), X)


def matvec(outputs, inputs, engine, **more):
    found = schemes["fixed"](bits=3).quantize(RNG.normal(size=(outputs, inputs)))
    return MatVec(schemes["fixed"](bits=3), found.codes, np.zeros(outputs, np.int64), found.table,
                  engine=engine, **more)


def dynamic(coding, scheme, pe=1, simd=1):
    found = scheme.quantize(RNG.normal(size=(4, 6)))
    return DynamicMatVec(coding, MatVec(scheme, found.codes, np.zeros(4, int), found.table,
                                        engine=FoldedEngine(pe, simd)))


def gates(steps, units):
    return Tensor((steps, 4 * units), WORD)


LEVELS = np.sort(RNG.integers(-8, 8, (4, 7)), axis=1)
RISING = np.arange(1, 5)
IMAGE = Tensor((5, 4, 2), X)
OPS = {
    "matvec": (matvec(4, 6, FoldedEngine(2, 3)), vector(6)),
    "matvec once": (matvec(4, 6, FoldedEngine(4, 2)), vector(6)),
    "matvec whole": (matvec(4, 6, FoldedEngine(4, 6)), Tensor((3, 6), X)),
    "matvec stages": (matvec(4, 6, FoldedEngine(2, 3, stages=1)), vector(6)),
    "matvec once stages": (matvec(4, 6, FoldedEngine(4, 2, stages=3)), vector(6)),
    "matvec whole stages": (matvec(4, 6, FoldedEngine(4, 6, stages=2)), Tensor((3, 6), X)),
    "matvec groups stages": (matvec(4, 6, FoldedEngine(1, 2, stages=2), groups=2),
                             Tensor((3, 2, 6), X)),
    "matvec huffman stages": (matvec(4, 6, FoldedEngine(2, 2, "huffman", 2)), vector(6)),
    "matvec groups": (matvec(4, 6, FoldedEngine(1, 2), groups=2), Tensor((3, 2, 6), X)),
    "matvec groups in parallel": (matvec(4, 6, GroupedEngine(2), groups=4), Tensor((3, 4, 6), X)),
    "matvec all groups": (matvec(4, 6, GroupedEngine(2, 1), groups=2), Tensor((3, 2, 6), X)),
    "matvec huffman": (matvec(4, 6, FoldedEngine(2, 2, "huffman")), vector(6)),
    "matvec uneven": (matvec(5, 7, FoldedEngine(2, 3)), vector(7)),
    "matvec uneven once": (matvec(3, 7, FoldedEngine(3, 4)), vector(7)),
    "matvec uneven groups": (matvec(6, 5, FoldedEngine(2, 3), groups=2), Tensor((3, 2, 5), X)),
    "matvec uneven stages": (matvec(5, 7, FoldedEngine(2, 3, stages=2)), vector(7)),
    "matvec uneven huffman": (matvec(5, 7, FoldedEngine(2, 3, "huffman")), vector(7)),
    "matvec logic": (matvec(4, 6, SpatialEngine(levels=1)), Tensor((5, 6), X)),
    "windows": (Windows(Window((3, 3), (1, 1), (1, 1), (1, 1, 1, 1)), pe=2), IMAGE),
    "windows stride": (Windows(Window((3, 2), (2, 1), (1, 2), (0, 1, 1, 1)), groups=2), IMAGE),
    "windows tall": (Windows(Window((1, 1), (1, 1), (1, 1), (2, 0, 1, 0))), IMAGE),
    "windows whole": (Windows(Window((3, 3), (1, 1), (1, 1), (1, 1, 1, 1)), channels=2), IMAGE),
    "windows whole, stride": (Windows(Window((3, 2), (2, 1), (1, 2), (0, 1, 1, 1)), groups=2,
                                      channels=1), IMAGE),
    "windows whole, early": (Windows(Window((2, 2), (3, 3)), channels=2), IMAGE),
    "max": (Pooling(Window((2, 2), (2, 2)), "max", pe=2), IMAGE),
    "mean": (Pooling(Window((3, 3), (2, 2), (1, 1), (1, 1, 1, 1)), "sum"), IMAGE),
    "mean of all": (Pooling(Window((5, 4), (5, 4)), "sum"), IMAGE),
    "mean at once": (Pooling(Window((5, 4), (5, 4)), "sum", pe=2), IMAGE),
    "threshold": (Threshold(LEVELS, np.array([True, False, False, True]), pe=2), vector(4)),
    "threshold sign": (Threshold(LEVELS[:, :1], np.zeros(4, bool)), vector(4)),
    "threshold alike": (Threshold(np.array([[0, 2, 3]] * 4), np.zeros(4, bool), pe=2), vector(4)),
    "requantize": (Requantize(RISING, RISING, 2, Int(-4, 3), rounding=Rounding.HALF_UP), vector(4)),
    "gain": (Gain(RISING, pe=2), vector(4)),
    "gain alike": (Gain(np.full(4, 3), pe=2), vector(4)),
    "lookup": (Lookup(np.arange(16), Tensor((), Int(0, 15)), -8, pe=2), vector(4)),
    "largest": (Largest(np.array([0, 1, 0, 2]), pe=2), vector(4)),
    "combine": (Combine(RNG.integers(1, 5, (4, 3)), RISING, pe=2, each=1), Tensor((4, 3), X)),
    "combine once": (Combine(RNG.integers(1, 5, (4, 3)), RISING, pe=2, each=3), Tensor((4, 3), X)),
    "take": (Take(2, 2), Tensor((3, 6), X)),
    "history": (History(RNG.integers(-8, 8, (3, 4)), pe=2), Tensor((2, 4), X)),
    "history of one": (History(RNG.integers(-8, 8, (1, 1))), Tensor((5, 1), X)),
    "history behind": (History(RNG.integers(-8, 8, (5, 2)), newest_first=True), Tensor((2, 2), X)),
    "history short": (History(np.zeros((1, 4), int), newest_first=True), Tensor((3, 4), X)),
    "enlarge": (enlarge((3, 2, 2), 2, 2), Tensor((3, 2, 2), X)),
    "transpose": (transpose((3, 4), (1, 0)), Tensor((3, 4), X)),
    "fewer": (Reorder(6, ((2, 3), (1, 1)), (4,)), Tensor((12,), X)),
    "residual": (dynamic(Residual(2), schemes["binary"](), pe=2, simd=3), vector(6)),
    "residual once": (dynamic(Residual(1), schemes["binary"](), pe=4, simd=2), vector(6)),
    "block float": (dynamic(BlockFloat(4), schemes["fixed"](bits=3), pe=1, simd=2), vector(6)),
    "lstm": (lstm(3), gates(2, 3)),
    "lstm folded": (lstm(4, 4, 2), gates(3, 4)),
    "lstm whole": (lstm(2, 8, 2), gates(3, 2)),
    "lstm of one": (lstm(1), gates(5, 1)),
    "multiply": (Multiply((1, -2), pe=2), vector(4), vector(4)),
    "sum": (Sum(RISING, RISING[::-1], pe=2), vector(4), vector(4)),
    "concat": (Concat(pe=1), Tensor((3, 2), X), Tensor((3, 1), X), Tensor((3, 3), X)),
}


@pytest.mark.parametrize("name", OPS)
def test_layers(name):
    op, *xs = OPS[name]
    lanes = [op.i_packing.beats(x.size) for x in xs]
    inputs = ["i"] if len(xs) == 1 else [f"i{k}" for k in range(len(xs))]
    check(lambda: op.unit(*xs), lanes, lambda net, ins: op.stream(net, ins, *xs), inputs)


@pytest.mark.parametrize("depth", [1, 2, 4, 5, 9])
def test_queues(depth):
    held = depth > Fifo.SMALL
    check(lambda: Fifo(X.shape, 2, depth), [12], lambda net, ins: net.register(
        net.queue(ins[0], depth - 1)) if held else net.queue(ins[0], depth))


def test_buffer():
    check(lambda: Buffer(X.shape, 2), [12], lambda net, ins: net.queue(ins[0], 2))


@pytest.mark.parametrize("factor", [2, 3])
def test_widths(factor):
    check(lambda: Widen(X.shape, 1, factor), [12], lambda net, ins: net.widen(ins[0], factor))
    check(lambda: Narrow(X.shape, 1, factor), [12], lambda net, ins: net.narrow(ins[0], factor))


@pytest.mark.parametrize(("factor", "vector"), [(2, 3), (3, 4), (3, 11), (5, 6)])
def test_widths_of_vectors_that_do_not_divide(factor, vector):
    sizes = [2 * vector], [2 * -(-vector // factor)]
    check(lambda: Widen(X.shape, 1, factor, vector=vector), sizes[0],
          lambda net, ins: net.widen(ins[0], factor, vector))
    check(lambda: Narrow(X.shape, 1, factor, vector=vector), sizes[1],
          lambda net, ins: net.narrow(ins[0], factor, vector))


class Parted(wiring.Component):
    """A fork whose ways are of different length, and meet."""

    def __init__(self):
        super().__init__({"i": In(beats(X.shape, 2)), "o": Out(beats(X.times(2).shape, 2))})

    def elaborate(self, platform):
        m = Module()
        m.submodules.fork = fork = Fork(X.shape, 2, 2)
        m.submodules.queue = queue = Fifo(X.shape, 2, 3)
        m.submodules.narrow = narrow = Narrow(X.shape, 1, 2)
        m.submodules.widen = widen = Widen(X.shape, 1, 2)
        one = np.ones(2, np.int64)
        m.submodules.sum = total = SumUnit(one, one, xs=(X, X), y=X.times(2), lanes=2)
        connect(m, flipped(self.i), fork.i)
        connect(m, fork.o0, queue.i)
        connect(m, fork.o1, narrow.i)
        connect(m, narrow.o, widen.i)
        connect(m, queue.o, total.i0)
        connect(m, widen.o, total.i1)
        connect(m, total.o, flipped(self.o))
        return m


def test_fork():
    def stream(net, ins):
        a, b = net.fork(ins[0], 2)
        return net.join([net.queue(a, 3), net.widen(net.narrow(b, 2), 2)])

    check(Parted, [12], stream)
