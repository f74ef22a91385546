"""The sliding window: a line buffer of whole rows, read in the order in which the products behind
it use the pixels."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal, Value
from amaranth.lib import data, stream
from amaranth.lib.wiring import In, Out

from ...exact.window import Window
from ...tools.hdl import ArrayLayout, Component, Memory, ShapeLike, elements, like
from ..fabric import Fabric, Parts, added
from .stream import beats, step

__all__ = ["WindowUnit", "filled", "widened"]


class WindowUnit(Component):
    """Stores an image's rows in a line buffer and emits the window at each output position.

    An output row begins once all rows under it are in the buffer. The buffer also has room for the
    rows that the next output row adds, of the next image too. No cycle is lost between rows or
    between images, as long as rows arrive in time.

    Parameters
    ----------
    code : shape of the image's elements
    window : kernel, stride, dilation and pads, in pixels
    shape : (rows, columns, channels) of the image
    groups : number of channel groups; the window is read once for each
    fill : code of the pads, an integer
    lanes : channels a beat, a divisor of the channels of a group; ValueError otherwise
    y : shape of the output's elements, if ``fill`` needs more bits than ``code`` has

    Members
    -------
    i : beats of ``lanes`` codes, the image in row-major order, channels last
    o : beats of ``lanes`` of ``y``: for each place and group the window's rows, columns, channels
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, code: ShapeLike, window: Window, shape: tuple[int, int, int], *,
                 groups: int = 1, fill: int = 0, lanes: int = 1, y: ShapeLike | None = None):
        self.window, self.fill, self.groups = window, fill, groups
        self.height, self.width, channels = shape
        if channels % groups or channels // groups % lanes:
            raise ValueError(f"Lanes must divide the {channels} channels of {groups} groups, and "
                             f"{lanes} does not")
        self.each = channels // lanes               # beats of a pixel
        self.part = self.each // groups             # beats of a pixel and group
        self.rows, self.columns = window.outputs(self.height, self.width)
        super().__init__({"i": In(beats(code, lanes)),
                          "o": Out(beats(code if y is None else y, lanes))})

    # -- which rows are where

    def base(self, k: int) -> int:
        """Computes the first image row under output row ``k``; beyond the last, the next image's
        first."""
        if k == self.rows:
            return self.height
        return min(max(self.window.rows(k)[0], 0), self.height)

    def end(self, k: int) -> int:
        """Computes the number of image rows that must be buffered before output row ``k`` begins.

        These are the rows under the window and the rows that are freed with it. The last output row
        needs all rows. The number is at least 1 even if the window covers only pads, because an
        output row must not begin before its image."""
        if k >= self.rows:
            return self.height + self.end(k - self.rows)
        return max(min(self.window.rows(k)[1], self.height), self.base(k + 1), 1)

    @cached_property
    def wanted(self) -> list[int]:
        """For each image row, the first output row that needs it."""
        return [next(k for k in range(self.rows) if self.end(k) > r) for r in range(self.height)]

    @cached_property
    def slots(self) -> int:
        """Rows in the buffer: the rows under the next output row, plus a margin for rows that
        arrive evenly.

        With this depth, rows that arrive just in time never wait. In the unit of time used here, an
        output row takes ``height`` and an image row takes ``rows``."""
        least = max(self.end(k + 1) - self.base(k) for k in range(self.rows))
        done = [next(k for k in range(self.rows) if self.base(k + 1) > r) + 1
                for r in range(self.height)]
        late = min(k * self.height - r * self.rows for r, k in enumerate(self.wanted))
        period = self.height * self.rows
        held = [(late + (r - 1) * self.rows, k * self.height) for r, k in enumerate(done)]
        starts = [begin % period for begin, _ in held]
        return max(least, *(sum((t - begin) // period - (t - end) // period for begin, end in held)
                            for t in starts))

    @property
    def line(self) -> int:
        """Beats of an image row."""
        return self.width * self.each

    @property
    def depth(self) -> int:
        """Words in the buffer."""
        return self.slots * self.line

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.lines = memory = Memory(shape=len(Value.cast(self.i.payload)),
                                             depth=self.depth, init=[])
        write, read = memory.write_port(), memory.read_port()
        held = Signal(range(self.slots + 1))        # whole rows, from the first still needed
        came = Signal()
        gone = Signal(range(self.height + 1))       # rows freed
        put = Signal(range(self.depth))
        place = Signal(range(self.line))
        taken = Signal()
        m.d.comb += [
            self.i.ready.eq(held != self.slots),
            taken.eq(self.i.valid & self.i.ready),
            write.en.eq(taken), write.addr.eq(put), write.data.eq(self.i.payload),
        ]
        with m.If(taken):
            step(m, put, self.depth)
            with step(m, place, self.line):
                m.d.comb += came.eq(1)
        m.d.sync += held.eq(held + came - gone)

        issued = Signal()
        inside, address = self._places(m, issued, held, gone)
        y = self.o.payload.shape()
        pad = Signal()
        m.d.comb += [
            read.en.eq(issued & inside), read.addr.eq(address),
            Value.cast(self.o.payload).eq(Mux(pad, filled(self.fill, y), widened(
                m, read.data, self.i.payload.shape(), y))),
        ]
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(issued):
            m.d.sync += [self.o.valid.eq(1), pad.eq(~inside)]
        return m

    # -- where the window is: registers and their next values, for gates and price

    def _registers(self) -> list[Signal]:
        """Makes the registers of the tap's row, address and column, and of the window's first ones.

        They are ``iy, at, ix, iy_top, at_top, ix_left``; a window of one row, or of one
        column, has the same register for several of them.
        """
        w, (kh, kw) = self.window, self.window.kernel
        up, left = w.pads[:2]
        y_end, x_end = self.height + up + w.pads[2], (self.width + left + w.pads[3]) * self.each
        iy_top = Signal(range(-y_end - 1, y_end + 1), init=-up)
        iy = like(iy_top) if kh > 1 else iy_top
        at_top = Signal(range(self.depth), init=-up * self.line % self.depth)
        at = like(at_top) if kh > 1 else at_top
        ix_left = Signal(range(-x_end - 1, x_end + 1), init=-left * self.each)
        ix = like(ix_left) if kw > 1 else ix_left
        return [iy, at, ix, iy_top, at_top, ix_left]

    def _inside(self, iy: Value, ix: Value) -> Value:
        """Builds the bit that tells whether a tap is in the image."""
        return (iy >= 0) & (iy < self.height) & (ix >= 0) & (ix < self.line)

    def _enough(self, held: Signal, oy: Signal) -> Value:
        """Builds the bit that tells whether the buffer has all rows of output row ``oy``."""
        return held >= _by_row(oy, [self.end(k) - self.base(k) for k in range(self.rows)])

    def _freed(self, oy: Signal) -> Value:
        """Builds the number of image rows that output row ``oy`` is the last to need."""
        return _by_row(oy, [self.base(k + 1) - self.base(k) for k in range(self.rows)])

    def _wrapped(self, at: Value, rows: int) -> Value:
        """Builds the address in the buffer ``rows`` image rows after ``at``."""
        more = rows * self.line % self.depth
        return Mux(at >= self.depth - more, at - (self.depth - more), at + more)

    def _next_row(self, last: Value, iy_top: Signal, at_top: Signal,
                  moved: Callable[[Value, int], Value]) -> tuple[Value, Value]:
        """Builds the first row of the next window below, and its address; ``moved`` is a
        function of an address and a number of rows.

        After the ``last`` output row, they are those of the next image.
        """
        stride = self.window.stride[0]
        return (Mux(last, -self.window.pads[0], iy_top + stride),
                Mux(last, moved(at_top, self.height - (self.rows - 1) * stride),
                    moved(at_top, stride)))

    def _places(self, m: Module, issued: Signal, held: Signal, gone: Signal
                ) -> tuple[Signal, Signal]:
        """Builds nested counters, rows outermost; returns (place is in the image, its address)."""
        (dy, dx), (kh, kw) = self.window.dilation, self.window.kernel
        oy, ox = Signal(range(self.rows)), Signal(range(self.columns))
        g, ky, kx, c = (Signal(range(n)) for n in (self.groups, kh, kw, self.part))
        iy, at, ix, iy_top, at_top, ix_left = self._registers()
        part = Signal(range(self.each + 1))         # the group's first beat in a pixel
        inside, address, enough = Signal(), Signal(range(self.depth)), Signal()
        m.d.comb += [
            enough.eq(self._enough(held, oy)),
            issued.eq((self.o.ready | ~self.o.valid) & enough),
            inside.eq(self._inside(iy, ix)),
            address.eq((at + ix + part + c)[:len(address)]),
        ]
        with m.If(issued), step(m, c, self.part):
            m.d.sync += ix.eq(ix + dx * self.each)
            with step(m, kx, kw):
                m.d.sync += [ix.eq(ix_left), iy.eq(iy + dy), at.eq(self._wrapped(at, dy))]
                with step(m, ky, kh):
                    m.d.sync += [iy.eq(iy_top), at.eq(at_top), ix.eq(ix_left)]
                    m.d.sync += part.eq(part + self.part)
                    with step(m, g, self.groups):
                        m.d.sync += part.eq(0)
                        self._next_column(m, ox, ix, ix_left)
                        with m.If(ox == self.columns - 1):
                            m.d.comb += gone.eq(self._freed(oy))
                            row, start = self._next_row(
                                oy == self.rows - 1, iy_top, at_top, self._wrapped)
                            m.d.sync += [signal.eq(start) for signal in (at, at_top)]
                            m.d.sync += [signal.eq(row) for signal in (iy, iy_top)]
                            step(m, oy, self.rows)
        return inside, address

    def _next_column(self, m: Module, ox: Signal, ix: Signal, ix_left: Signal) -> None:
        for signal in (ix, ix_left):
            m.d.sync += signal.eq(ix_left + self.window.stride[1] * self.each)
        with step(m, ox, self.columns):
            for signal in (ix, ix_left):
                m.d.sync += signal.eq(-self.window.pads[1] * self.each)

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the buffer, of a counter for every loop, and of the address
        arithmetic."""
        bits, (kh, kw) = len(self.i.payload.as_value()), self.window.kernel
        counts = (self.depth, self.line, self.rows, self.columns, self.groups, kh, kw, self.part)
        padded = any(self.window.pads)
        return added(chip.memory(bits, self.depth, writable=True), *map(chip.counter, counts),
                     self._places_of(chip), {
                         "window": 1, "window.fill": len(self.o.payload.as_value()) * padded,
                         "ff": 1 + padded})

    def _places_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the registers that ``_places`` sets, and of what reads them.

        ``m.If`` becomes these multiplexers: at the end of a loop, what the loops outside set. A
        loop that is done once ends at once, and a jump by the whole buffer is none.
        """
        w, (dy, dx), (kh, kw) = self.window, self.window.dilation, self.window.kernel
        held, oy = Signal(range(self.slots + 1)), Signal(range(self.rows))
        iy, at, ix, iy_top, at_top, ix_left = self._registers()
        part = Signal(range(self.each + 1)) if self.groups > 1 else Const(0)
        c = Signal(range(self.part)) if self.part > 1 else Const(0)
        kx_end, ky_end, g_end, ox_end, oy_end = (
            Signal() if count > 1 else Const(1)
            for count in (kw, kh, self.groups, self.columns, self.rows))

        def moved(at: Value, rows: int) -> Value:
            return self._wrapped(at, rows) if rows % self.slots else at

        pixel = ky_end & g_end if kh * self.groups > 1 else kx_end
        row = pixel & ox_end
        lower, down = self._next_row(oy_end, iy_top, at_top, moved)
        right = Mux(ox_end, -w.pads[1] * self.each, ix_left + w.stride[1] * self.each)
        then: list[tuple[Any, Any]] = []
        for tap, first, of_tap, of_first in (
                (at, at_top, Mux(row, down, Mux(ky_end, at_top, moved(at, dy))), down),
                (iy, iy_top, Mux(row, lower, Mux(ky_end, iy_top, iy + dy)), lower),
                (ix, ix_left, Mux(pixel, right, Mux(kx_end, ix_left, ix + dx * self.each)), right)):
            then += [(tap, of_tap)] * (tap is not first) + [(first, of_first)]
        then.append((held, held + Signal() - self._freed(oy)))
        then += [(part, Mux(g_end, 0, part + self.part))] * (self.groups > 1)
        e, reads = chip.expressions(), chip.expressions()
        registers = chip.mapped(e, [e.assign(Signal(to.shape()), value) for to, value in then])
        reads.need((at + ix + part + c)[:len(at)], self._inside(iy, ix), self._enough(held, oy))
        return added(registers, chip.mapped(reads))


def filled(fill: int, y: ArrayLayout) -> Const:
    """Packs the code ``fill`` into every element of an array of the shape ``y``."""
    each = y.size // y.length
    bits = fill & (1 << each) - 1
    return Const(sum(bits << each * k for k in range(y.length)), y.size)


def widened(m: Module, word: Value, code: ArrayLayout, y: ArrayLayout, name: str = "wide") -> Value:
    """Widens the codes of a word to the bits of the output's elements.

    Parameters
    ----------
    m : the module to build into
    word : an array of the shape ``code``, in bits
    code, y : shapes of both arrays, of equal lengths
    name : name of the wide signal"""
    if code == y:
        return word
    wide = Signal(y, name=name)
    m.d.comb += [a.eq(b) for a, b in zip(elements(wide), elements(data.View(code, word)),
                                         strict=True)]
    return Value.cast(wide)


def _by_row(row: Signal, values: list[int]) -> Value:
    """Builds ``values[row]`` with one comparator for each change of value."""
    found: Value = Const(values[0], max(max(values).bit_length(), 1))
    for k in range(1, len(values)):
        if values[k] != values[k - 1]:
            found = Mux(row >= k, Const(values[k], len(found)), found)
    return found
