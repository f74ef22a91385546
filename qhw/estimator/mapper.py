"""Maps sums and comparisons as synthesis would.

Sums of three or more numbers become carry-save adders before one carry chain, as Yosys's
``alumacc`` and ``maccmap`` build them from nested additions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .cones import Addend, Bit, Cone, Gates

__all__ = ["Mapper"]


@dataclass(eq=False)
class Mapper(Gates):
    """Mapped gates, sums and comparisons, and their counts in bits.

    Besides LUTs and DSP blocks it counts carry chains, adders of a constant, chain bits without a
    LUT of their own in families with a LUT before the chain, comparators, comparators with a
    constant, and bits that DSP blocks add."""

    alu: int = 0
    single: int = 0
    again: int = 0
    chains: int = 0
    compared: int = 0
    limits: int = 0
    absorbed: int = 0
    _columns: dict[tuple[int, frozenset[int]], list[Cone]] = field(
        default_factory=dict[tuple[int, frozenset[int]], list[Cone]])
    _sums: dict[tuple[Any, ...], tuple[list[Bit], Sequence[Addend]]] = field(
        default_factory=dict[tuple[Any, ...], tuple[list[Bit], Sequence[Addend]]])

    # -- sums

    def full_adder(self, a: Bit, b: Bit, c: Bit) -> tuple[Bit, Bit]:
        """Maps a full adder of the bits ``a``, ``b`` and ``c``; returns sum and carry."""
        bits = [x for x in (a, b, c) if not isinstance(x, int)]
        ones = sum(x for x in (a, b, c) if isinstance(x, int))
        if not bits:
            return ones & 1, ones >> 1
        if len(bits) == 1:
            return self.invert(bits[0]) if ones == 1 else bits[0], (0, bits[0], 1)[ones]
        if len(bits) == 2:
            return self.differ((*bits, ones)), self.gate("or" if ones else "and", *bits)
        return self.differ(bits), self.majority(bits)

    def add(self, addends: Sequence[Addend], width: int) -> list[Bit]:
        """Maps the sum of numbers in two's complement, modulo 2**width; an equal sum mapped before
        is shared."""
        key = (width, *((minus, *(b if isinstance(b, int) else -id(b) for b in bits))
                        for bits, minus in addends))
        if key not in self._sums:
            self._sums[key] = self._added(addends, width), addends
        return self._sums[key][0]

    def _added(self, addends: Sequence[Addend], width: int) -> list[Bit]:
        if self.family.dsp and self.family.dsp.adds:
            addends = self._in_blocks(addends, width)
        if len(addends) == 2:       # as Yosys orders them
            addends = sorted(addends, key=lambda addend: (addend[1], _length(addend[0])))
        columns: list[dict[int, Bit]] = [{} for _ in range(width)]
        constant = 0
        for bits, minus in addends:
            constant += minus
            for place, bit in enumerate(bits[:width]):
                if isinstance(bit, int):
                    constant += (bit ^ minus) << place
                else:
                    self._put(columns, place, self.invert(bit) if minus else bit)
        for place in range(width):
            if constant >> place & 1:
                columns[place][-1] = 1
        return self._summed([list(column.values()) for column in columns])

    @property
    def cascades(self) -> bool:
        """Tells whether the DSP blocks of the family add one another's products."""
        return self.family.dsp is not None and self.family.dsp.cascades

    def takes_another(self, addends: Sequence[Addend]) -> bool:
        """Tells whether ``addends`` are one product whose DSP block adds another number, in the
        order in which sums are written."""
        return (self.cascades and len(addends) == 1 and not addends[0][1]
                and _made_by(addends[0][0], "kept"))

    def with_block(self, addends: Sequence[Addend], width: int) -> list[Addend]:
        """Adds a product to all other addends in the product's DSP block; returns the result as one
        addend."""
        if len(addends) > 1 or addends[0][1]:
            self.add(addends, width)
        self.absorbed += width
        return [(self.sources(width, self.delays.multiply, "block"), False)]

    def in_block(self, operands: Sequence[Sequence[Addend]], width: int) -> list[Addend]:
        """Maps the sum of two operands in the DSP block of one of them; returns it as one addend.

        Returns nothing if neither operand is a product, or if Yosys does not merge a sum written in
        this order."""
        if (len(operands) < 2 or any(len(a) != 1 or a[0][1] for a in operands)
                or not any(map(self.takes_another, operands))):
            return []
        return self.with_block(operands[0], width)

    def _in_blocks(self, addends: Sequence[Addend], width: int) -> list[Addend]:
        """Returns the addends left after each product has absorbed another number into its DSP
        block."""
        assert self.family.dsp
        kinds = ("product",) if self.family.dsp.cascades else ("product", "kept")
        products = [a for a in addends if not a[1] and _made_by(a[0], *kinds)]
        others = [a for a in addends if a not in products]
        found: list[Addend] = []
        while products:
            made = products.pop(0)
            while products or others:
                (products or others).pop(0)
                self.absorbed += width
                made = self.sources(width, self.delays.multiply, "block"), False
                if not (self.family.dsp.cascades and products):
                    break
            found.append(made)
        return found + others

    def _put(self, columns: list[dict[int, Bit]], place: int, bit: Bit) -> None:
        """A bit that stands in a column already is one bit of the next."""
        while place < len(columns):
            if id(bit) not in columns[place]:
                columns[place][id(bit)] = bit
                return
            del columns[place][id(bit)]
            place += 1

    def _summed(self, columns: list[list[Bit]]) -> list[Bit]:
        """Carry-save adders as ``maccmap`` places them, and a carry chain."""
        width = len(columns)
        words: list[list[Bit]] = []
        extra: list[Bit] = []
        while any(columns):
            words.append([column.pop(0) if column else 0 for column in columns])
            free = max(len(words) - 2, 0) - len(extra)
            for place in range(width):
                while columns[place] and 1 << place <= free:
                    extra += [columns[place].pop(0)] * (1 << place)
                    free -= 1 << place
        saved = len(words) > 2
        while len(words) > 2:
            rest = words[len(words) // 3 * 3:]
            merged: list[list[Bit]] = []
            for k in range(0, len(words) - len(rest), 3):
                pairs = [self.full_adder(*bits) for bits in zip(*words[k:k + 3], strict=True)]
                carries = [carry for _, carry in pairs]
                merged += [[sum_ for sum_, _ in pairs],
                           [extra.pop() if extra else 0, *carries[:-1]]]
            words = merged + rest
        if len(words) < 2:
            return words[0] if words else [0] * width
        return self.chain(words[0], words[1], saved)

    def chain(self, a: Sequence[Bit], b: Sequence[Bit], whole: bool) -> list[Bit]:
        """Maps the sum of two numbers in a carry chain.

        Parameters
        ----------
        a, b : bits of the numbers, equally many
        whole : whether the lowest columns are in the chain even if they add nothing
        """
        made: list[Bit] = []
        carry: Bit = 0
        top = max((k for k, (x, y) in enumerate(zip(a, b, strict=True)) if x != 0 or y != 0),
                  default=-1)
        first = 0 if whole else next((k for k, (x, y) in enumerate(zip(a, b, strict=True))
                                      if x != 0 and y != 0), top)
        if min(top + 2, len(a)) - first <= self.family.unchained:
            return self._ripple(a, b, 0)[0]
        at, length, single, again = 0.0, 0, 0, 0
        for k, (x, y) in enumerate(zip(a, b, strict=True)):
            bits = [z for z in (x, y) if not isinstance(z, int)]
            begun = whole and self.family.chain > 1 and bits
            if not begun and carry == 0 and (len(bits) < 2 and 0 in (x, y) or not bits):
                made.append(y if x == 0 else x)     # the chain has not begun
                continue
            if k > top + 1:
                made.append(0)
                continue
            self.chains += carry == 0
            length += 1
            if self.family.absorbs and not self._fresh(bits, (x, y)):
                again += 1
            else:
                single += len(bits) < 2
            at = max(at + self.delays.carry, *(self._operand(bits) if bits else [0.0]))
            carry = self.source(at)
            made.append(self.source(at + self.delays.level / 2, "chain"))
        self.alu += self._rounded(length) - single - again
        self.single += single
        self.again += again
        return made

    def _ripple(self, a: Sequence[Bit], b: Sequence[Bit], carry: Bit) -> tuple[list[Bit], Bit]:
        """Maps the sum of two numbers in gates; returns its bits and the carry."""
        made: list[Bit] = []
        for x, y in zip(a, b, strict=True):
            bit, carry = self.full_adder(x, y, carry)
            made.append(bit)
        return made, carry

    def _fresh(self, bits: list[Cone], column: tuple[Bit, Bit]) -> bool:
        """Whether the LUT before a chain is one more: a net is there already, and so is what
        another column adds, as those beyond the sign do."""
        odd = sum(b if isinstance(b, int) else b.negated for b in column) & 1
        if len(bits) < 2 and not odd or not bits:
            return False
        key = odd, frozenset(id(self.plain(b)) for b in bits)
        if key in self._columns:
            return False
        self._columns[key] = bits
        return True

    def _rounded(self, length: int) -> int:
        """Bits of a carry chain with those at its end that are not used."""
        return -(-length // self.family.chain) * self.family.chain

    def _operand(self, bits: list[Cone]) -> list[float]:
        """Brings the operands of one bit to the chain; when they are there. Where LUTs before it
        join them, the first of them goes into the chain too."""
        if self.family.absorbs:
            joined = self.gate("xor", *bits)
            self.net(bits[0])
            assert isinstance(joined, Cone)
            return [joined.at + self.delays.level]
        nets = [self.net(bit) for bit in bits]
        return [n.at + self.delays.level for n in nets if not isinstance(n, int)]

    def reaches(self, a: Sequence[Bit], b: Sequence[Bit], carried: int) -> Bit:
        """Maps the comparison a >= b, or one that differs from it by order or strictness.

        Equal highest bits are not compared. If ``cmp2lcu`` makes only one or two stages, there is
        no chain.

        Parameters
        ----------
        a, b : bits of the numbers, equal in width
        carried : 0 or 1; the lowest bits of ``b`` that equal it are not compared"""
        width, fixed = len(a), all(isinstance(bit, int) for bit in b)
        low = next((k for k, bit in enumerate(b) if bit != carried), width)
        a, b = a[low:], b[low:]
        left = [z for z in (*a, *b) if not isinstance(z, int)]
        if not left:
            return 0
        if len(left) <= self.family.inputs and (fixed or self.family.absorbs):
            return self.gate("compare", *left)
        if width <= (self.family.inputs if self.family.absorbs else self.family.unchained):
            return self._ripple(a, [self.invert(y) for y in b], 1)[1]
        if self.family.chain == 1 and a[-1] is b[-1]:
            a, b = a[:-1], b[:-1]
        if fixed:
            self.limits += self._stages(len(b), 1)
        else:
            self.compared += self._stages(len(b), 2)
        at = 0.0
        for x, y in zip(a, b, strict=True):
            nets = [self.net(z) for z in (x, y)]
            at = max(at + self.delays.carry, *(
                n.at + self.delays.level for n in nets if not isinstance(n, int)), 0.0)
        self.chains += 1
        return self.source(at + self.delays.level / 2)

    def _stages(self, bits: int, each: int) -> int:
        """Counts the LUTs of a comparator with ``each`` inputs a bit.

        If a carry chain has inputs of its own, ``cmp2lcu`` makes one stage for as many bits as two
        LUTs take. A bit alone at the end of a chain of pairs becomes a LUT behind it.
        """
        if self.family.absorbs:
            return 2 * -(-bits * each // self.family.inputs)
        return bits // self.family.chain * self.family.chain


def _made_by(bits: Sequence[Bit], *kinds: str) -> bool:
    """Whether these bits come from something of these kinds."""
    return any(not isinstance(bit, int) and bit.made_by in kinds for bit in bits)


def _length(bits: Sequence[Bit]) -> int:
    """Bits of a number without zeros at its end, or copies of its last one."""
    length = len(bits)
    while length > 1 and (bits[length - 1] == 0 or bits[length - 2] is bits[length - 1]):
        length -= 1
    return length
