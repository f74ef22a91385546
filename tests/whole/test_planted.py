"""The bugs that are planted to try the tests."""

import ast
from collections import Counter

from sim.proof.planted import ROOT, drawn, listed


def test_each_listed_bug_is_a_change_of_a_line():
    """Of another room each, and a program still."""
    bugs = list(listed())
    assert len(bugs) == len({bug.tests for bug in bugs}) == 12
    for bug in bugs:
        text = (ROOT / bug.path).read_bytes()
        planted = bug.planted(text)
        ast.parse(planted)
        assert planted != text and (ROOT / bug.tests).is_dir()
        assert bug.new in planted.decode().splitlines()[bug.line - 1]


def test_drawn_bugs_are_changes_of_programs_each_in_another_room():
    bugs = list(drawn(20, seed=3))
    assert max(Counter(bug.path.rpartition("/")[0] for bug in bugs).values()) == 1
    for bug in bugs:
        text = (ROOT / bug.path).read_bytes()
        ast.parse(bug.planted(text))
        assert bug.planted(text) != text
