"""Thresholds: an activation code is the number of the channel's thresholds that the sum reaches."""

from typing import Any

import numpy as np
from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...exact.num import Int
from ...tools.hdl import Component, Memory, like
from ..fabric import Expressions, Fabric, Parts, added
from ..storage.memory import pack, per_group
from ..streams.stream import beats, step

__all__ = ["ThresholdUnit"]


class ThresholdUnit(Component):
    """Counts the thresholds that each sum reaches, by binary search, one level a cycle.

    A code is ``lo`` plus that number, or where ``flip`` is set ``hi`` less that number. A code of k
    bits takes k comparators a lane and k - 1 cycles. The first threshold compared with is often 0
    for all channels (the accumulator began at minus the threshold); then its comparator is a sign
    bit.

    Parameters
    ----------
    thresholds : (channels, levels - 1), rising along the second axis
    flip : (channels,)
    pe : lanes, a divisor of the channels

    Members
    -------
    i : beats of ``pe`` integers of the interval ``x``
    o : beats of ``pe`` codes
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, thresholds: np.ndarray, flip: np.ndarray, *, x: Int, lo: int, pe: int):
        channels, self.count = thresholds.shape
        if channels % pe:
            raise ValueError(f"PE must divide the {channels} channels, and {pe!r} does not")
        self.x, self.y, self.pe, self.groups = x, Int(lo, lo + self.count), pe, channels // pe
        self.bits = self.count.bit_length()
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

    def _longer(self, x: Value, limit: Value, path: Value) -> Value:
        """Builds the bits found so far with the next one before them."""
        return Cat(x >= limit, path)

    def _code(self, path: Value, flip: Value) -> Value:
        """Builds the code of the bits that the search has found."""
        return self.y.lo + Mux(flip, self.count - path, path)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        move = Signal()
        take = Signal()
        first, known = per_group(m, "middle", self.level(0)[:, :, 0], self.limit, take)
        flips, flips_known = per_group(m, "flip", self.flip, Int(0, 1),
                                       self.o.ready & self.o.valid)
        valid, xs = self.i.valid & known & flips_known, list(self.i.payload)
        m.d.comb += [
            move.eq(self.o.ready | ~self.o.valid),
            self.i.ready.eq(move & known & flips_known),
            take.eq(move & valid),
        ]
        paths = [x >= t for x, t in zip(xs, first, strict=True)]

        group = None
        for s in range(1, self.bits):
            valid, group, xs, paths = self._level(m, s, move, valid, group, xs, paths)
        m.d.comb += self.o.valid.eq(valid)

        for y, path, flip in zip(self.o.payload, paths, flips, strict=True):
            m.d.comb += y.eq(self._code(path, flip))
        return m

    def _level(self, m: Module, s: int, move: Value, valid: Value, group: Signal | None,
               xs: list[Value],
               paths: list[Value]) -> tuple[Value, Signal, list[Value], list[Value]]:
        """Builds one level: a register, a memory read in parallel with it, a comparison."""
        if group is None:
            group = Signal(range(self.groups))
            with m.If(move & valid):
                step(m, group, self.groups)
        after = Signal(name=f"valid{s}")
        beside = like(group, name=f"group{s}")
        with m.If(move):
            m.d.sync += [after.eq(valid), beside.eq(group)]
        x_regs, longer = list[Value](), list[Value]()
        for lane, (x, path) in enumerate(zip(xs, paths, strict=True)):
            x_reg = Signal(self.x.shape, name=f"x{s}_{lane}")
            path_reg = Signal(s, name=f"path{s}_{lane}")
            with m.If(move):
                m.d.sync += [x_reg.eq(x), path_reg.eq(path)]
            words = self.level(s)[:, lane].ravel().tolist()
            memory = Memory(shape=self.limit.shape, depth=len(words), init=words)
            m.submodules[f"level{s}_{lane}"] = memory
            port = memory.read_port()
            m.d.comb += [port.en.eq(move), port.addr.eq(Cat(path, group))]
            x_regs.append(x_reg)
            longer.append(self._longer(x_reg, port.data, path_reg))
        return after, beside, x_regs, longer

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of each level's memories, comparators and registers, and of the codes."""
        first, middles = chip.per_group(self.level(0)[:, :, 0], self.limit)
        flip, flips = chip.per_group(self.flip, Int(0, 1))
        parts = added(first, flip, {"threshold": 1, "threshold.sign": self.pe * (self.bits == 1)})
        e = chip.expressions()
        paths: list[Any] = [Signal(self.x.shape) >= t for t in middles]
        for s in range(1, self.bits):
            parts = added(parts, {"ff": self.pe, "ff.lone": (
                1 + self.pe * (self.x.width + s - 1) + max(self.groups - 1, 0).bit_length())})
            found = [self._level_of(chip, e, s, lane, path) for lane, path in enumerate(paths)]
            parts = added(parts, *(memory for memory, _ in found))
            paths = [path for _, path in found]
        e.need(*(e.assign(Signal(self.y.shape), self._code(path, flip))
                 for path, flip in zip(paths, flips, strict=True)))
        return added(parts, chip.mapped(e), chip.counter(self.groups) if self.bits > 1 else {})

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
