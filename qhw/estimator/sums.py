"""Sums and products in expressions, as Yosys merges them, shares them, and moves them to DSP
blocks."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, cycle
from typing import Any

from amaranth.hdl import Const, Signal, Value

from ..tools.hdl import Concat, Operator, Slice, attribute
from .cones import Addend, Bit
from .factors import Factor, dsp_blocks, widths
from .mapper import Mapper
from .values import conditions, sums_in, written_signed

__all__ = ["COLUMNS", "Sums"]

COLUMNS = "qhw_columns"
"""The attribute of a signal that says which of its bits are constant, or alike."""


@dataclass
class Sum:
    """A sum of ``width`` bits from nested additions.

    ``products`` lists the products of variables by constants that ``alumacc`` has absorbed, each
    with its factors and DSP blocks."""

    width: int
    written_signed: bool
    products: list[tuple[Operator, list[Factor], int]] = field(
        default_factory=list[tuple[Operator, list[Factor], int]])
    signed: dict[int, bool] = field(default_factory=dict[int, bool])
    """Which of the numbers in it are, by their id."""


class Sums(ABC):
    """Maps sums and products.

    ``blocks`` are the DSP blocks of the products in order, decided by an earlier walk in which
    fewer bits of their factors were known. ``decided`` are the blocks of this walk."""

    def __init__(self, mapper: Mapper, blocks: Sequence[int] = ()):
        self.mapper = mapper
        self.before = cycle(blocks) if blocks else None
        self.decided: list[int] = []
        self.known: dict[int, list[Bit]] = {}
        self.products: dict[tuple[tuple[int, ...], ...], list[Bit]] = {}
        self.users: dict[Any, set[Any]] = {}
        self.kept: list[Any] = []       # so that no id is used again

    @abstractmethod
    def bits(self, value: Any) -> list[Bit]:
        """Maps a value once; returns its bits."""

    @abstractmethod
    def wide(self, value: Any, width: int) -> list[Bit]:
        """Returns the bits of a number, extended or truncated to ``width`` bits."""

    def share(self, values: Iterable[Any]) -> None:
        """Makes equal sums and products within ``values`` share their gates."""
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
        """Makes a key that is equal for equal sums that are not mapped yet."""
        match value:
            case Operator() if value.operator in ("+", "-", "*", "<<", ">>"):
                return (value.operator, *map(self._same, value.operands))
            case Concat():
                return ("cat", *map(self._same, value.parts))
            case Slice():
                return value.start, value.stop, self._same(value.value)
            case _:
                return tuple(b if isinstance(b, int) else -id(b) for b in self.bits(value))

    # -- sums

    def _sum(self, kind: str, operands: list[Value], width: int) -> list[Bit]:
        whole = Sum(width, any(map(written_signed, operands)))
        addends = self._addends(kind, operands, False, whole)
        return self.mapper.add(self._chained(addends, whole), width)

    def _addends(self, kind: str, operands: list[Value], minus: bool, whole: Sum) -> list[Addend]:
        """The numbers that nested additions within a sum add up."""
        signs = [minus, minus ^ (kind == "-")] if len(operands) == 2 else [minus ^ (kind == "-")]
        signed = any(self._signed(o, whole) for o in operands)
        found = [self._addend(o, sign, whole, signed)
                 for o, sign in zip(operands, signs, strict=True)]
        return self.mapper.in_block(found, whole.width) or list(chain.from_iterable(found))

    def _addend(self, value: Value, minus: bool, whole: Sum, signed: bool) -> list[Addend]:
        """Adds a number to a sum of signed or of unsigned numbers. ``alumacc`` merges sums and
        products of the same kind into it; others get a 0 above them."""
        if isinstance(value, Operator) and id(value) not in self.known:
            alike = (bool(self.before) or self._signed(value, whole) == signed
                     or len(value) >= whole.width)
            if value.operator in ("+", "-") and alike and not self._shared(value):
                return self._addends(value.operator, list(value.operands), minus, whole)
            if value.operator == "*":
                joined = self._joined(value, minus, whole, alike)
                if joined is not None:
                    return joined
        if self.mapper.family.inputs > 4:
            for bit in chain.from_iterable(map(self.bits, conditions(value))):
                if not isinstance(bit, int) and len(bit.support) > 2:
                    self.mapper.net(bit)
        return [(self.wide(value, whole.width), minus)]

    def _joined(self, value: Operator, minus: bool, whole: Sum, alike: bool
                ) -> list[Addend] | None:
        """Adds a product to a sum; one that cannot be merged is mapped on its own."""
        pair = self._pair(list(value.operands), whole)
        blocks = self._blocks(pair, whole.width)
        seen = [factor for factor in pair if factor.constant and not self.before]
        shift = any(factor.is_shift(alone=False) for factor in pair)
        joins = (alike and (shift or not self._shared(value))
                 and not any(factor.zeros for factor in seen))
        if joins and seen and not shift and not minus and self.mapper.cascades:
            whole.products.append((value, pair, blocks))
            return []
        if joins and not blocks:
            return [(bits, negative ^ minus) for bits, negative in self._rows(pair, whole.width)]
        self._make(value, pair, blocks)
        return None

    def _chained(self, running: list[Addend], whole: Sum) -> list[Addend]:
        """Maps products in sequence behind the sum of all else, as ``maccmap -unmap`` writes them:
        each block adds the sum before it."""
        m, width = self.mapper, whole.width
        for value, pair, blocks in whole.products:
            if blocks:
                self._make(value, pair, blocks)
                own: list[Addend] = [(self.wide(value, width), False)]
                running = m.with_block(running, width) if running else own
            elif m.takes_another(running):
                running = m.with_block(self._rows(pair, width), width)
            else:
                running = [*running, *self._rows(pair, width)]
        return running

    def _make(self, value: Operator, pair: list[Factor], blocks: int) -> None:
        """The bits of a product within a sum that stays apart from it."""
        self.kept.append(value)
        shared = self._shared(value)
        self.known[id(value)] = (
            self._multiplied(list(value.operands), pair, blocks, len(value), shared=shared)
            if blocks else self.mapper.add(self._rows(pair, len(value)), len(value)))

    def _signed(self, value: Value, whole: Sum) -> bool:
        """Whether ``wreduce`` leaves a number of a sum signed."""
        if id(value) not in whole.signed:
            whole.signed[id(value)] = self._is_signed(value, whole)
        return whole.signed[id(value)]

    def _is_signed(self, value: Value, whole: Sum) -> bool:
        if isinstance(value, Operator) and id(value) not in self.known:
            if value.operator == "+":
                return any(self._signed(o, whole) for o in value.operands)
            if value.operator in ("-", "*"):
                return whole.written_signed and (value.operator == "-" or any(
                    self.trimmed(o)[1] for o in value.operands))
        if isinstance(value, Signal) and attribute(value, COLUMNS) is not None:
            return value.shape().signed
        return self.trimmed(value)[1]

    def _shared(self, value: Operator) -> bool:
        return bool(self.users) and len(self.users.get(self._same(value), ())) > 1

    # -- products

    def _product(self, operands: list[Value], width: int) -> list[Bit]:
        pair = self._pair(operands, Sum(width, any(map(written_signed, operands))))
        if blocks := self._blocks(pair, width, alone=True):
            return self._multiplied(operands, pair, blocks, width)
        return self.mapper.add(self._rows(pair, width), width)

    def _blocks(self, pair: list[Factor], width: int, *, alone: bool = False) -> int:
        """Counts the DSP blocks of a product of which ``width`` bits are needed; 0 if it is built
        from LUTs."""
        self.decided.append(next(self.before) if self.before else dsp_blocks(
            self.mapper.family.dsp, pair, width, alone))
        return self.decided[-1]

    def _multiplied(self, operands: list[Value], pair: list[Factor], blocks: int, width: int, *,
                    shared: bool = False) -> list[Bit]:
        """Makes the outputs of DSP blocks; a factor's lowest zeros are shifts.

        A constant product that is shared or shifted leaves the block's adder unused.
        """
        whole = [self.bits(o) for o in operands]
        key = tuple(tuple(b if isinstance(b, int) else -id(b) for b in bits) for bits in whole)
        if self.before or key not in self.products:
            self.mapper.dsps += blocks
            nets = [self.mapper.net(b) for bits in whole for b in bits]
            at = max((n.at for n in nets if not isinstance(n, int)), default=0.0)
            low = sum(factor.zeros for factor in pair)
            one, two = pair
            constant, seen = one.constant or two.constant, self.before is None
            stays = constant and (seen or one.signed != two.signed)
            unused = blocks > 1 or constant and seen and (shared or low > 0)
            self.mapper.joined += (blocks - 1) * width
            self.products[key] = [*[0] * low, *self.mapper.sources(
                width - low, at + self.mapper.delays.multiply,
                "" if unused else "kept" if stays else "product")]
            self.kept.append(whole)
        return self.products[key]

    def _pair(self, operands: list[Value], whole: Sum) -> list[Factor]:
        """The factors of a product: where nothing in the sum is signed, negative constants are as
        wide as the sum."""
        return [self._factor(o, 0 if whole.written_signed else whole.width) for o in operands]

    def _factor(self, value: Value, width: int) -> Factor:
        bits, signed = self.trimmed(value)
        if width and signed and all(isinstance(bit, int) for bit in bits):
            bits, signed = [*bits, *[bits[-1]] * (width - len(bits))], False
        return Factor(bits, signed, len(value), isinstance(value, Const) or (
            isinstance(value, Operator) and value.operator == "s"))

    def trimmed(self, value: Value) -> tuple[list[Bit], bool]:
        """Removes the redundant bits of a number; returns its bits, and whether the last one is a
        sign."""
        bits, signed = list(self.bits(value)), value.shape().signed
        while len(bits) > 1 and signed and bits[-1] is bits[-2]:
            bits.pop()
        signed = signed and bits[-1] != 0
        while len(bits) > 1 and not signed and bits[-1] == 0:
            bits.pop()
        return bits, signed

    def _rows(self, pair: list[Factor], width: int) -> list[Addend]:
        """A row for each bit of the narrower factor, both of them signed if one is."""
        one, two = widths(pair)
        a, b = pair if one >= two else reversed(pair)
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
