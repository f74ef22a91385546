"""A network inside another Amaranth design answers what the golden says."""

import numpy as np
import pytest
from amaranth.hdl import Module, Value
from amaranth.lib import wiring
from amaranth.sim import Simulator

from qhw.design.beats import to_bytes, words_to_codes
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.fold.goal import Goal
from qhw.graph import Graph, Node, PeSimd
from qhw.integration.component import component
from qhw.layers import Dense, Input
from qhw.schemes.fixed import Fixed
from qhw.simulators import golden

RNG = np.random.default_rng(5)
DENSE = Dense(Fixed(4), Fixed(4).quantize(RNG.normal(size=(6, 8))))
WEIGHTS = DENSE.integers
NETWORK = Graph("net", (Node("in", Input((8,), Int(-4, 3))), Node("fc", DENSE, ("in",))))


class Outer(wiring.Component):
    """Two copies of a network, side by side, of which the second sees the codes inverted."""

    def __init__(self, **options):
        self.plain, self.inverted = component(NETWORK, **options), component(NETWORK, **options)
        ports = self.plain.signature.members
        super().__init__({"i": ports["i"], "a": ports["o"], "b": ports["o"]})

    def elaborate(self, platform):
        m = Module()
        m.submodules.plain, m.submodules.inverted = self.plain, self.inverted
        both = self.plain.i.ready & self.inverted.i.ready
        for part, out in ((self.plain, self.a), (self.inverted, self.b)):
            m.d.comb += part.i.valid.eq(self.i.valid & both)
            wiring.connect(m, part.o, wiring.flipped(out))
        m.d.comb += [
            self.i.ready.eq(both),
            Value.cast(self.plain.i.payload).eq(Value.cast(self.i.payload)),
            Value.cast(self.inverted.i.payload).eq(~Value.cast(self.i.payload))]
        return m


def answers(outer, x):
    """What both copies answer, read with pauses."""
    words, port = {"a": [], "b": []}, outer.plain.output

    async def give(ctx):
        for beat in to_bytes(x, outer.plain.input.codes, outer.plain.input.lanes):
            ctx.set(Value.cast(outer.i.payload), int.from_bytes(beat.tobytes(), "little"))
            ctx.set(outer.i.valid, 1)
            await ctx.tick().until(outer.i.ready)
        ctx.set(outer.i.valid, 0)

    def take(name, pause):
        async def bench(ctx):
            o = getattr(outer, name)
            while len(words[name]) < len(x) * port.beats:
                await ctx.tick().repeat(pause)
                ctx.set(o.ready, 1)
                word, = await ctx.tick().sample(Value.cast(o.payload)).until(o.valid)
                words[name].append(word)
                ctx.set(o.ready, 0)
        return bench

    sim = Simulator(outer)
    sim.add_clock(1e-6)
    for bench in (give, take("a", 1), take("b", 5)):
        sim.add_testbench(bench)
    sim.run_until(1e-6 * 5000)
    return [words_to_codes(words[name], port.codes, port.lanes, (6,)) for name in "ab"]


@pytest.mark.parametrize("options", [
    {}, {"folds": {"fc": PeSimd(2, 4)}}, {"folds": {"fc": PeSimd(6, 8)}}, {"cycles": 6},
    {"target": "ice40hx8k", "goal": Goal(cycles=12, spatial=False)}], ids=str)
def test_answers_inside_another_design(options):
    x = RNG.integers(-4, 4, (9, 8))
    a, b = answers(Outer(**options), x)
    np.testing.assert_array_equal(a, x @ WEIGHTS.T)
    np.testing.assert_array_equal(b, ~x @ WEIGHTS.T)
    graph = component(NETWORK, **options).graph
    np.testing.assert_array_equal(a, golden.outputs(graph, x))


def test_a_goal_without_a_chip_is_refused():
    with pytest.raises(ModelError, match="needs a chip"):
        component(NETWORK, goal=Goal(cycles=12))
