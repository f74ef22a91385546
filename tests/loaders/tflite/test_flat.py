"""Flatbuffers written byte by byte: their fields, and offsets that lead out of them."""

import struct

import pytest

from qhw.loaders.tflite.flat import Damaged, root

TEXT = (struct.pack("<I", 16)                               # 0: the root table begins at 16
        + struct.pack("<HHHHH", 10, 12, 4, 0, 8) + b"\0\0"      # 4: its vtable has three slots
        + struct.pack("<iiI", 12, -5, 4)                    # 16: 12 bytes behind it; -5; 4 bytes on
        + struct.pack("<I", 3) + b"abc")                    # 28: three letters
TABLES = (struct.pack("<I", 16) + struct.pack("<HHH", 6, 8, 4) + bytes(6)
          + struct.pack("<iI", 12, 4)                       # 16: the vtable at 4; 4 bytes on
          + struct.pack("<III", 2, 8, 12)                   # 24: two tables, at 36 and at 44
          + struct.pack("<ii", 32, 7) + struct.pack("<ii", 40, 8))


def test_fields_by_their_slot():
    table = root(TEXT)
    assert table.slots == [0, 2]
    assert (table.scalar(0, "int"), table.scalar(0, "ubyte")) == (-5, 251)
    assert [table.scalar(slot, "int", 9) for slot in (1, 3, 7)] == [9, 9, 9]
    assert table.vector(2, "u1").tolist() == [97, 98, 99] and len(table.vector(1, "i4")) == 0
    assert (table.text(2, 3), table.text(1, 3)) == ("abc", "")
    assert table.table(2).at == 28 and table.table(1) is None


def test_tables_of_a_vector():
    assert [t.at for t in root(TABLES).tables(0, 2)] == [36, 44]
    assert [t.scalar(0, "int") for t in root(TABLES).tables(0, 2)] == [7, 8]
    assert root(TEXT).tables(1, 0) == []


def test_letters_that_are_none_are_replaced():
    assert root(TEXT.replace(b"b", b"\xff")).text(2, 3) == "a\ufffdc"


@pytest.mark.parametrize(("data", "ask", "says"), [
    (b"", lambda t: t.slots, "byte 0 of 0"),
    (struct.pack("<I", 99), lambda t: t.slots, "byte 99 of 4"),
    (TEXT[:16] + struct.pack("<i", 99) + TEXT[20:], lambda t: t.slots, "byte -83 of 35"),
    (TEXT[:22], lambda t: t.scalar(0, "int"), "byte 20 of 22"),
    (TEXT[:34], lambda t: t.text(2, 3), "has 3 elements, more than the file"),
    (TEXT, lambda t: t.vector(2, "i4"), "has 3 elements, more than the file"),
    (TEXT[:28] + b"\xff" * 4 + b"abc", lambda t: t.vector(2, "u1"), "4294967295 elements"),
    (TEXT[:24] + b"\xff" * 8, lambda t: t.vector(2, "u1"), "an offset leads to byte"),
    (TEXT, lambda t: t.text(2, 2), "a name has 3 characters, more than 2"),
    (TABLES, lambda t: t.tables(0, 1), "a list has 2 members, more than 1")])
def test_what_leads_out_of_the_file(data, ask, says):
    with pytest.raises(Damaged, match=says):
        ask(root(data))
