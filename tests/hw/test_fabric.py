"""Amounts of parts add up, and the longest path stays the longest."""

from qhw.hw.fabric import LONGEST, added, times


def test_parts_side_by_side():
    a, b = {"ff": 3, LONGEST: 2.5}, {"ff": 4, "alu": 1, LONGEST: 2.0}
    assert added(a, b) == {"ff": 7, "alu": 1, LONGEST: 2.5} == added(b, a)
    assert added() == {}
    assert times(a, 3) == {"ff": 9, LONGEST: 2.5}
    assert added({"ff": -1}, {LONGEST: 1.0}) == {"ff": -1, LONGEST: 1.0}
