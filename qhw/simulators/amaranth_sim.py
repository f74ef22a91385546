"""Simulation with Amaranth's own simulator: slow, but without other tools."""

from collections.abc import Callable
from typing import Any

import numpy as np
from amaranth.sim import Simulator

from ..design.beats import to_bytes, words_to_codes
from ..design.cycles import predict
from ..design.top import Top
from ..errors import ToolError
from ..graph import Graph
from .run import Run

__all__ = ["simulate"]

STALLS = (0, 0, 0, 1, 2, 3, 40)
"""Cycles that random pauses last; some fill every buffer."""


def simulate(graph: Graph, codes: np.ndarray, *, stalls: int | None = None, trace: bool = False,
             progress: Callable[[int], None] = lambda done: None) -> Run:
    """Simulates a lowered graph with Amaranth; ToolError if output beats are missing.

    Parameters
    ----------
    graph : the lowered graph
    codes : input codes (N, *shape)
    stalls : seed of random stalls at both ends, a number; None for no stalls
    trace : whether to keep every layer's output
    progress : called with the number of samples done
    """
    bench = _Bench(Top(graph, taps=trace), codes, stalls, progress)
    sim: Any = Simulator(bench.top)
    sim.add_clock(1e-6)
    sim.add_testbench(bench.drive)
    sim.add_testbench(bench.take)
    sim.add_testbench(bench.watch, background=True)
    interval, latency = predict(graph)
    beats = bench.top.input.beats + bench.top.output.beats
    bound = 1000 + 10 * (latency + len(codes) * (interval + max(STALLS) * beats))
    for _ in range(2 * bound):
        if not sim.advance():
            break
    else:
        raise ToolError(f"The hardware gave {len(bench.words)} of {bench.wanted} beats "
                        f"in {bound} cycles")
    output = bench.top.output
    return Run(words_to_codes(bench.words, output.codes, output.lanes, graph.answer.shape),
               bench.last - bench.first + 1,
               {s.name: words_to_codes(bench.tapped[s.name], s.y.integer, s.o_lanes, s.y.shape,
                                       s.o.vector) for s in bench.top.tapped})


class _Bench:
    """Both ends of the network's streams, and an eye on what moves in between."""

    def __init__(self, top: Top, codes: np.ndarray, stalls: int | None,
                 progress: Callable[[int], None]):
        self.top, self.stalls, self.progress = top, stalls, progress
        self.i_words = [int.from_bytes(beat.tobytes(), "little")
                        for beat in to_bytes(codes, top.input.codes, top.input.lanes)]
        self.samples = len(codes)
        self.wanted = self.samples * top.output.beats
        self.words: list[int] = []
        self.tapped: dict[str, list[int]] = {stage.name: [] for stage in top.tapped}
        self.first = self.last = -1
        self.i_random, self.o_random = (np.random.default_rng([stalls or 0, k]) for k in (0, 1))

    async def _stall(self, ctx: Any, random: np.random.Generator) -> None:
        if self.stalls is not None and (cycles := int(random.choice(STALLS))):
            await ctx.tick().repeat(cycles)

    async def drive(self, ctx: Any) -> None:
        top = self.top
        for word in self.i_words:
            await self._stall(ctx, self.i_random)
            ctx.set(top.s_axis_tdata, word)
            ctx.set(top.s_axis_tvalid, 1)
            await ctx.tick().until(top.s_axis_tready)
            ctx.set(top.s_axis_tvalid, 0)

    async def take(self, ctx: Any) -> None:
        top = self.top
        while len(self.words) < self.wanted:
            await self._stall(ctx, self.o_random)
            ctx.set(top.m_axis_tready, 1)
            data, last = await ctx.tick().sample(top.m_axis_tdata, top.m_axis_tlast).until(
                top.m_axis_tvalid)
            ctx.set(top.m_axis_tready, 0)
            self.words.append(data)
            if last != (len(self.words) % top.output.beats == 0):
                raise ToolError(f"TLAST is {last} at output beat {len(self.words)}")
            self.progress(len(self.words) // top.output.beats)
        while not self.traced:
            await ctx.tick()

    @property
    def traced(self) -> bool:
        """Whether all layers have said all; some is not needed for the last output."""
        return all(len(self.tapped[s.name]) >= self.samples * s.o.beats(s.y.size)
                   for s in self.top.tapped)

    async def watch(self, ctx: Any) -> None:
        top, cycle = self.top, 0
        taps = [top.tap(stage, what) for stage in top.tapped for what in ("valid", "data")]
        async for _, _, come, gone, *seen in ctx.tick().sample(
                top.s_axis_tvalid & top.s_axis_tready, top.m_axis_tvalid & top.m_axis_tready,
                *taps):
            if come and self.first < 0:
                self.first = cycle
            if gone:
                self.last = cycle
            for words, valid, data in zip(self.tapped.values(), seen[::2], seen[1::2],
                                          strict=True):
                if valid:
                    words.append(data)
            cycle += 1
