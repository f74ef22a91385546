"""Text that may be broken, and numbers, by hand."""

import pytest

from qhw.verilog.text import WIDTH, Doc, flat, lay, number, size, statement

SUM = Doc([("", "aaaa"), ("+ ", "bbbb"), ("- ", "cccc")], open="(", close=")")
LIST = Doc([("", "aaaa"), ("", "bbbb"), ("", "cccc")], ", ", "{", "}")
NESTED = Doc([("", "aaaa"), ("* ", SUM)])


@pytest.mark.parametrize(("text", "line"), [
    ("a", "a"), (SUM, "(aaaa + bbbb - cccc)"), (LIST, "{aaaa, bbbb, cccc}"),
    (NESTED, "aaaa * (aaaa + bbbb - cccc)")])
def test_a_line(text, line):
    assert flat(text) == line and size(text) == len(line)


@pytest.mark.parametrize(("text", "room", "rows"), [
    (SUM, 20, ["(aaaa + bbbb - cccc)"]), (SUM, 19, ["(aaaa", " + bbbb", " - cccc)"]),
    (LIST, 18, ["{aaaa, bbbb, cccc}"]), (LIST, 17, ["{aaaa, bbbb,", " cccc}"]),
    (LIST, 8, ["{aaaa,", " bbbb,", " cccc}"]), ("a" * 9, 4, ["a" * 9]),
    (NESTED, 24, ["aaaa", "* (aaaa + bbbb - cccc)"]),
    (NESTED, 12, ["aaaa", "* (aaaa", "   + bbbb", "   - cccc)"])])
def test_lines_of_at_most_so_many_columns(text, room, rows):
    assert lay(text, room) == rows


def test_a_statement_stands_on_one_line_if_it_fits():
    head = "y" * (WIDTH - 2 - 1 - size(SUM) - 1)
    assert statement(head, SUM, ";", 2) == [f"  {head} (aaaa + bbbb - cccc);"]
    assert len(statement(head, SUM, ";", 2)[0]) == WIDTH
    assert statement(f"{head}y", SUM, ";", 2) == [f"  {head}y", "      (aaaa + bbbb - cccc);"]


def test_what_stands_below_is_broken_too():
    wide = Doc([("", "a" * 60), ("+ ", "b" * 60)])
    assert statement("y =", wide, ";", 2) == ["  y =", f"      {'a' * 60}", f"      + {'b' * 60};"]


@pytest.mark.parametrize(("value", "width", "signed", "text"), [
    (5, 4, False, "4'd5"), (-3, 4, False, "4'd13"), (300, 4, False, "4'd12"),
    (1, 1, False, "1'b1"), (0, 1, False, "1'b0"), (5, 4, True, "4'sd5"), (-3, 4, True, "-4'sd3"),
    (13, 4, True, "-4'sd3"), (-8, 4, True, "-4'sd8"), (0, 1, True, "1'sd0"),
    (9999, 14, False, "14'd9999"), (10000, 14, False, "14'h2710"),
    ((1 << 256) - 1, 256, False, "256'h" + "f" * 64)])
def test_literals(value, width, signed, text):
    assert flat(number(value, width, signed=signed)) == text


def test_long_literals_are_in_parts_the_highest_first():
    value = 5 | 7 << 64 | 9 << 256
    assert flat(number(value, 260)) == "{4'd9, 64'd0, 64'd0, 64'd7, 64'd5}"
