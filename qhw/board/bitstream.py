"""The bitstream of a network on a board: its Verilog behind the board's pins, at the fastest clock
that place and route reaches."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..design.top import module_name
from ..errors import ModelError
from ..graph import Graph
from ..link.link import identity
from ..synthesis.place import Placed, flow, pack, place
from ..synthesis.synth import cells, read_netlist
from ..targets.boards import Board
from ..targets.cost import SITES, Cost
from ..targets.timing import megahertz
from ..tools import programs
from ..tools.processes import scratch
from ..tools.typed import Known
from ..verilog.design import Design
from .clock import Clock
from .top import BoardTop, platform

__all__ = ["Longest", "OnBoard", "bitstream"]

GUESS = 0.85
"""Fraction of the estimated clock that is tried first: the estimate knows wires only on average."""
MARGIN = 0.04
"""Fraction by which the next clock is below the last Fmax, and again for each failed try.

A link for another clock is placed differently, so Fmax varies.
"""
NEAR = 0.1
"""Relative difference at which a clock counts as near Fmax."""
TRIES = 4


@dataclass(frozen=True)
class Longest:
    """The longest path between registers: ``whole_ns`` in total, ``ns`` of it in ``layer``."""

    layer: str | None
    """The unit that most of it is in; None for the link."""
    ns: float
    """Nanoseconds in that unit."""
    whole_ns: float


@dataclass(frozen=True, eq=False)
class OnBoard(Known):
    """A network placed and routed on a board: ``place`` in the record."""

    board: str
    network: str
    """Identity of its network, in hex."""
    bitstream: str
    """Name of the file."""
    clock_mhz: float
    clock_hz: int
    oscillator_mhz: float
    pll: Mapping[str, int] | None
    """Dividers; None if the oscillator is the clock."""
    fmax_mhz: float
    """That place and route reached."""
    luts: int
    brams: int
    dsps: int
    of: Mapping[str, int]
    """Sites of the chip by kind."""
    inferences_per_second: float
    longest: Longest
    baud: int
    tries: int
    """Runs of place and route."""
    seconds: float


@dataclass(frozen=True)
class Try:
    """One run of place and route at one clock frequency, with its files."""

    clock: Clock
    design: Design
    placed: Placed
    bitstream: bytes
    files: Mapping[str, str]

    @property
    def met(self) -> bool:
        """Whether timing is met."""
        return self.placed.fmax_mhz >= self.clock.mhz


class _Build:
    """One network on one board."""

    def __init__(self, graph: Graph, board: Board):
        self.graph, self.board, self.family = graph, board, board.chip.family
        self.name = module_name(graph)
        self.tries: list[Try] = []

    def fixed(self, mhz: float) -> Try:
        """At a given clock; ModelError if timing is not met."""
        done = self.run(Clock.below(self.board, mhz))
        if not done.met:
            raise self.too_slow(done)
        return done

    def fastest(self, mhz: float) -> Try:
        """At the best clock found, beginning with a guess; ModelError if there is none."""
        clock = self._start(mhz)
        for _ in range(TRIES):
            done = self.run(clock)
            reached = done.placed.fmax_mhz
            if done.met and done.clock.mhz >= reached * (1 - NEAR):
                break
            try:
                failed = sum(not t.met for t in self.tries)
                clock = Clock.below(self.board, reached * (1 - MARGIN * (failed + 1)))
            except ModelError:
                break
            if any(clock.mhz == t.clock.mhz for t in self.tries):
                break
        met = [t for t in self.tries if t.met]
        if not met:
            raise self.too_slow(max(self.tries, key=lambda t: t.placed.fmax_mhz - t.clock.mhz))
        return max(met, key=lambda t: t.clock.mhz)

    def _start(self, mhz: float) -> Clock:
        try:
            return Clock.below(self.board, mhz)
        except ModelError:
            return Clock(self.board)

    def run(self, clock: Clock) -> Try:
        """All the way from Verilog to bits, in a folder of its own."""
        design = Design.of(self.graph, self.board.chip, link=clock.link)
        with scratch("qhw-place-") as folder:
            pins = self._prepare(folder, clock, design)
            self._synthesize(folder, design)
            placed = place(folder, self.family, pins, float(clock.mhz))
            bits = pack(folder, self.family, pins, self.board.pack)
            constraints = f"top{flow(self.family).constraints}"
            found = Try(clock, design, placed, bits, {
                **design.files, f"{self.name}_board.il": (folder / "top.il").read_text(),
                f"{self.name}_board{flow(self.family).constraints}":
                    (folder / constraints).read_text()})
        self.tries.append(found)
        return found

    def _prepare(self, folder: Path, clock: Clock, design: Design) -> Any:
        """Writes network, shell and constraints as files."""
        pins = platform(self.board)
        top = BoardTop(design.name, self.board, clock.pll)
        plan = pins.prepare(top, "top", emit_src=False)
        wanted = {"top.il", f"top{flow(self.family).constraints}"}
        for file, text in {**design.files, **{n: plan.files[n] for n in wanted}}.items():
            (folder / file).write_text(text, encoding="utf-8")
        return pins

    def _synthesize(self, folder: Path, design: Design) -> None:
        """``netlist.json``; ModelError if the chip is too small for it."""
        programs.run_yosys([
            *(f"read_verilog {file}" for file in design.files if file.endswith(".v")),
            "read_rtlil top.il",
            "hierarchy -top top",
            f"{self.board.chip.family.synth} -top top",
            "delete t:$scopeinfo",
            "write_json netlist.json"], folder)
        cost = cells(read_netlist(folder)["top"], self.board.chip)
        for kind, word in SITES.items():
            needs, has = getattr(cost, kind), getattr(self.board.chip, kind)
            if needs > has:
                raise ModelError(f"{self.graph.name}: synthesized with its link it needs {needs} "
                                 f"{word}, and {self.board.name} has {has}; fold it smaller")

    # -- the record

    def too_slow(self, of: Try) -> ModelError:
        unit, ns = of.placed.slowest(of.design.instances)
        where = f"{unit!r}" if unit else "the link"
        return ModelError(
            f"{self.graph.name}: at {float(of.clock.mhz):g} MHz on {self.board.name} timing is not "
            f"met: place and route reach {of.placed.fmax_mhz:.2f} MHz, "
            f"{float(of.clock.mhz) / of.placed.fmax_mhz - 1:.0%} too little; the longest path "
            f"takes {1000 / of.placed.fmax_mhz:.1f} ns, {ns:.1f} ns of it in {where}")

    def known(self, done: Try, seconds: float) -> OnBoard:
        """Makes its record."""
        mhz, interval = float(done.clock.mhz), done.design.cycles.interval
        unit, ns = done.placed.slowest(done.design.instances)
        used = {kind: count for kind, (count, _) in done.placed.used.items()}
        return OnBoard(
            board=self.board.name, network=identity(self.graph).hex(),
            bitstream=f"{self.name}{flow(self.family).suffix}",
            clock_mhz=round(mhz, 4), clock_hz=done.clock.hz,
            oscillator_mhz=self.board.clock_mhz,
            pll=dict(done.clock.pll.dividers) if done.clock.pll else None,
            fmax_mhz=round(done.placed.fmax_mhz, 2),
            luts=used["luts"], brams=used["brams"], dsps=used["dsps"],
            of={kind: most for kind, (_, most) in done.placed.used.items()},
            inferences_per_second=round(mhz * 1e6 / interval, 1),
            longest=Longest(unit or None, round(ns, 2), round(1000 / done.placed.fmax_mhz, 2)),
            baud=self.board.baud, tries=len(self.tries), seconds=round(seconds, 1))


def bitstream(graph: Graph, board: Board, *, clock_mhz: float | None, estimate: Cost
              ) -> tuple[dict[str, str | bytes], OnBoard]:
    """Builds a board's bitstream; returns files by name and the record of place and route.

    ModelError if the network does not fit, or if timing is not met.

    Parameters
    ----------
    graph : the lowered graph
    board : the board
    clock_mhz : the clock in MHz; None for the fastest
    estimate : predicted cost, for the first clock
    """
    begin = time.perf_counter()
    build = _Build(graph, board)
    done = build.fixed(clock_mhz) if clock_mhz else build.fastest(
        GUESS * megahertz(estimate.ns, board.chip.delays))
    known = build.known(done, time.perf_counter() - begin)
    return {**done.files, known.bitstream: done.bitstream}, known
