"""Assignments and branches: their groups, and their text by hand."""

import pytest
from amaranth.hdl import Signal

from qhw.verilog.items import Branch, Set, every, groups, lines, merged, only, reads, sets
from qhw.verilog.text import Doc

A, B, C = (Signal(4, name=name) for name in "abc")


def put(signal, text="1", read=()):
    return Set(signal, 0, 4, signal.name, text, reads=frozenset(s.duid for s in read))


def when(*arms, test=None, casez=False):
    """A branch of (head, body) pairs."""
    return Branch(test, [head for head, _ in arms], [body for _, body in arms], casez)


def names(found):
    return [[s.signal.name for s in sets(group)] for group in found]


def test_all_within():
    nested = when(("s", [put(A), when(("t", [put(B)]))]), (None, [put(C, read=[A])]))
    assert [s.signal.name for s in sets([nested])] == ["a", "b", "c"]
    assert len(every([nested])) == 5 and reads([nested]) == {A.duid}
    kept, = only([nested], {B.duid})
    assert [s.signal.name for s in sets([kept])] == ["b"] and kept.heads == ["s", None]
    assert only([nested], {Signal().duid}) == []


def test_a_set_that_is_whole():
    assert put(A).whole
    assert not Set(A, 1, 4, "a[3:1]", "1").whole and not Set(A, 0, 4, "a", "1", fixed=False).whole


def test_statements_of_the_same_signals_are_a_group():
    """In the order of the first assignment; what has a signal in common joins."""
    assert names(groups([put(A), put(B), put(A)], apart=True)) == [["a", "a"], ["b"]]
    both = when(("s", [put(A), put(C)]))
    assert names(groups([put(A), put(B), put(C), both], apart=True)) == [["a", "c", "a", "c"],
                                                                         ["b"]]


def test_a_group_that_reads_itself_is_taken_apart():
    both = when(("s", [put(A), put(B, read=[A])]))
    assert names(groups([both], apart=False)) == [["a", "b"]]
    assert names(groups([both], apart=True)) == [["a"], ["b"]]
    with pytest.raises(NotImplementedError, match="signal a is read in statements that assign it"):
        groups([when(("s", [put(A, read=[A])]))], apart=True)


def test_neighbours_that_branch_alike_are_one():
    one, two = when(("s", [put(A)]), (None, [])), when(("s", [put(B)]), (None, [put(C)]))
    found, = merged([one, two])
    assert names(found.bodies) == [["a", "b"], ["c"]]
    assert len(merged([when(("s", [put(A)])), when(("t", [put(B)]))])) == 2
    assert len(merged([when(("s", [put(A)])), put(C), when(("s", [put(B)]))])) == 3


def body(*items, becomes="="):
    return "\n".join(lines(list(items), becomes, 2))


def test_if_and_else():
    assert body(when(("s", [put(A)]), ("t", [put(B)]), (None, [put(C)])), becomes="<=") == """\
  if (s) begin
    a <= 1;
  end else if (t) begin
    b <= 1;
  end else begin
    c <= 1;
  end"""


def test_empty_arms():
    """At the end they are left out; alone before an else, the condition turns round."""
    assert body(when(("s", [put(A)]), ("t", []), (None, []))) == """\
  if (s) begin
    a = 1;
  end"""
    assert body(when(("s", []), (None, [put(A)]))) == """\
  if (!(s)) begin
    a = 1;
  end"""
    assert "if (s) begin\n  end else if (t)" in body(when(("s", []), ("t", [put(A)])))


def test_cases():
    """Of one statement in a line; all others are empty, if nothing is said of them."""
    arms = ("2'd0", [put(A)]), ("2'd1", []), ("2'd2", [put(A), put(B)])
    assert body(when(*arms, test="x")) == """\
  case (x)
    2'd0: a = 1;
    2'd1: ;
    2'd2: begin
      a = 1;
      b = 1;
    end
    default: ;
  endcase"""
    found = body(when(("2'b?1", [put(A)]), (None, [put(B)]), test="x", casez=True))
    assert found == """\
  casez (x)
    2'b?1: a = 1;
    default: b = 1;
  endcase"""


def test_long_conditions_are_aligned():
    words = Doc([("", "a" * 60), ("& ", "b" * 60)])
    assert body(when((words, [put(A)]))).splitlines()[:2] == [
        f"  if ({'a' * 60}", f"      & {'b' * 60}) begin"]
    labels = Doc([("", "a" * 60), ("", "b" * 60)], ", ")
    found = body(when((labels, [put(A)]), (None, []), test="x")).splitlines()
    assert found[1:3] == [f"    {'a' * 60},", f"    {'b' * 60}: a = 1;"]
