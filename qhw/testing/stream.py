"""Simulation as a function that looks like the golden: items in, items out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from amaranth.hdl import Module, Signal
from amaranth.sim import Simulator

__all__ = ["Hung", "plain", "run"]

MOST = 20_000
"""Cycles after which a stream that does not end is a deadlock."""


class Hung(AssertionError):
    """A stream that does not end."""


def plain(payload: Any) -> Any:
    """Makes nested lists of integers of a payload."""
    try:
        return [plain(element) for element in payload]
    except TypeError:
        return int(payload)


def run(dut: Any, items: Sequence[Any], *, outputs: int | None = None, stalls: int | None = None,
        times: bool = False) -> Any:
    """Returns the beats that a component with streams ``i`` and ``o`` puts out for ``items``.

    Parameters
    ----------
    dut, items : the component, and the payloads of its beats in sequence
    outputs : number of beats to wait for; by default that of ``items``
    stalls : seed of pauses at both ends, or None
    times : whether the cycles in which beats moved, (in, out), are returned too"""
    outputs = len(items) if outputs is None else outputs
    rng = np.random.default_rng(stalls)
    got: list[Any] = []
    moved: tuple[list[int], list[int]] = ([], [])

    async def pause(ctx: Any) -> None:
        if stalls is not None and (n := int(rng.choice([0, 0, 1, 2, 9]))):
            await ctx.tick().repeat(n)

    async def drive(ctx: Any) -> None:
        for item in items:
            await pause(ctx)
            ctx.set(dut.i.payload, item)
            ctx.set(dut.i.valid, 1)
            await ctx.tick().until(dut.i.ready)
            ctx.set(dut.i.valid, 0)

    async def take(ctx: Any) -> None:
        while len(got) < outputs:
            await pause(ctx)
            ctx.set(dut.o.ready, 1)
            payload, = await ctx.tick().sample(dut.o.payload).until(dut.o.valid)
            ctx.set(dut.o.ready, 0)
            got.append(plain(payload))

    async def watch(ctx: Any) -> None:
        """Counts beats, and holds the stream to its rule: what waits stays as it is."""
        cycle, held = 0, None
        async for _, _, i, valid, ready, payload in ctx.tick().sample(
                dut.i.valid & dut.i.ready, dut.o.valid, dut.o.ready, dut.o.payload):
            assert held is None or (valid and plain(payload) == held), "a waiting beat changed"
            held = plain(payload) if valid and not ready else None
            moved[0].extend([cycle] * i)
            moved[1].extend([cycle] * (valid & ready))
            cycle += 1

    m = Module()    # a clock even for a component without registers
    m.submodules.dut = dut
    m.d.sync += Signal().eq(1)
    sim: Any = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(drive)
    sim.add_testbench(take)
    sim.add_testbench(watch, background=True)
    for _ in range(2 * MOST):
        if not sim.advance():
            return (got, moved) if times else got
    raise Hung(f"{len(got)} of {outputs} items after {MOST} cycles")
