"""Statistics of a whole vector at run time, and the codes of its elements.

A vector is written to memory as it arrives, read once for each pass of the statistics, and emitted.
Its factors, which later multiply the sums of its codes, leave on a second stream.

Parameters
----------
m : the module to build into
values : one signal a lane: a received beat's elements minus the zero point, or a pass's new values
first : one bit, set in the first beat of a vector or of a pass
number : index of the pass
word : an element's value and tag as read from memory
"""

from abc import abstractmethod
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, stream
from amaranth.lib.wiring import In, Out

from ...exact.num import Int
from ...pe.gates import adder_tree
from ...tools.hdl import ArrayLayout, Component, Memory, View, elements
from ..fabric import Fabric, Parts, added
from ..streams.stream import beats, step

__all__ = ["BlockFloatUnit", "ResidualUnit", "RunTimeUnit"]


class RunTimeUnit(Component):
    """Stores each vector, passes over it a fixed number of times and emits its codes and factors.

    With ``length`` beats and ``passes`` passes, that takes ``2 * length + passes * (length + 1)``
    cycles a vector.

    Members
    -------
    i : beats of ``lanes`` integers ``x``
    o : beats of ``lanes`` codes
    f : the vector's factors, offered before its first beat
    """

    i: stream.Interface
    o: stream.Interface
    f: stream.Interface

    def __init__(self, *, x: Int, zero: int, length: int, lanes: int, passes: int, code: Int,
                 factor: Int, factors: int, stored: Int, tags: int):
        self.x, self.zero, self.length, self.lanes, self.passes = x, zero, length, lanes, passes
        self.factor = factor
        self.words = ArrayLayout(data.StructLayout({"value": stored.shape, "tag": tags}),
                                      lanes)
        super().__init__({
            "i": In(beats(x.shape, lanes)), "o": Out(beats(code.shape, lanes)),
            "f": Out(stream.Signature(data.ArrayLayout(factor.shape, factors)))})

    @abstractmethod
    def gather(self, m: Module, values: list[Value], first: Value) -> None:
        """Updates the statistics with a received beat."""

    @abstractmethod
    def renew(self, m: Module, number: Signal, word: View) -> tuple[Value, Value]:
        """Computes the value and tag that pass ``number`` writes back."""

    @abstractmethod
    def code(self, m: Module, word: View) -> Value:
        """Builds the output code of a stored element ``word``."""

    @abstractmethod
    def found(self, m: Module) -> list[Value]:
        """Builds the vector's factors, one value each."""

    def after(self, m: Module, number: Signal, values: list[Value], first: Value) -> None:
        """Updates the statistics with the words that a pass writes."""

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.words = memory = Memory(shape=self.words.size, depth=self.length, init=[])
        write, read = memory.write_port(), memory.read_port()
        fresh = Signal(self.words)
        stored = View(self.words, read.data)
        m.d.comb += write.data.eq(fresh)
        place = Signal(range(self.length))
        behind = Signal(range(self.length))
        number = Signal(range(self.passes + 1))
        reading = Signal()
        told = Signal()
        last = behind == self.length - 1
        m.d.comb += [write.addr.eq(place), read.addr.eq(place), read.en.eq(0)]
        m.d.comb += [o.eq(self.code(m, w))
                     for o, w in zip(self.o.payload, elements(stored), strict=True)]
        m.d.comb += [f.eq(v) for f, v in zip(self.f.payload, self.found(m), strict=True)]
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)

        with m.FSM():
            with m.State("RECEIVE"):
                values = [x - self.zero for x in self.i.payload]
                # The last code depends on memory and statistics until it is taken.
                m.d.comb += [self.i.ready.eq(self.o.ready | ~self.o.valid),
                             write.en.eq(self.i.valid & self.i.ready)]
                m.d.comb += [w.value.eq(v) for w, v in zip(elements(fresh), values, strict=True)]
                with m.If(write.en):
                    self.gather(m, values, place == 0)
                    with step(m, place, self.length):
                        m.d.sync += [number.eq(0), told.eq(0)]
                        m.next = "PASS" if self.passes else "EMIT"
            if self.passes:
                with m.State("PASS"):
                    m.d.comb += [read.en.eq(~(reading & last)), write.en.eq(reading),
                                 write.addr.eq(behind)]
                    m.d.sync += [reading.eq(1), behind.eq(place)]
                    with m.If(read.en):
                        step(m, place, self.length)
                    renewed = [self.renew(m, number, word) for word in elements(stored)]
                    for word, (value, tag) in zip(elements(fresh), renewed, strict=True):
                        m.d.comb += [word.value.eq(value), word.tag.eq(tag)]
                    with m.If(reading):
                        self.after(m, number, [v for v, _ in renewed], behind == 0)
                        with m.If(last):
                            m.d.sync += [reading.eq(0), number.eq(number + 1), place.eq(0)]
                            with m.If(number == self.passes - 1):
                                m.next = "EMIT"
            with m.State("EMIT"):
                m.d.comb += [self.f.valid.eq(~told),
                             read.en.eq((self.o.ready | ~self.o.valid) & (told | self.f.ready))]
                with m.If(self.f.ready):
                    m.d.sync += told.eq(1)
                with m.If(read.en):
                    m.d.sync += self.o.valid.eq(1)
                    with step(m, place, self.length):
                        m.next = "RECEIVE"
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Counts the memory and, for the first pass and for the later ones, the statistic of
        magnitudes with its adders."""
        bits, depth = self.words.size, 1 << (self.length - 1).bit_length()
        width, passes, place = self.factor.width, self.passes + 1, chip.counter(self.length)
        return added(chip.memory(bits, depth, writable=True), place, place,
                     {"ff": 8 + passes * width, "runtime": 1},
                     {"alu": passes * (self.lanes * 2 * self.x.width + width),
                      "lut": 20 + self.passes * 2 * bits})


class ResidualUnit(RunTimeUnit):
    """Quantizes each vector to planes of signs: each codes the residue of those before it by signs
    and its mean magnitude.

    With n elements, R0 = x - zero, H = sign(R), S = sum |R| and R' = n R - S H, all integers; plane
    p has the factor S_p n**(planes - 1 - p), in steps of n**-planes.
    """

    def __init__(self, *, x: Int, zero: int, length: int, lanes: int, planes: int):
        self.count, self.planes = length * lanes, planes
        size = (x + Int(-zero, -zero)).size
        ends = [size * self.count**p for p in range(planes)]
        self.sums = [Signal(Int(0, end * self.count).shape, name=f"sum{p}")
                     for p, end in enumerate(ends)]
        super().__init__(x=x, zero=zero, length=length, lanes=lanes, passes=planes - 1,
                         code=Int(0, (1 << planes) - 1), factors=planes,
                         factor=Int(0, size * self.count**planes),
                         stored=Int(-ends[-1], ends[-1]), tags=planes - 1)

    def _add(self, m: Module, sum_: Signal, values: list[Value], first: Value) -> None:
        sizes = adder_tree(Mux(v < 0, -v, v).as_unsigned() for v in values)
        m.d.sync += sum_.eq(Mux(first, 0, sum_) + sizes)

    def gather(self, m: Module, values: list[Value], first: Value) -> None:
        """Sums the magnitudes of the elements."""
        self._add(m, self.sums[0], values, first)

    def renew(self, m: Module, number: Signal, word: View) -> tuple[Value, Value]:
        """Computes the residual R' = n R - S H and appends the sign H to the tag."""
        plus = word.value >= 0
        sum_ = self.sums[0]
        for p, other in enumerate(self.sums[1:-1], 1):
            sum_ = Mux(number == p, other, sum_)
        tag = Cat(Mux(number == p, plus, word.tag[p]) for p in range(self.planes - 1))
        return word.value * self.count - Mux(plus, sum_, -sum_), tag

    def after(self, m: Module, number: Signal, values: list[Value], first: Value) -> None:
        """Sums the magnitudes of the residuals of pass ``number``."""
        with m.Switch(number):
            for p, sum_ in enumerate(self.sums[1:]):
                with m.Case(p):
                    self._add(m, sum_, values, first)

    def code(self, m: Module, word: View) -> Value:
        """Concatenates the signs of all planes, the first plane lowest."""
        return Cat(word.tag, word.value >= 0)

    def found(self, m: Module) -> list[Value]:
        """Scales each plane's sum to steps of n**-planes."""
        return [sum_ * self.count ** (self.planes - 1 - p) for p, sum_ in enumerate(self.sums)]


