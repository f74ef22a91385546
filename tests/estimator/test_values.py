"""Properties of expressions that are known before they are mapped, by hand."""

import pytest
from amaranth.hdl import Cat, Const, Mux, Signal, signed

from qhw.estimator.cones import Cone
from qhw.estimator.values import conditions, decided, sums_in, written_signed

A, B, S = Signal(4, name="a"), Signal(signed(4), name="b"), Signal(name="s")
X = Cone(frozenset((1,)))
SUM = A + B


def test_outermost_sums():
    assert list(sums_in(A)) == [] and list(sums_in(SUM)) == [SUM]
    inner = SUM * A
    assert list(sums_in(inner)) == [inner]
    assert list(sums_in(Cat(SUM[1:3], ~inner))) == [SUM, inner]


@pytest.mark.parametrize(("value", "want"), [
    (A + A, False), (A + B, True), (A + Const(-3), False), (B.as_unsigned() + A, False),
    (A.as_signed(), True), (B >> 1, True), (A << S, False), (Mux(S, A, B), True),
    (Const(-3), False)])
def test_what_is_signed_as_it_is_written(value, want):
    assert written_signed(value) == want


def test_masks_of_comparisons():
    hit = A == 3
    masked = A & hit.replicate(4)
    assert conditions(masked) == [hit] and conditions(A & S.replicate(4)) == []
    assert conditions(Cat(masked, A)) == [hit] and conditions(~masked) == [hit]
    assert conditions(masked + A) == []


@pytest.mark.parametrize(("kind", "bits", "signed", "limit", "minus", "want"), [
    ("<", 3, False, 8, False, 1), ("<", 3, False, 7, False, None), ("<", 3, False, 0, False, 0),
    (">=", 3, False, 0, False, 1), (">=", 3, False, 8, False, 0), (">", 3, False, 7, False, 0),
    ("<=", 3, False, 7, False, 1), ("<", 3, True, 4, False, 1), ("<", 3, True, 3, False, None),
    (">=", 3, True, -4, True, 1), (">", 3, True, -5, True, 1), ("<", 3, True, -4, True, 0)])
def test_comparisons_that_are_decided(kind, bits, signed, limit, minus, want):
    """Of 0..7 or -4..3 with a constant."""
    known = [limit >> k & 1 for k in range(5)]
    assert decided(kind, [([X] * bits, signed), (known, minus)]) == want


def test_what_is_not_constant_decides_nothing():
    assert decided("<", [([X], False), ([X, 0], False)]) is None
