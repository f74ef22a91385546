"""Units with a state, and their reset."""

from amaranth.hdl import Module, ResetInserter, Signal
from amaranth.sim import Simulator

MOST = 5000
"""Cycles after which a sequence that does not end is a deadlock."""


def passed(unit, sequences, every=1):
    """What a unit makes of each sequence of beats, with a reset before each. A beat is offered in
    each of ``every`` cycles."""
    found, again = [], Signal()
    m = Module()
    m.submodules.unit = ResetInserter(again)(unit)

    async def bench(ctx):
        for beats, wanted in sequences:
            got, k, cycle = [], 0, 0
            ctx.set(again, 1)
            await ctx.tick()
            ctx.set(again, 0)
            ctx.set(unit.o.ready, 1)
            while len(got) < wanted:
                ctx.set(unit.i.valid, k < len(beats) and cycle % every == 0)
                ctx.set(unit.i.payload, beats[min(k, len(beats) - 1)])
                k, cycle = k + ctx.get(unit.i.valid & unit.i.ready), cycle + 1
                assert cycle < MOST, "no output follows"
                if ctx.get(unit.o.valid):
                    got.append(ctx.get(unit.o.payload[0]))
                await ctx.tick()
            found.append(got)

    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.run()
    return found
