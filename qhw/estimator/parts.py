"""Parts of a circuit: amounts by name, priced by family.

``ff`` are flip-flops behind logic, ``ff.lone`` without logic before them, ``ff.dsp`` behind a
multiplier, ``ff.operand`` before a multiplier. A mapper counts ``lut``, ``alu``, ``compared`` and
``limits``; the spatial engine counts ``column``. ``bram`` and ``dsp`` are exact.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from amaranth.hdl import Const, Signal, Value

from ..exact.num import Int
from ..hw.fabric import LONGEST, Form, added
from ..hw.storage.memory import Words
from ..targets import Target
from .expressions import Expressions
from .mapper import Mapper
from .sums import COLUMNS

__all__ = ["EXACT", "Cells", "columns", "read", "support"]

EXACT = ("bram", "dsp")
BEHIND = {"": "ff.lone", "lut": "ff", "chain": "ff", "product": "ff.dsp", "kept": "ff.dsp",
          "block": "ff.sum"}
"""Flip-flops by the kind of logic before them."""
EXIT = 1.5
"""Levels behind a comparator's carry chain."""
LARGEST = 8
"""Address bits of the largest table with a price; a larger one is several of them."""


class Cells:
    """Lists the parts of logic, registers, counters and memories on a target."""

    def __init__(self, target: Target):
        self.target, self.family = target, target.family
        self.delays = target.delays

    def expressions(self, blocks: Sequence[int] = ()) -> Expressions:
        """Makes an empty mapper of expressions; ``blocks`` are the DSP blocks of each product, as
        an earlier walk decided them."""
        return Expressions(Mapper(self.family, self.delays), blocks)

    def mapped(self, e: Expressions, *registers: Sequence[Any]) -> dict[str, float]:
        """Lists the parts of the logic that ``e`` has mapped, and of registers behind it; each of
        ``registers`` is the list of values that one kind of register holds."""
        found: Counter[str] = Counter()
        seen: set[int] = set()
        for values in registers:
            for bit in (bit for value in values for bit in e.bits(value)):
                if isinstance(bit, int) or id(bit) in seen:
                    continue
                seen.add(id(bit))
                e.mapper.net(bit)
                found[BEHIND["lut" if bit.net is not None else bit.made_by]] += 1
        m = e.mapper
        return added(found, {
            "lut": m.luts, "alu": m.alu, "alu.one": m.single, "alu.again": m.again,
            "compared": m.compared,
            "limits": m.limits, "absorbed": m.absorbed, "joined": m.joined, "chain": m.chains,
            "dsp": m.dsps, LONGEST: m.latest})

    # -- counters, registers and memories

    def counter(self, count: int) -> dict[str, float]:
        """Lists the parts of a counter from 0 to ``count - 1`` that wraps."""
        bits = max(count - 1, 0).bit_length()
        if not bits:
            return {}
        return {"counter": 1, "counter.bit": bits, "ff": bits,
                "counter.odd": bits * (count != 1 << bits)}

    def buffer(self, bits: int, kind: str = "ff") -> dict[str, float]:
        """Lists the parts of a skid buffer of ``bits`` bits; its output registers are of ``kind``.
        """
        return added({"buffer": 1, "buffer.bit": bits, "ff": 2, "ff.lone": bits}, {kind: bits})

    def memory(self, width: int, depth: int, *, writable: bool, one_address: bool = False
               ) -> dict[str, float]:
        """Lists the parts of a writable memory with a read register, or of a constant one in block
        RAM.

        Parameters
        ----------
        width : bits of a word
        depth : number of words
        writable : whether the memory is written
        one_address : whether it is read and written at one address, without a read register, if
            that makes it smaller
        """
        one = one_address and self.target.one_address(width, depth)
        match self.target.style(width, depth, writable=writable):
            case "block":
                blocks = self.family.blocks(width, depth)
                return {"bram": blocks, "block": 1, "block.bit": width, "blocks": blocks,
                        "block.deep": width * (depth > self.family.deepest)}
            case "distributed":
                cell_width, cell_depth = (
                    self.family.one_address_cell if one else self.family.distributed_cell)
                rows = -(-depth // cell_depth)
                return {"distributed.cell": -(-width // cell_width) * rows,
                        "ff": width * (not one), "distributed.row": (rows - 1) * width}
            case "logic":
                return {"registers.bit": width * depth, "ff.lone": width * depth, "ff": width,
                        "registers.read": width * (depth - 1)}

    def rom(self, words: Sequence[int], width: int, *, counted: bool = True, form: Form = ""
            ) -> dict[str, float]:
        """Lists the parts of a constant memory.

        Parameters
        ----------
        words : the contents
        width : bits of a word
        counted : whether it has its own address counter
        form : where it goes
        """
        depth = len(words)
        if depth == 1:
            return {}
        control = Counter(added(self.counter(depth), {"rom": 1, "ff": 1}) if counted else {})
        if self.target.style(width, depth, writable=False, form=form) == "block":
            return added(control, self.memory(width, depth, writable=False))
        for needs in support(words, width):
            control["ff" if needs > 1 else "ff.lone"] += 1
            most = LARGEST if self.family.block else needs
            control[f"rom{min(needs, most)}"] += -(-depth >> most) if needs > most else 1
        return dict(control)

    def reading(self, words: list[int], width: int) -> tuple[float, float]:
        """Predicts the delays of a constant memory: from the clock to its output, and from its
        address to the clock, where a LUT takes each address bit but one.

        Parameters
        ----------
        words : the contents
        width : bits of a word"""
        if self.target.style(width, len(words), writable=False) == "block":
            return self.delays.memory, self.delays.level / 2
        return 0.0, self.levels(max((len(words) - 1).bit_length() - 1, 1))

    def comparing(self, value: Value) -> float:
        """Predicts the delay of a comparison, in nanoseconds: a bit, or a carry chain, the way out
        of it and the LUT of the signs."""
        e = self.expressions()
        e.need(value)
        return e.mapper.latest and e.mapper.latest + self.levels(EXIT)

    def levels(self, count: float) -> float:
        """Returns the delay of ``count`` LUTs in series, in nanoseconds."""
        return count * self.delays.level

    def kept(self, words: Sequence[int], width: int, *, form: Form = "") -> dict[str, float]:
        """Lists the parts of a register behind a constant memory; synthesis merges equal bits of a
        memory in logic.

        Parameters
        ----------
        words : the contents
        width : bits of a word
        form : where the memory goes
        """
        depth = len(words)
        if depth == 1:
            return {}
        block = self.target.style(width, depth, writable=False, form=form) == "block"
        bits = width if block else len(set(columns(words, width)) - {0, (1 << depth) - 1})
        return {"ff": 1, "ff.lone": bits}

    def per_group(self, values: np.ndarray, interval: Int, *, seen: bool = True,
                  form: Form = "", kept: bool = False
                  ) -> tuple[dict[str, float], list[Value]]:
        """Lists the parts of per-group constants; returns them and the constants as values.

        Equal groups are constants, others are signals.

        Parameters
        ----------
        values : integers (groups, lanes)
        interval : an interval that contains all values
        seen : whether synthesis sees which bits of the memory are constant
        form : where the memory goes
        kept : whether a register stands behind the memory
        """
        if (values == values[0]).all():
            return {}, [Const(int(v), interval.shape) for v in values[0]]
        width = interval.width * values.shape[1]
        words = Words(values, interval.width)
        parts = added(self.rom(words, width, form=form),
                      self.kept(words, width, form=form) if kept else {})
        if self.target.style(width, len(words), writable=False, form=form) == "block":
            return parts, [Signal(interval.shape) for _ in values[0]]
        return parts, read(columns(words, width), len(words), interval, seen=seen)


def columns(words: Sequence[int], width: int) -> list[int]:
    """Returns each bit of a memory word as a column over all words, the lowest bit first."""
    return [sum((word >> k & 1) << n for n, word in enumerate(words)) for k in range(width)]


def read(columns: list[int], depth: int, interval: Int, *, seen: bool = True) -> list[Value]:
    """Makes the outputs of a memory in logic from the bit columns of its words.

    Bits whose columns are equal are the same signal.

    Parameters
    ----------
    columns : for each bit of a word, an integer with the bit's value in every word
    depth : number of words
    interval : interval of each number in a word
    seen : whether constant columns become constant bits
    """
    fixed = {0: -1, (1 << depth) - 1: -2} if seen else {}
    found = tuple(fixed.get(column, column) for column in columns)
    whole = Signal(len(found), attrs={COLUMNS: found})
    numbers = [whole[k:k + interval.width] for k in range(0, len(whole), interval.width)]
    return [n.as_signed() if interval.shape.signed else n for n in numbers]


def support(words: Sequence[int], width: int) -> list[int]:
    """Counts the address bits on which each bit of a memory word depends. Constant bits and copies
    of another bit are left out."""
    depth = len(words)
    pairs = [(1 << b, sum(1 << n for n in range(depth) if not n >> b & 1 and n + (1 << b) < depth))
             for b in range((depth - 1).bit_length())]
    return [max(sum((column ^ column >> apart) & low != 0 for apart, low in pairs), 1)
            for column in set(columns(words, width)) - {0, (1 << depth) - 1}]
