"""Maps Amaranth's expressions to bits, as a ``Mapper`` maps bits.

Gates are described once, where they are built. Their cost is found by walking the same expressions,
in which known weights are constants."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from amaranth.hdl import Const, Shape, Signal, Value

from ..tools.hdl import Concat, Operator, Part, Slice, SwitchValue, attribute
from .cones import Bit
from .mapper import Mapper
from .sums import COLUMNS, Sums
from .values import decided

__all__ = ["Expressions"]


class Expressions(Sums):
    """Maps expressions; a signal without known bits stands for nets of its own."""

    def __init__(self, mapper: Mapper, blocks: Sequence[int] = ()):
        super().__init__(mapper, blocks)
        self.later: dict[int, Any] = {}
        self.registers: dict[int, Bit] = {}

    def bits(self, value: Any) -> list[Bit]:
        """Maps an expression; returns its bits, the least significant first."""
        value = Value.cast(value)
        if id(value) not in self.known:
            self.kept.append(value)
            if id(value) in self.later:
                self.known[id(value)] = self._cut(Value.cast(self.later.pop(id(value))), len(value))
            else:
                self.known[id(value)] = self._bits(value)
        return self.known[id(value)]

    def assign(self, signal: Signal, value: Any) -> Signal:
        """Gives ``signal`` the bits of ``value``, and returns it; the bits are mapped when they are
        first read."""
        self.kept.append(signal)
        self.later[id(signal)] = value
        return signal

    def need(self, *values: Any) -> None:
        """Maps values that leave the unit or feed cells other than LUTs."""
        for value in values:
            for bit in self.bits(value):
                self.mapper.net(bit)

    def possible(self, value: Any) -> np.ndarray:
        """Lists the numbers that a value can take, given its known bits, (numbers,)."""
        bits = self.bits(value)
        codes = np.arange(1 << len(bits))
        for k, bit in enumerate(bits):
            if isinstance(bit, int):
                codes = codes[codes >> k & 1 == bit]
        return codes

    def given(self, shape: Shape, kinds: Sequence[str]) -> Signal:
        """Makes the signal of a register of ``shape``; ``kinds`` names for each bit the kind of
        gates before it, "0" for a constant 0."""
        made = Signal(shape)
        self.kept.append(made)
        self.known[id(made)] = [0 if kind == "0" else self.mapper.registered(kind)
                                for kind in kinds]
        return made

    def taken(self, values: Iterable[Signal], there: "Expressions") -> list[Value]:
        """Makes signals whose bits are the bits of ``values`` in the mapper ``there``: constants
        stay constant, all others become nets, which settle when they do there."""
        nets, made = dict[int, Bit](), list[Value]()
        for value in values:
            signal = Signal(value.shape())
            self.kept.append(signal)
            self.known[id(signal)] = [self._same_net(bit, there, nets) for bit in there.bits(value)]
            made.append(signal)
        return made

    def _same_net(self, bit: Bit, there: "Expressions", nets: dict[int, Bit]) -> Bit:
        net = there.mapper.net(bit)
        if isinstance(net, int):
            return net
        return nets.setdefault(id(bit), self.mapper.source(net.at))

    def register(self, value: Value) -> Signal:
        """Makes the output of a register with ``value`` at its input.

        Each bit takes a flip-flop; equal bits share one. A constant 1 takes a flip-flop too,
        because reset clears it."""
        made = Signal(value.shape())
        self.kept += [made, value]
        self.known[id(made)] = [self._kept(bit) for bit in self.bits(value)]
        return made

    def _kept(self, bit: Bit) -> Bit:
        if bit == 0:
            return 0
        key = 1 if isinstance(bit, int) else id(bit)
        if key not in self.registers:
            self.registers[key] = self.mapper.registered(
                "" if isinstance(bit, int) else bit.made_by)
        return self.registers[key]

    def wide(self, value: Any, width: int) -> list[Bit]:
        """Returns the bits of a number, extended or truncated to ``width`` bits."""
        value = Value.cast(value)
        bits = self.bits(value)
        fill: Bit = bits[-1] if value.shape().signed and bits else 0
        return [*bits, *[fill] * (width - len(bits))][:width]

    def _cut(self, value: Value, width: int) -> list[Bit]:
        """The bits of a number, of which a sum or a product makes no more than needed."""
        if (isinstance(value, Operator) and value.operator in ("+", "-", "*")
                and width < len(value) and id(value) not in self.known):
            return self._operator(value.operator, list(value.operands),
                                  Shape(width, value.shape().signed))
        return self.wide(value, width)

    def _bits(self, value: Value) -> list[Bit]:
        match value:
            case Const():
                return [value.value >> k & 1 for k in range(len(value))]
            case Signal() if attribute(value, COLUMNS) is not None:
                return self.mapper.columns(attribute(value, COLUMNS))
            case Signal():
                return self.mapper.sources(len(value))
            case Slice():
                return self.bits(value.value)[value.start:value.stop]
            case Concat():
                return [bit for part in value.parts for bit in self.bits(part)]
            case Part():
                return self._part(value)
            case SwitchValue():
                return self._switch(value)
            case Operator():
                return self._operator(value.operator, list(value.operands), value.shape())
            case _:
                raise TypeError(f"No cost is known of {value!r}")

    def _part(self, value: Part) -> list[Bit]:
        """A multiplexer of the places."""
        whole, offset = self.bits(value.value), self.bits(value.offset)
        width, stride = value.width, value.stride
        rows = [[whole[k * stride + j] if k * stride + j < len(whole) else 0 for j in range(width)]
                for k in range(min(1 << len(offset), -(-len(whole) // stride)))]
        return self._selected(offset, rows, width)

    def _selected(self, index: list[Bit], rows: list[list[Bit]], width: int) -> list[Bit]:
        for bit in index:
            if len(rows) % 2:
                rows.append(rows[-1])
            rows = [[self.mapper.choose(bit, b, a) for a, b in zip(low, high, strict=True)]
                    for low, high in zip(rows[::2], rows[1::2], strict=True)]
        return rows[0][:width]

    def _switch(self, value: SwitchValue) -> list[Bit]:
        width, test = len(value), self.bits(value.test)
        if all(isinstance(bit, int) for bit in test):
            return next((self.wide(case, width) for patterns, case in value.cases
                         if patterns is None or any(self._matches(test, p) for p in patterns)),
                        [0] * width)
        found: list[Bit] = [0] * width
        for patterns, case in reversed(value.cases):
            bits = self.wide(case, width)
            if patterns is None:
                found = bits
                continue
            hit = self.mapper.either(self._matches(test, p) for p in patterns)
            found = [self.mapper.choose(hit, a, b) for a, b in zip(bits, found, strict=True)]
        return found

    def _matches(self, test: list[Bit], pattern: Any) -> Bit:
        text = pattern if isinstance(pattern, str) else format(pattern, f"0{len(test)}b")
        pairs = [(bit, c) for bit, c in zip(reversed(test), text, strict=True) if c != "-"]
        return self.mapper.both(bit if c == "1" else self.mapper.invert(bit) for bit, c in pairs)

    def _operator(self, kind: str, operands: list[Value], shape: Shape) -> list[Bit]:
        m, width = self.mapper, shape.width
        match kind, len(operands):
            case ("u" | "s" | "+", 1):
                return self.wide(operands[0], width)
            case "~", 1:
                return [m.invert(bit) for bit in self.wide(operands[0], width)]
            case (("r|" | "b"), 1):
                return [m.either(self.bits(operands[0]))]
            case "r&", 1:
                return [m.both(self.bits(operands[0]))]
            case "r^", 1:
                return [m.differ(self.bits(operands[0]))]
            case (("+" | "-"), _):
                return self._sum(kind, operands, width)
            case "*", 2:
                return self._product(operands, width)
            case (("&" | "|" | "^"), 2):
                gate = {"&": m.both, "|": m.either, "^": m.differ}[kind]
                return [gate(pair) for pair in zip(*(self.wide(o, width) for o in operands),
                                                   strict=True)]
            case ((">>" | "<<"), 2):
                return self._shift(kind, operands, shape)
            case (("==" | "!="), 2):
                both = max(len(o) + 1 for o in operands)
                found = m.either(m.differ(pair) for pair in zip(
                    *(self.wide(o, both) for o in operands), strict=True))
                return [m.invert(found) if kind == "==" else found]
            case (("<" | ">" | "<=" | ">="), 2):
                return [self._compared(kind, operands)]
            case _:
                raise TypeError(f"No cost is known of the operator {kind!r}")

    # -- shifts and comparisons

    def _shift(self, kind: str, operands: list[Value], shape: Shape) -> list[Bit]:
        value, amount = operands
        bits = self.wide(value, max(shape.width, len(value)))
        fill: Bit = bits[-1] if kind == ">>" and value.shape().signed else 0
        for k, by in enumerate(self.bits(amount)):
            step = min(1 << k, len(bits))
            moved = ([*bits[step:], *[fill] * step] if kind == ">>"
                     else [*[0] * step, *bits[:len(bits) - step]])
            bits = [self.mapper.choose(by, a, b) for a, b in zip(moved, bits, strict=True)]
        return bits[:shape.width]

    def _compared(self, kind: str, operands: list[Value]) -> Bit:
        (a, a_signed), (b, b_signed) = pairs = [self.trimmed(o) for o in operands]
        if b == [0] and kind in ("<", ">="):
            return a[-1] if a_signed else int(kind == ">=")
        if (known := decided(kind, pairs)) is not None:
            return known
        width = max(len(bits) + (signed != (a_signed and b_signed)) for bits, signed in pairs)
        a, b = ([*bits, *[bits[-1] if signed else 0] * (width - len(bits))]
                for bits, signed in pairs)
        return self.mapper.reaches(a, b, int(kind in (">", "<=")))
