"""Thresholds: an activation code is the number of the channel's thresholds that the sum reaches."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out, flipped

from ...exact.num import Int
from ...tools.hdl import Component, Memory, connect, like
from ..fabric import PATH, STAGED, Expressions, Fabric, Parts, added
from ..storage.memory import pack, per_group
from ..streams.stream import Buffer, beats, step

__all__ = ["ThresholdUnit", "most_stages"]

CODE, STOP = 1, 8
"""Levels from a code to the registers of the next unit, and of the logic that stops the unit and
the one before it when the next is not ready, without a skid buffer."""


def most_stages(bits: int) -> int:
    """Returns the most stages for a clock of codes of ``bits`` bits: a skid buffer, and registers
    before and behind each comparator."""
    return 1 + 2 * bits


@dataclass
class _Beat:
    """A beat in the search: valid bit, integers, limits to compare with, bits found so far, and
    group of channels."""

    valid: Value
    xs: list[Value]
    limits: list[Value]
    paths: list[Any]
    group: Signal | None = None

    def kept(self, m: Module, move: Value, name: str) -> "_Beat":
        """Builds a register of the beat, which takes the next one while ``move`` is 1."""
        def register(value: Any, what: str) -> Any:
            if value is None:
                return None
            made = Signal(Value.cast(value).shape(), name=f"{name}_{what}")
            m.d.sync += made.eq(value)
            return made

        with m.If(move):
            xs, limits, paths = ([register(value, f"{what}{k}") for k, value in enumerate(values)]
                                 for what, values in (("x", self.xs), ("limit", self.limits),
                                                      ("path", self.paths)))
            return _Beat(register(self.valid, "valid"), xs, limits, paths,
                         register(self.group, "group"))


class ThresholdUnit(Component):
    """Counts the thresholds that each sum reaches, by binary search, one level a cycle.

    A code is ``lo`` plus that number, or where ``flip`` is set ``hi`` less that number. A code of k
    bits takes k comparators a lane and k - 1 cycles. The first threshold compared with is often 0
    for all channels (the accumulator began at minus the threshold); then its comparator is a sign
    bit.

    Each stage for a clock is a cycle more. The first is a skid buffer of the codes, which ends the
    logic that stops all units from the next skid buffer to this one. Then registers stand behind
    comparators and before the next level's memory, from the last level, whose memory is the
    largest, to the first; then behind the last comparator; then between memories and comparators.

    Parameters
    ----------
    thresholds : (channels, levels - 1), rising along the second axis
    flip : (channels,)
    pe : lanes, a divisor of the channels
    stages : stages for a clock, at most ``most_stages``; ValueError otherwise

    Members
    -------
    i : beats of ``pe`` integers of the interval ``x``
    o : beats of ``pe`` codes
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, thresholds: np.ndarray, flip: np.ndarray, *, x: Int, lo: int, pe: int,
                 stages: int = 0):
        channels, self.count = thresholds.shape
        if channels % pe:
            raise ValueError(f"PE must divide the {channels} channels, and {pe!r} does not")
        self.x, self.y, self.pe, self.groups = x, Int(lo, lo + self.count), pe, channels // pe
        self.bits = self.count.bit_length()
        most = most_stages(self.bits)
        if not 0 <= stages <= most:
            raise ValueError(f"stages must be 0 to {most}, and {stages!r} is not")
        self.skid, inside = stages > 0, max(stages - 1, 0)
        places = [*reversed(range(self.bits - 1)), self.bits - 1]
        self.behind = set(places[:inside])
        """Levels with a register behind their comparators."""
        self.before = set(sorted(places, reverse=True)[:max(inside - self.bits, 0)])
        """Levels with a register between their memories and their comparators."""
        self.flip = flip.reshape(self.groups, pe)
        self.limit = x | Int(x.hi + 1, x.hi + 1)
        never = np.full((channels, (1 << self.bits) - 1 - self.count), x.hi + 1)
        self.thresholds = np.concatenate([np.clip(thresholds, x.lo, x.hi + 1), never], axis=1
                                         ).reshape(self.groups, pe, -1)
        super().__init__({"i": In(beats(x.shape, pe)), "o": Out(beats(self.y.shape, pe))})

    def level(self, s: int) -> np.ndarray:
        """Returns the thresholds of search level ``s``, (groups, pe, 2**s); the last index is the
        code bits found by earlier levels."""
        return self.thresholds[:, :, (1 << self.bits - 1 - s) - 1::1 << self.bits - s]

    def _longer(self, x: Value, limit: Value, path: Value | None) -> Value:
        """Builds the bits found so far, if there are any, with the next one before them."""
        return x >= limit if path is None else Cat(x >= limit, path)

    def _code(self, path: Value, flip: Value) -> Value:
        """Builds the code of the bits that the search has found."""
        return self.y.lo + Mux(flip, self.count - path, path)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        o: Any = self.o
        if self.skid:
            m.submodules.codes = codes = Buffer(self.y.shape, self.pe)
            connect(m, codes.o, flipped(self.o))
            o = codes.i
        move = Signal()
        take = Signal()
        first, known = per_group(m, "middle", self.level(0)[:, :, 0], self.limit, take)
        flips, flips_known = per_group(m, "flip", self.flip, Int(0, 1),
                                       o.ready & o.valid)
        valid = self.i.valid & known & flips_known
        m.d.comb += [
            move.eq(o.ready | ~o.valid),
            self.i.ready.eq(move & known & flips_known),
            take.eq(move & valid),
        ]
        beat = _Beat(valid, list(self.i.payload), first, [None] * self.pe)
        for s in range(self.bits):
            if s:
                beat = self._read(m, s, move, beat)
            if s in self.before:
                beat = beat.kept(m, move, f"operand{s}")
            beat = replace(beat, limits=[], paths=[self._longer(*lane) for lane in zip(
                beat.xs, beat.limits, beat.paths, strict=True)])
            if s in self.behind:
                beat = beat.kept(m, move, f"found{s}")
        m.d.comb += o.valid.eq(beat.valid)

        for y, path, flip in zip(o.payload, beat.paths, flips, strict=True):
            m.d.comb += y.eq(self._code(path, flip))
        return m

    def _read(self, m: Module, s: int, move: Value, beat: "_Beat") -> "_Beat":
        """Builds the begin of a level: a register, and a memory read in parallel with it."""
        group = beat.group
        if group is None:
            group = Signal(range(self.groups))
            with m.If(move & beat.valid):
                step(m, group, self.groups)
        after = Signal(name=f"valid{s}")
        beside = like(group, name=f"group{s}")
        with m.If(move):
            m.d.sync += [after.eq(beat.valid), beside.eq(group)]
        read = _Beat(after, [], [], [], beside)
        for lane, (x, path) in enumerate(zip(beat.xs, beat.paths, strict=True)):
            x_reg = Signal(self.x.shape, name=f"x{s}_{lane}")
            path_reg = Signal(s, name=f"path{s}_{lane}")
            with m.If(move):
                m.d.sync += [x_reg.eq(x), path_reg.eq(path)]
            words = self.level(s)[:, lane].ravel().tolist()
            memory = Memory(shape=self.limit.shape, depth=len(words), init=words)
            m.submodules[f"level{s}_{lane}"] = memory
            port = memory.read_port()
            m.d.comb += [port.en.eq(move), port.addr.eq(Cat(path, group))]
            read.xs.append(x_reg)
            read.limits.append(port.data)
            read.paths.append(path_reg)
        return read

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of each level's memories, comparators and registers, and of the codes."""
        first, middles = chip.per_group(self.level(0)[:, :, 0], self.limit)
        flip, flips = chip.per_group(self.flip, Int(0, 1))
        parts = added(first, flip, {"threshold": 1, "threshold.sign": self.pe * (self.bits == 1)})
        e = chip.expressions()
        paths: list[Any] = [Signal(self.x.shape) >= t for t in middles]
        index = max(self.groups - 1, 0).bit_length()
        for s in range(1, self.bits):
            parts = added(parts, {"ff": self.pe, "ff.lone": (
                1 + self.pe * (self.x.width + s - 1) + index)})
            found = [self._level_of(chip, e, s, lane, path) for lane, path in enumerate(paths)]
            parts = added(parts, *(memory for memory, _ in found))
            paths = [path for _, path in found]
        e.need(*(e.assign(Signal(self.y.shape), self._code(path, flip))
                 for path, flip in zip(paths, flips, strict=True)))
        return added(parts, chip.mapped(e), chip.counter(self.groups) if self.bits > 1 else {},
                     self._registers(index), {PATH: self._path(chip, middles)},
                     added({STAGED: 1}, chip.buffer(self.pe * self.y.width)) if self.skid else {})

    def _registers(self, index: int) -> Parts:
        """Lists the registers for a clock, beside ``index`` bits of the group."""
        lanes = [*(self.x.width * (s < self.bits - 1) + s + 1 for s in self.behind),
                 *(self.x.width + self.limit.width + s for s in self.before)]
        beside = sum(1 + index * (s > 0) for places in (self.behind, self.before) for s in places)
        return {"ff.lone": beside + self.pe * sum(lanes)} if lanes else {}

    def _path(self, chip: Fabric, middles: list[Value]) -> float:
        """Computes the longest path between registers in nanoseconds, at most through a level's
        memory, its comparator and the next level's address."""
        paths, ahead = list[float](), 0.0
        for s in range(self.bits):
            words = pack(self.level(s).swapaxes(0, 1).reshape(-1, 1), self.limit.width)
            out, into = chip.reading(words[:len(words) // self.pe], self.limit.width)
            limit = middles[0] if s == 0 else Signal(self.limit.shape)
            if s or not isinstance(limit, Const):
                paths.append(ahead + into)
                ahead = out
            if s in self.before:
                paths.append(ahead + chip.levels(1))
                ahead = 0.0
            ahead += chip.comparing(Signal(self.x.shape) >= limit)
            if s in self.behind:
                paths.append(ahead)
                ahead = 0.0
        ahead += chip.levels(CODE + int(self.flip.any() or self.y.lo != 0))
        return max(*paths, ahead, 0 if self.skid else chip.levels(STOP))

    def _level_of(self, chip: Fabric, e: Expressions, s: int, lane: int, path: Any
                  ) -> tuple[Parts, Value]:
        """Lists the parts of a level's memory; returns also the path behind its comparator. Where
        bits of the path before are known, part of the memory is never read."""
        words = pack(self.level(s)[:, lane, e.possible(path)].reshape(-1, 1), self.limit.width)
        e.need(path)
        x = Signal(self.x.shape)
        signs = s == 1 and not self.level(0).any()
        limit = chip.limit(words, self.limit, x[-1] if signs else None)
        return (chip.rom(words, self.limit.width, counted=False),
                self._longer(x, limit, e.register(path)))
