"""Bugs that are planted to try the tests: their places, and that each is another program."""

import ast

import pytest

from sim.proof.planted import ROOT, Bug, Places, drawn, rooms
from tests.seeds import rotating

CASES = [("x = a < b", [("< ", "<= ")]), ("x = not a", [("not ", "")]),
         ("x = min(a, b)", [("min", "max")]), ("x = f(a, b)", [("a, b", "b, a")]),
         ("x = a - 1", [(" - ", " + "), ("1", "2")]), ("x = a and b", [("and", "or")]),
         ("if a:\n    pass", [("a", "False")]), ("x = f'{a + b}'", []), ("x: 'a < b' = a", []),
         ("x = 'a' + b", []), ("@f(a < b)\nclass A:\n    pass", [])]


@pytest.mark.parametrize(("text", "changes"), CASES)
def test_places(text, changes):
    found = [(bug.old.strip(), bug.new.strip()) for bug in Places("x.py", text).found]
    assert found == [(old.strip(), new.strip()) for old, new in changes]


def test_a_bug_changes_its_place_alone():
    assert Bug("x.py", 1, 7, "<", "<=").planted("é = a < b < c".encode()) == (
        "é = a <= b < c".encode())


@pytest.mark.parametrize("seed", rotating(2))
def test_what_is_drawn_is_another_program(seed):
    bugs = list(drawn(40, seed))
    assert len({bug.path for bug in bugs}) > min(25, len(rooms()) - 1)
    for bug in bugs:
        text = (ROOT / bug.path).read_bytes()
        assert ast.dump(ast.parse(bug.planted(text))) != ast.dump(ast.parse(text))
