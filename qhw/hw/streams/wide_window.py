"""The wide sliding window: whole windows in a beat, and a new pixel in each cycle."""

from functools import cached_property
from typing import Any

import numpy as np
from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...exact.window import Window
from ...tools.hdl import Array, ArrayLayout, Component, Memory, ShapeLike, like
from ..fabric import Fabric, Parts, added
from .stream import beats, step
from .window import filled, widened

__all__ = ["WideWindow"]


class WideWindow(Component):
    """Shifts an image through the window's taps, and emits all of them at each output position.

    A memory holds the image rows above the newest pixel, side by side; it is read and written at
    every pixel, at one address if the platform's ``one_address`` says that this takes fewer cells.
    The columns beside that pixel are in shift registers, which are the output too. So pixels move
    only while the output is free. A row ends with the columns of pads that its last window needs,
    and an image with such rows of pads; each takes a cycle as a pixel does.

    Parameters
    ----------
    code : shape of the image's elements
    window : kernel, stride, dilation and pads, in pixels; see ``fits``
    shape : (rows, columns, channels) of the image
    groups : number of groups of channels
    fill : code of the pads, an integer
    channels : channels a beat, of whole groups; a divisor of all channels, ValueError otherwise
    y : shape of the output's elements, if ``fill`` needs more bits than ``code`` has

    Members
    -------
    i : beats of ``channels`` codes, the image in row-major order, channels last
    o : for each place, beats of ``channels * taps`` of ``y``: for each group its rows, columns,
        channels
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, code: ShapeLike, window: Window, shape: tuple[int, int, int], *,
                 groups: int = 1, fill: int = 0, channels: int = 1, y: ShapeLike | None = None):
        self.window, self.fill = window, fill
        self.height, self.width, every = shape
        self.each = every // groups                 # channels of a group
        if every % channels or channels % self.each or not self.fits(window):
            raise ValueError(f"A beat needs whole groups of {self.each} of {every} channels, and a "
                             f"window that reaches the image; {channels} and {window} are not so")
        self.parts = every // channels              # beats of a pixel
        (kh, kw), (dy, dx), (sy, sx) = window.kernel, window.dilation, window.stride
        rows, columns = window.outputs(self.height, self.width)
        self.first = (kh - 1) * dy - window.pads[0], (kw - 1) * dx - window.pads[1]
        self.high = max(self.height, self.first[0] + (rows - 1) * sy + 1)
        self.wide = max(self.width, self.first[1] + (columns - 1) * sx + 1)
        self.gap = dx * self.parts                  # beats from a tap to the next
        self.depth = self.width * self.parts * dy
        super().__init__({
            "i": In(beats(code, channels)),
            "o": Out(beats(code if y is None else y, channels * window.taps))})

    @staticmethod
    def fits(window: Window) -> bool:
        """Tells whether the first window reaches the image: its pads above and to the left are
        fewer than its extent."""
        return window.pads[0] < window.extent[0] and window.pads[1] < window.extent[1]

    @cached_property
    def steps(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns two bits for each step of an image, (steps,) each: whether an input beat enters,
        and whether an output beat follows."""
        y, x, _ = np.indices((self.high, self.wide, self.parts))
        after = [(at >= first) & ((at - first) % stride == 0)
                 for at, first, stride in zip((y, x), self.first, self.window.stride, strict=True)]
        return ((y < self.height) & (x < self.width)).ravel(), (after[0] & after[1]).ravel()

    # -- conditions, for gates and price

    def _real(self, y: Value, x: Value) -> Value:
        """Builds the bit that tells whether the place (y, x) is in the image."""
        low = y < self.height if self.high > self.height else Const(1)
        return low & (x < self.width) if self.wide > self.width else low

    def _above(self, ky: int, y: Value) -> Value:
        """Builds the bit that tells whether the tap row ``ky`` is in the pads above or below, with
        the newest pixel in image row ``y``."""
        up = (self.window.kernel[0] - 1 - ky) * self.window.dilation[0]
        outside: Value = y < up if up > self.first[0] else Const(0)
        return outside | (y >= self.height + up) if self.high > self.height + up else outside

    def _due(self, axis: int, at: Value, wait: Value) -> Value:
        """Builds the bit that tells whether a window ends at the place ``at``; with strides,
        ``wait`` counts the places until then."""
        return at >= self.first[axis] if self.window.stride[axis] == 1 else wait == 0

    def _waited(self, axis: int, wait: Value, last: Value) -> Value:
        """Builds the next value of ``wait``; ``last`` tells whether the row or the image ends."""
        return Mux(last, self.first[axis], Mux(wait == 0, self.window.stride[axis] - 1, wait - 1))

    def _wait(self, axis: int) -> Signal:
        """Makes the register ``wait`` of an axis; it has no bits without strides."""
        first, stride = self.first[axis], self.window.stride[axis]
        return Signal(range(max(first + 1, stride) if stride > 1 else 1), init=first * (stride > 1),
                      name=("wait_y", "wait_x")[axis])

    # -- gates

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        y = Signal(range(self.high))
        x = Signal(range(self.wide))
        part = Signal(range(self.parts))
        wait_y, wait_x = self._wait(0), self._wait(1)
        move, real, enter = (Signal(name=name) for name in ("move", "real", "enter"))
        m.d.comb += [
            move.eq(self.o.ready | ~self.o.valid), real.eq(self._real(y, x)),
            self.i.ready.eq(move & real), enter.eq(move & (self.i.valid | ~real)),
        ]
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(enter):
            m.d.sync += self.o.valid.eq(self._due(0, y, wait_y) & self._due(1, x, wait_x))
            with step(m, part, self.parts):
                if len(wait_x):
                    m.d.sync += wait_x.eq(self._waited(1, wait_x, x == self.wide - 1))
                with step(m, x, self.wide):
                    if len(wait_y):
                        m.d.sync += wait_y.eq(self._waited(0, wait_y, y == self.high - 1))
                    step(m, y, self.high)
        self._taps(m, enter, y, x, part,
                   self._column(m, platform, enter & (x < self.width), x))
        return m

    def _column(self, m: Module, platform: Any, enter: Value, x: Signal) -> list[Value]:
        """Builds the newest pixel and the pixels above it, topmost first, from the memory of
        rows."""
        pixel, above = Value.cast(self.i.payload), self.window.kernel[0] - 1
        bits = len(pixel)
        if not above:
            return [pixel]
        word = Signal(above * bits)
        newest = like(word)
        m.d.comb += newest.eq(Cat(word[bits:], pixel))
        if self.depth == 1:
            with m.If(enter):
                m.d.sync += word.eq(newest)
        else:
            m.submodules.lines = memory = Memory(shape=above * bits, depth=self.depth, init=[])
            one = hasattr(platform, "one_address") and platform.one_address(len(word), self.depth)
            write, read = memory.write_port(), memory.read_port(domain="comb" if one else "sync")
            at = x if self.depth == self.width else Signal(range(self.depth), name="at")
            m.d.comb += [
                write.en.eq(enter), write.addr.eq(at), write.data.eq(newest), word.eq(read.data),
            ]
            then: Value = Mux(at == self.depth - 1, 0, at + 1)
            if one:
                m.d.comb += read.addr.eq(at)
            else:
                m.d.comb += [read.en.eq(enter), read.addr.eq(then)]
                then = read.addr
            if at is not x:
                with m.If(enter):
                    m.d.sync += at.eq(then)
        return [*(word.word_select(k, bits) for k in range(above)), pixel]

    def _taps(self, m: Module, enter: Value, y: Value, x: Value, part: Value,
              column: list[Value]) -> None:
        """Builds the shift registers, one for each row of taps, with the output at their taps."""
        tap, bits, fill = self._tap, self._tap.size, filled(self.fill, self._tap)
        length = (self.window.kernel[1] - 1) * self.gap
        rows: list[Any] = []
        for ky, pixel in enumerate(column):
            row = Signal((length + 1) * bits, name=f"row{ky}", reset_less=True)
            outside = self._above(ky, y)
            if self.wide > self.width:
                outside |= x >= self.width
            with m.If(enter):
                m.d.sync += row.eq(Cat(row[bits:], widened(
                    m, pixel, self.i.payload.shape(), tap, f"wide{ky}")))
                if not isinstance(outside, Const):
                    with m.If(outside):
                        m.d.sync += row[length * bits:].eq(fill)
                if self.window.pads[1] and length:
                    with m.If((x == 0) & (part == 0)):
                        m.d.sync += row[:length * bits].eq(Cat(*[fill] * length))
            rows += [row.word_select(kx * self.gap, bits) for kx in range(self.window.kernel[1])]
        each = self.each * bits // len(self.i.payload)
        m.d.comb += Value.cast(self.o.payload).eq(Cat(
            *(tap.word_select(g, each) for g in range(bits // each) for tap in rows)))

    @property
    def _tap(self) -> ArrayLayout:
        """Shape of the output's elements of one tap."""
        return Array(self.o.payload.shape().elem_shape, len(self.i.payload))

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the memory, of the shift registers, and of the counters and
        comparisons that control them."""
        bits, above = len(self.i.payload.as_value()), self.window.kernel[0] - 1
        kept = ((self.window.kernel[1] - 1) * self.gap + 1) * self._tap.size
        y, x = Signal(range(self.high)), Signal(range(self.wide))
        waits = self._wait(0), self._wait(1)
        e, reads = chip.expressions(), chip.expressions()
        registers = chip.mapped(e, [e.assign(Signal(wait.shape()), self._waited(k, wait, Signal()))
                                    for k, wait in enumerate(waits) if len(wait)])
        reads.need(self._real(y, x), *(self._above(ky, y) for ky in range(above + 1)),
                   *(self._due(k, at, wait) for k, (at, wait) in enumerate(
                       zip((y, x), waits, strict=True))))
        lines = {} if not above else {"ff.lone": above * bits} if self.depth == 1 else added(
            chip.memory(above * bits, self.depth, writable=True, one_address=True),
            chip.counter(self.depth) if self.depth != self.width else {})
        return added(lines, registers, chip.mapped(reads), *map(chip.counter, (
            self.high, self.wide, self.parts)), {
                "window": 1, "ff": 1, "ff.lone": (above + 1) * kept})
