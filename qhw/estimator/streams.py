"""What moves and reorders streams."""

from typing import Any

from amaranth.hdl import Const, Mux, Signal, Value

from ..hw.streams.fifo import Fifo
from ..hw.streams.reorder import ReorderUnit
from ..hw.streams.stream import Buffer, Narrow, Widen
from ..hw.streams.window import WindowUnit, by_row
from ..hw.units.fabric import Parts, added
from .parts import Chip, made_of

__all__: list[str] = []


@made_of.register
def _(unit: Buffer, chip: Chip) -> Parts:
    return chip.buffer(_bits(unit.i))


@made_of.register
def _(unit: Widen, chip: Chip) -> Parts:
    return added(chip.counter(unit.factor), {"widen": 1, "widen.part": unit.factor, "ff": 1,
                                             "ff.lone": _bits(unit.o)})


@made_of.register
def _(unit: Narrow, chip: Chip) -> Parts:
    bits, part = _bits(unit.i), _bits(unit.o)
    return added(chip.counter(unit.factor + 1), {"narrow": 1, "narrow.bit": bits - part,
                                                 "narrow.load": part, "ff": bits})


def _bits(stream: Any) -> int:
    return len(Value.cast(stream.payload))


@made_of.register
def _window(unit: WindowUnit, chip: Chip) -> Parts:
    """The rows, counters for every loop, and the places that they lead to."""
    width, line = _bits(unit.i), unit.width * unit.each
    kh, kw = unit.window.kernel
    parts = added(chip.memory(width, unit.depth, writable=True))
    for count in (unit.depth, line, unit.rows, unit.columns, unit.groups, kh, kw, unit.part):
        parts = added(parts, chip.counter(count))
    padded = any(unit.window.pads)
    return added(parts, _places(chip, unit), {
        "window": 1, "window.fill": _bits(unit.o) * padded, "ff": 1 + padded})


def _places(chip: Chip, unit: WindowUnit) -> dict[str, float]:
    """What ``WindowUnit._places`` has for registers: where the window is, in rows, columns and
    addresses. A loop that is done once ends at once, and where it ends is where it began."""
    w, line, depth = unit.window, unit.width * unit.each, unit.depth
    (sy, sx), (dy, dx), (kh, kw) = w.stride, w.dilation, w.kernel
    up, left = w.pads[:2]
    e = chip.expressions()

    def end(count: int) -> Any:
        return Signal() if count > 1 else Const(1)

    def wrapped(value: Any, more: int) -> Any:
        more %= depth
        return Mux(value >= depth - more, value - (depth - more), value + more) if more else value

    y_end, x_end = unit.height + up + w.pads[2], (unit.width + left + w.pads[3]) * unit.each
    row, column = range(-y_end - 1, y_end + 1), range(-x_end - 1, x_end + 1)
    iy, iy_top, ix, ix_left = Signal(row), Signal(row), Signal(column), Signal(column)
    at, at_top = Signal(range(depth)), Signal(range(depth))
    part = Signal(range(unit.each + 1)) if unit.groups > 1 else Const(0)
    c = Signal(range(unit.part)) if unit.part > 1 else Const(0)
    kx_end, ky_end, g_end, ox_end, oy_end = map(end, (kw, kh, unit.groups, unit.columns, unit.rows))
    pixel = ky_end & g_end
    row_end = pixel & ox_end
    down = Mux(oy_end, wrapped(at_top, (unit.height - (unit.rows - 1) * sy) * line),
               wrapped(at_top, sy * line))
    lower = Mux(oy_end, -up, iy_top + sy)
    right = Mux(ox_end, -left * unit.each, ix_left + sx * unit.each)
    held = Signal(range(unit.slots + 1))
    ends = [unit.end(k) - unit.base(k) for k in range(unit.rows)]
    moves = [unit.base(k + 1) - unit.base(k) for k in range(unit.rows)]
    oy = Signal(range(unit.rows))
    inside = (iy >= 0) & (iy < unit.height) & (ix >= 0) & (ix < line)
    registers = [
        Mux(row_end, down, Mux(ky_end, at_top, wrapped(at, dy * line))), down,
        Mux(row_end, lower, Mux(ky_end, iy_top, iy + dy)), lower,
        Mux(pixel, right, Mux(kx_end, ix_left, ix + dx * unit.each)), right,
        held + Signal() - by_row(oy, moves)]
    if unit.groups > 1:
        registers.append(Mux(g_end, 0, part + unit.part))
    copies = {k for k in (0, 2) if kh == 1} | {k for k in (4,) if kw == 1}
    kept = [e.assign(Signal(s.shape()), value) for k, (s, value) in enumerate(zip(
        (at, at_top, iy, iy_top, ix, ix_left, held, part), registers, strict=False))
        if k not in copies]
    found = chip.mapped(e, kept)
    logic = chip.expressions()
    logic.need((at + ix + part + c)[:len(at)], inside, held >= by_row(oy, ends))
    return added(found, chip.mapped(logic))


@made_of.register
def _reorder(unit: ReorderUnit, chip: Chip) -> Parts:
    width, depth = _bits(unit.i), 2 << max(unit.block - 1, 0).bit_length()
    parts = added(chip.memory(width, depth, writable=True), chip.counter(unit.block),
                  {"reorder": 1, "reorder.address": depth.bit_length() * len(unit.loops),
                   "ff": 5 + depth.bit_length() - 2})
    for count, _ in unit.loops:
        parts = added(parts, chip.counter(count))
    return dict(parts)


@made_of.register
def _fifo(unit: Fifo, chip: Chip) -> Parts:
    width = _bits(unit.i)
    used = unit.depth.bit_length()
    if unit.depth <= Fifo.SMALL:
        return {"queue": 1, "queue.bit": width * (unit.depth - 1), "queue.load": width,
                "queue.depth": unit.depth, "ff": width * unit.depth + used}
    return added(chip.memory(width, unit.depth - 1, writable=True),
                 chip.counter(unit.depth - 1), chip.counter(unit.depth - 1),
                 {"fifo": 1, "fifo.used": used, "ff": used + 1})
