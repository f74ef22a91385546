"""Maps gates as synthesis would, approximately and fast: cones of at most K inputs become LUTs.

A bit is a constant or a ``Cone``, a function of a few nets. A gate merges the cones of its inputs
as long as all their nets fit one LUT; otherwise the largest of these cones gets a LUT of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..targets import Family
from ..targets.timing import Delays

__all__ = ["Addend", "Bit", "Cone", "Gates"]


@dataclass(eq=False, slots=True)
class Cone:
    """A function of the nets ``support``, which settles at the time ``at`` (ns), when its latest
    net does."""

    support: frozenset[int]
    at: float = 0.0
    made_by: str = ""
    """The block that the bit comes from.

    "chain" is a carry chain; "product", "kept" and "block" are DSP blocks. The adder of a "product"
    or "kept" block is still free. Sums of products become chains of blocks, but sums of "kept"
    products, which are in registers, stay as they are written.
    """
    net: "Cone | None" = None
    """The net at the output of its LUT, if it has one."""
    inverse: "Cone | None" = None
    """Its complement, which needs no LUT."""
    negated: bool = False
    """Whether it was made as a complement of another bit."""
    choice: "tuple[Cone, Bit, Bit] | None" = None
    """For a multiplexer: its select bit and both inputs."""


Bit = int | Cone
Addend = tuple[Sequence[Bit], bool]
"""Bits of a number, as wide as the sum, and whether it is subtracted."""


@dataclass(eq=False)
class Gates:
    """Mapped gates and their counts: LUTs, DSP blocks, and bits of products that take several
    blocks."""

    family: Family
    delays: Delays
    luts: int = 0
    joined: int = 0
    dsps: int = 0
    latest: float = 0.0
    """When the last net is known."""
    _nets: int = 0
    _made: dict[tuple[Any, ...], tuple[Cone, tuple[Bit, ...]]] = field(
        default_factory=dict[tuple[Any, ...], tuple[Cone, tuple[Bit, ...]]])

    def source(self, at: float = 0.0, made_by: str = "") -> Cone:
        """Makes a net that is driven outside the mapped logic: it settles at ``at`` (ns), driven by
        a block of kind ``made_by``."""
        self._nets += 1
        self.latest = max(self.latest, at)
        return Cone(frozenset((self._nets,)), at, made_by)

    def registered(self, made_by: str) -> Cone:
        """Makes the net at the output of a register; the gates before the register are of kind
        ``made_by``."""
        return self.source(0.0, "kept" if made_by in ("product", "kept") else "")

    def columns(self, columns: Sequence[int]) -> list[Bit]:
        """Makes the outputs of a memory from bit columns: -1 is constant 0, -2 is constant 1; equal
        columns are one net."""
        found, bits = dict[int, Cone](), list[Bit]()
        for column in columns:
            if column < 0:
                bits.append(-1 - column)
            elif column in found:
                bits.append(Cone(found[column].support, found[column].at))
            else:
                bits.append(found.setdefault(column, self.source()))
        return bits

    def sources(self, count: int, at: float = 0.0, made_by: str = "") -> list[Bit]:
        """Makes ``count`` bits that arrive at time ``at``, in nanoseconds, from a block
        ``made_by``."""
        return [self.source(at, made_by) for _ in range(count)]

    def net(self, bit: Bit) -> Bit:
        """Returns the net of a bit; a function of several nets gets a LUT first."""
        if isinstance(bit, int) or len(bit.support) == 1:
            return bit
        if bit.net is None:
            self.luts += 1
            bit.net = self.source(bit.at + self.delays.level)
            if bit.inverse is not None:
                inverse = self.invert(bit.net)
                assert isinstance(inverse, Cone)
                bit.inverse.net = inverse
        return bit.net

    # -- gates: an inverter is free, since it joins a LUT before or after it

    def invert(self, bit: Bit) -> Bit:
        """Returns the complement of a bit; it shares the bit's LUT."""
        if isinstance(bit, int):
            return 1 - bit
        if bit.inverse is None:
            bit.inverse = Cone(bit.support, bit.at, bit.made_by, inverse=bit, negated=True)
        return bit.inverse

    def gate(self, kind: str, *bits: Bit) -> Bit:
        """Makes a function, named ``kind``, of bits that are not constant."""
        cones = list({id(c): c for c in ((b.net or b) for b in bits if not isinstance(b, int))
                      }.values())
        if len(cones) == 1:
            return cones[0]
        ids = [self._name(bit) for bit in bits]
        key = (kind, *(ids if kind.startswith("mux") else sorted(ids)))
        if key not in self._made:
            self._made[key] = self._joined(cones), bits     # kept, so that no id is used again
        return self._made[key][0]

    def _name(self, bit: Bit) -> int:
        """Returns a number that is equal for equal functions of equal nets."""
        if isinstance(bit, int) or len(bit.support) > 1:
            return id(bit)
        return -2 * next(iter(bit.support)) - bit.negated

    def _joined(self, cones: list[Cone]) -> Cone:
        most = self.family.inputs
        cones.sort(key=lambda c: len(c.support))
        support = frozenset[int]().union(*(c.support for c in cones))
        while len(support) > most and len(cones[-1].support) > 1:
            made = self.net(cones.pop())
            assert isinstance(made, Cone)
            cones.insert(0, made)
            support = frozenset[int]().union(*(c.support for c in cones))
        while len(support) > most:      # more nets than a LUT has inputs: a tree
            part, cones = cones[:most], cones[most:]
            made = self.net(Cone(frozenset[int]().union(*(c.support for c in part)),
                                 max(c.at for c in part)))
            assert isinstance(made, Cone)
            cones.append(made)
            support = frozenset[int]().union(*(c.support for c in cones))
        return Cone(support, max(c.at for c in cones))

    def both(self, bits: Iterable[Bit]) -> Bit:
        """Makes the AND of the bits."""
        bits = list(bits)
        if any(isinstance(b, int) and not b for b in bits):
            return 0
        left = [b for b in bits if not isinstance(b, int)]
        if self._contrary(left):
            return 0
        return self.gate("and", *left) if left else 1

    def either(self, bits: Iterable[Bit]) -> Bit:
        """Makes the OR of the bits."""
        bits = list(bits)
        if any(isinstance(b, int) and b for b in bits):
            return 1
        left = [b for b in bits if not isinstance(b, int)]
        if self._contrary(left):
            return 1
        return self.gate("or", *left) if left else 0

    def _contrary(self, bits: Sequence[Cone]) -> bool:
        """Whether a net and its complement are among the bits."""
        nets = {self._name(bit) for bit in bits if len(bit.support) == 1}
        return any(name % 2 and name + 1 in nets for name in nets)

    def differ(self, bits: Iterable[Bit]) -> Bit:
        """Makes the XOR of the bits."""
        bits = list(bits)
        odd = sum(b if isinstance(b, int) else b.negated for b in bits) & 1
        left = list(self._uneven(self.plain(b) for b in bits if not isinstance(b, int)))
        found = self.gate("xor", *left) if left else 0
        return self.invert(found) if odd else found

    def _uneven(self, bits: Iterable[Cone]) -> Iterable[Cone]:
        """The bits that are not there twice."""
        left = dict[int, Cone]()
        for bit in bits:
            name = self._name(bit)
            if left.pop(name, None) is None:
                left[name] = bit
        return left.values()

    @staticmethod
    def plain(bit: Cone) -> Cone:
        """Returns the bit without its inversion, if it is a complement."""
        return bit.inverse if bit.negated and bit.inverse else bit

    def majority(self, bits: Sequence[Cone]) -> Bit:
        """Makes the majority of three bits: 1 if at least two are 1. The majority of complements is
        the complement of the majority, so the inversions cost nothing."""
        if sum(bit.negated for bit in bits) < 2:
            return self.gate("majority", *bits)
        return self.invert(self.gate("majority", *(self.invert(bit) for bit in bits)))

    def choose(self, which: Bit, one: Bit, zero: Bit) -> Bit:
        """Makes a multiplexer: ``one`` if ``which`` is 1, else ``zero``."""
        if isinstance(which, int):
            return one if which else zero
        if one is zero or isinstance(one, int) and isinstance(zero, int) and one == zero:
            return one
        if isinstance(one, int) and isinstance(zero, int):
            return which if one else self.invert(which)
        one, zero = self._where(one, which, 1), self._where(zero, which, 0)
        if isinstance(one, int) and isinstance(zero, int) or one is zero:
            return self.choose(which, one, zero)
        left = [b for b in (which, one, zero) if not isinstance(b, int)]
        found = self.gate(f"mux{one if isinstance(one, int) else ''}:"
                          f"{zero if isinstance(zero, int) else ''}", *left)
        if isinstance(found, Cone) and found.choice is None and found not in left:
            found.choice = which, one, zero
        return found

    def _where(self, bit: Bit, which: Cone, is_: int) -> Bit:
        """Simplifies a bit for ``which`` being ``is_``, if it is a multiplexer selected by it."""
        if isinstance(bit, int) or len(which.support) > 1 or not which.support <= bit.support:
            return bit
        if len(bit.support) == 1:
            return is_ ^ (bit.negated != which.negated)
        if bit.choice is None or bit.net is not None:
            return bit
        other, one, zero = bit.choice
        if other.support == which.support:
            return self._where(one if is_ ^ (other.negated != which.negated) else zero, which, is_)
        return self.choose(other, self._where(one, which, is_), self._where(zero, which, is_))