class BlockFloatUnit(RunTimeUnit):
    """Quantizes each vector to mantissas with one exponent, the least that holds its peak.

    The factor is the exponent. Mantissas have ``bits`` bits, round half up and saturate.
    """

    def __init__(self, *, x: Int, zero: int, length: int, lanes: int, bits: int):
        centred = x + Int(-zero, -zero)
        self.top = (1 << bits - 1) - 1
        self.peak = Signal(Int(0, centred.size).shape)
        self.most = max(self.peak.shape().width - (bits - 1), 0)
        self.bits = bits
        super().__init__(x=x, zero=zero, length=length, lanes=lanes, passes=0,
                         code=Int(-self.top - 1, self.top), factor=Int(0, max(self.most, 1)),
                         factors=1, stored=centred, tags=0)
        self.exponent = Signal(self.factor.shape)   # bits by which the peak exceeds a mantissa

    def gather(self, m: Module, values: list[Value], first: Value) -> None:
        """Finds the largest magnitude."""
        peak: Value = Mux(first, 0, self.peak)
        for k, value in enumerate(values):
            size = Signal(self.peak.shape(), name=f"size{k}")
            larger = Signal(self.peak.shape(), name=f"peak{k}")
            m.d.comb += [size.eq(Mux(value < 0, -value, value)),
                         larger.eq(Mux(size > peak, size, peak))]
            peak = larger
        m.d.sync += self.peak.eq(peak)

    def renew(self, m: Module, number: Signal, word: View) -> tuple[Value, Value]:
        """Raises NotImplementedError: this unit has no passes."""
        raise NotImplementedError("there are no passes")

    def code(self, m: Module, word: View) -> Value:
        """Shifts an element by the exponent, rounds half up and saturates."""
        half = (Const(1) << self.exponent) >> 1
        rounded = Signal(word.value.shape())
        m.d.comb += rounded.eq((word.value + half) >> self.exponent)
        return Mux(rounded > self.top, self.top,
                   Mux(rounded < -self.top - 1, -self.top - 1, rounded))

    def found(self, m: Module) -> list[Value]:
        """Finds the least exponent at which the peak fits a mantissa."""
        found: Value = Const(0, self.factor.shape)
        for e in range(1, self.most + 1):
            found = Mux(self.peak >> (self.bits - 2 + e) != 0, e, found)
        m.d.comb += self.exponent.eq(found)
        return [self.exponent]
