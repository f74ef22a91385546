"""Parts of circuits: counters, memories, constants, by hand."""

import numpy as np
import pytest
from amaranth.hdl import Signal

from qhw.estimator.parts import Cells, columns, support
from qhw.exact.num import Int
from qhw.targets import target
from tests.estimator.mapping import ICE40


def test_columns_of_a_memory():
    """Of addresses 0 .. 3: a bit of the address, one that needs both, a constant, a copy."""
    words = [0b0100, 0b1101, 0b0100, 0b0111 | 0b1000]
    assert sorted(support(words, 4)) == [1, 2]


CELLS = Cells(ICE40)


@pytest.mark.parametrize(("count", "want"), [
    (1, {}), (2, {"counter": 1, "counter.bit": 1, "ff": 1, "counter.odd": 0}),
    (5, {"counter": 1, "counter.bit": 3, "ff": 3, "counter.odd": 3}),
    (8, {"counter": 1, "counter.bit": 3, "ff": 3, "counter.odd": 0})])
def test_counters(count, want):
    """One that does not wrap by itself compares all its bits."""
    assert CELLS.counter(count) == want


def test_buffers():
    assert CELLS.buffer(5) == {"buffer": 1, "buffer.bit": 5, "ff": 2 + 5, "ff.lone": 5}
    assert CELLS.buffer(5, "ff.dsp")["ff.dsp"] == 5


@pytest.mark.parametrize(("chip", "width", "depth", "want"), [
    ("ice40hx8k", 16, 300, {"bram": 2, "block": 1, "block.bit": 16, "blocks": 2, "block.deep": 0}),
    ("ice40hx8k", 1, 2049, {"bram": 2, "block": 1, "block.bit": 1, "blocks": 2, "block.deep": 1}),
    ("ecp5-25k", 5, 20, {"distributed.cell": 2 * 2, "ff": 5, "distributed.row": 5}),
    ("ice40hx8k", 4, 5, {"registers.bit": 20, "ff.lone": 20, "ff": 4, "registers.read": 16})])
def test_writable_memories(chip, width, depth, want):
    assert Cells(target(chip)).memory(width, depth, writable=True) == want


def test_constant_memories():
    """Of one word it is nothing; of four, by the address bits that each bit needs."""
    assert CELLS.rom([9], 4) == {}
    words = [0b0100, 0b1101, 0b0100, 0b0111 | 0b1000]
    counted = CELLS.rom(words, 4)
    assert (counted["rom1"], counted["rom2"], counted["rom"]) == (1, 1, 1)
    bare = CELLS.rom(words, 4, counted=False)
    assert bare == {"rom1": 1, "rom2": 1, "ff": 1, "ff.lone": 1}


def test_columns_of_words():
    assert columns([0b01, 0b11, 0b10], 2) == [0b011, 0b110]


def test_constants_of_groups():
    """Alike they are constants; others a memory, whose constant bits synthesis sees."""
    parts, values = CELLS.per_group(np.array([[3, -1], [3, -1]]), Int(-4, 3))
    assert parts == {} and [v.value for v in values] == [3, -1]
    parts, values = CELLS.per_group(np.array([[0, 1], [0, 2]]), Int(0, 3))
    e = CELLS.expressions()
    assert parts["rom"] == 1 and e.bits(values[0]) == [0, 0]
    assert not any(isinstance(bit, int) for bit in e.bits(values[1]))
    _, unseen = CELLS.per_group(np.array([[0, 1], [0, 2]]), Int(0, 3), seen=False)
    assert not any(isinstance(bit, int) for bit in CELLS.expressions().bits(unseen[0]))


def test_registers_by_what_is_before_them():
    """Behind a LUT, and behind nothing; the same bit once."""
    a, b = Signal(2), Signal(2)
    e = CELLS.expressions()
    both = a & b
    found = CELLS.mapped(e, [both, a], [both])
    assert (found["ff"], found["ff.lone"], found["lut"]) == (2, 2, 2)
