"""The bits of Amaranth's expressions, made of what a ``Mapper`` maps.

Gates are described once, where they are made; what they cost is found by walking the very same
expressions, with weights as constants where they are constants.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, cycle
from typing import Any

from amaranth.hdl import Const, Shape, Signal, Value
from amaranth.hdl._ast import Concat, Operator, Part, Slice, SwitchValue

from .cones import Addend, Bit
from .factors import Factor, dsp_blocks
from .mapper import Mapper
from .values import conditions, decided, sums_in

__all__ = ["COLUMNS", "Expressions"]

COLUMNS = "qhw_columns"
"""The attribute of a signal that says which of its bits are constant, or alike."""


class Expressions:
    """Maps expressions; a signal that is not known stands for nets of its own.

    ``blocks`` are those that products had, one after the other and again from the first, when less
    was known of their factors; ``decided`` are those that they have.
    """

    def __init__(self, mapper: Mapper, blocks: Sequence[int] = ()):
        self.mapper = mapper
        self.before = cycle(blocks) if blocks else None
        self.decided: list[int] = []
        self.known: dict[int, list[Bit]] = {}
        self.later: dict[int, Any] = {}
        self.products: dict[tuple[tuple[int, ...], ...], list[Bit]] = {}
        self.registers: dict[int, Bit] = {}
        self.users: dict[Any, set[Any]] = {}
        self.kept: list[Any] = []       # so that no id is used again

    def bits(self, value: Any) -> list[Bit]:
        value = Value.cast(value)
        if id(value) not in self.known:
            self.kept.append(value)
            if id(value) in self.later:
                self.known[id(value)] = self._cut(Value.cast(self.later.pop(id(value))), len(value))
            else:
                self.known[id(value)] = self._bits(value)
        return self.known[id(value)]

    def assign(self, signal: Signal, value: Any) -> Signal:
        """The signal has the value's bits; they are made when somebody reads it."""
        self.kept.append(signal)
        self.later[id(signal)] = value
        return signal

    def share(self, values: Iterable[Any]) -> None:
        """Sums within these values that are the same, of several of them, are made once."""
        for k, value in enumerate(values):
            for found in sums_in(Value.cast(value)):
                self._note(found, k)

    def _note(self, value: Operator, user: Any) -> None:
        key = self._same(value)
        if user in self.users.setdefault(key, set()):
            return
        self.users[key].add(user)
        for operand in value.operands:
            for found in sums_in(operand):
                self._note(found, key)

    def _same(self, value: Any) -> Any:
        """What sums that are the same have in common, of which none is made yet."""
        match value:
            case Operator() if value.operator in ("+", "-", "*", "<<", ">>"):
                return (value.operator, *map(self._same, value.operands))
            case Concat():
                return ("cat", *map(self._same, value.parts))
            case Slice():
                return value.start, value.stop, self._same(value.value)
        return tuple(b if isinstance(b, int) else -id(b) for b in self.bits(value))

    def need(self, *values: Any) -> None:
        """Values that leave the unit, or go where a LUT does not reach."""
        for value in values:
            for bit in self.bits(value):
                self.mapper.net(bit)

    def given(self, shape: Shape, kinds: Sequence[str]) -> Signal:
        """A register whose bits are made by these; "0" is constant."""
        made = Signal(shape)
        self.kept.append(made)
        self.known[id(made)] = [0 if kind == "0" else self.mapper.registered(kind)
                                for kind in kinds]
        return made

    def taken(self, values: Iterable[Signal], there: "Expressions") -> list[Value]:
        """Signals with the bits that these have there: nets, and constants."""
        nets, made = dict[int, Bit](), list[Value]()
        for value in values:
            signal = Signal(value.shape())
            self.kept.append(signal)
            self.known[id(signal)] = [bit if isinstance(bit, int) else nets.setdefault(
                id(bit), self.mapper.source()) for bit in there.bits(value)]
            made.append(signal)
        return made

    def register(self, value: Signal) -> Signal:
        """The output of a register behind a value: one for each bit, the same for the same bits.
        A constant 1 is in a register too, which a reset clears."""
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
        """The bits of a number, extended or cut."""
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
            case Signal() if COLUMNS in value.attrs:
                return self.mapper.columns(value.attrs[COLUMNS])
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
                return m.add(self._addends(kind, operands, False, width), width)
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

    def _addends(self, kind: str, operands: list[Value], minus: bool, width: int) -> list[Addend]:
        """The numbers that nested additions add up."""
        signs = [minus, minus ^ (kind == "-")] if len(operands) == 2 else [minus ^ (kind == "-")]
        found = [self._addend(o, sign, width) for o, sign in zip(operands, signs, strict=True)]
        return self.mapper.in_block(found, width) or list(chain.from_iterable(found))

    def _addend(self, value: Value, minus: bool, width: int) -> list[Addend]:
        if isinstance(value, Operator) and id(value) not in self.known:
            operands = list(value.operands)
            if value.operator in ("+", "-") and not self._shared(value):
                return self._addends(value.operator, operands, minus, width)
            if value.operator == "*":
                pair = list(map(self._factor, operands))
                if not (blocks := self._blocks(pair, width)):
                    return [(bits, negative ^ minus) for bits, negative in self._rows(pair, width)]
                self.kept.append(value)
                self.known[id(value)] = self._multiplied(operands, pair, blocks, len(value))
        if self.mapper.family.inputs > 4:
            for bit in chain.from_iterable(map(self.bits, conditions(value))):
                if not isinstance(bit, int) and len(bit.support) > 2:
                    self.mapper.net(bit)
        return [(self.wide(value, width), minus)]

    def _shared(self, value: Operator) -> bool:
        return bool(self.users) and len(self.users.get(self._same(value), ())) > 1

    # -- products

    def _product(self, operands: list[Value], width: int) -> list[Bit]:
        pair = list(map(self._factor, operands))
        if blocks := self._blocks(pair, width, alone=True):
            return self._multiplied(operands, pair, blocks, width)
        return self.mapper.add(self._rows(pair, width), width)

    def _blocks(self, pair: list[Factor], width: int, *, alone: bool = False) -> int:
        """DSP blocks for a product of which so many bits are needed; none if it is for LUTs."""
        self.decided.append(next(self.before) if self.before else dsp_blocks(
            self.mapper.family.dsp, pair, width, alone))
        return self.decided[-1]

    def _multiplied(self, operands: list[Value], pair: list[Factor], blocks: int, width: int
                    ) -> list[Bit]:
        """What DSP blocks put out; the lowest zeros of a factor are shifts."""
        whole = [self.bits(o) for o in operands]
        key = tuple(tuple(b if isinstance(b, int) else -id(b) for b in bits) for bits in whole)
        if self.before or key not in self.products:
            self.mapper.dsps += blocks
            nets = [self.mapper.net(b) for bits in whole for b in bits]
            at = max((n.at for n in nets if not isinstance(n, int)), default=0.0)
            low = sum(factor.zeros for factor in pair)
            one, two = pair
            stays = one.signed != two.signed and (one.constant or two.constant)
            self.mapper.joined += (blocks - 1) * width
            self.products[key] = [*[0] * low, *self.mapper.sources(
                width - low, at + self.mapper.delays.multiply,
                "" if blocks > 1 else "kept" if stays else "product")]
            self.kept.append(whole)
        return self.products[key]

    def _factor(self, value: Value) -> Factor:
        bits, signed = self.trimmed(value)
        return Factor(bits, signed, len(value), isinstance(value, Const) or (
            isinstance(value, Operator) and value.operator == "s"))

    def trimmed(self, value: Value) -> tuple[list[Bit], bool]:
        """The bits without those that say nothing, and whether the last of them is a sign."""
        bits, signed = list(self.bits(value)), value.shape().signed
        while len(bits) > 1 and signed and bits[-1] is bits[-2]:
            bits.pop()
        signed = signed and bits[-1] != 0
        while len(bits) > 1 and not signed and bits[-1] == 0:
            bits.pop()
        return bits, signed

    def _rows(self, pair: list[Factor], width: int) -> list[Addend]:
        """A row for each bit of the narrower factor."""
        a, b = sorted(pair, key=lambda factor: len(factor.bits), reverse=True)
        fill: Bit = a.bits[-1] if a.signed else 0
        wide = [*a.bits, *[fill] * (width - len(a.bits))][:width]
        found: list[Addend] = []
        for k, bit in enumerate(b.bits):
            if isinstance(bit, int) and not bit:
                continue
            row: list[Bit] = [0] * k
            row += [self.mapper.both((x, bit)) for x in wide[:width - k]]
            found.append((row, b.signed and k == len(b.bits) - 1))
        return found

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
