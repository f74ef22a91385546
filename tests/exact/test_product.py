"""Products by BLAS against Python's integers, on both sides of what float32 and float64 hold."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from qhw.exact.held import HOLDS, whole
from qhw.exact.product import Depthwise, Digits, Product
from qhw.exact.window import Window

ORDERS = ["C", "F"]


def by_hand(weights, start, x):
    """Python's integers; vectors in the last dimension, groups in the one before it."""
    groups, outputs, inputs = weights.shape
    rows = np.asarray(x).reshape(-1, groups, inputs).tolist()
    starts = start.reshape(groups, outputs).tolist()
    return [[sum(a * b for a, b in zip(w, row[g], strict=True)) + starts[g][k]
             for g in range(groups) for k, w in enumerate(weights[g].tolist())] for row in rows]


def corners(reach, inputs=6):
    """Weights and inputs whose sums of magnitudes are ``reach``: odd sums, ones that cancel, and
    ones that reach the end only on the way."""
    w = np.array([[1] * inputs, [1, -1] * (inputs // 2), [1, 1, -1, -1, 1, 1]])
    most = reach // inputs
    return w, np.array([[most] * inputs, [-most] * inputs, [most, -most] * (inputs // 2),
                        [most, most - 1, most, 1 - most, 1, 0], [1, 0, 0, 0, 0, most]])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("bits", "beside"), [*product((24, 53), (-7, -1, 0, 1, 7))])
def test_at_the_ends_of_floats(bits, beside, order):
    """Sums whose partial sums reach 2**24 and 2**53, and some integers more or fewer."""
    w, x = corners((1 << bits) + beside)
    start = np.array([1, 0, -1])
    op = Product(w[None], start)
    most = int(np.abs(x).max())
    found = op.within(most)(np.array(x, order=order))
    assert whole(found).tolist() == by_hand(w[None], start, x)
    assert 6 * most + 1 <= HOLDS[op.kind(most)]


@pytest.mark.parametrize(("kind", "bits"), [(np.float32, 24), (np.float64, 53)])
def test_a_type_too_narrow_would_be_seen(kind, bits, monkeypatch):
    """The bound is not a formality: one bit more in the same type gives other sums."""
    w, x = corners((1 << bits + 1) - 6)
    monkeypatch.setattr(Product, "kind", lambda self, most: kind)
    op = Product(w[None], np.array([1, 1, 1]))
    found = op.within(0)(x)
    assert whole(found).tolist() != by_hand(w[None], op.start, x)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("bits", "kind"), [(2, np.float32), (8, np.float32), (14, np.float64),
                                            (28, np.int64)])
@pytest.mark.parametrize(("groups", "lead"), [(1, (5,)), (1, (2, 3, 2)), (3, (4,)), (3, (2, 3))])
def test_random_products(bits, kind, groups, lead, order):
    rng = np.random.default_rng(bits)
    most = (1 << bits) - 1
    w = rng.integers(-most, most + 1, (groups, 4, 7))
    start = rng.integers(-most, most + 1, 4 * groups)
    x = rng.integers(-most, most + 1, (*lead, *((groups,) if groups > 1 else ()), 7))
    x.flat[:3] = most, -most, most
    w.flat[:3] = -most, most, most
    op = Product(w, start)
    assert op.kind(most) is kind
    found = op.within(most)(np.array(x, order=order))
    assert found.dtype == kind and found.shape == (*lead, 4 * groups)
    assert whole(found).reshape(-1, 4 * groups).tolist() == by_hand(w, start, x)


def test_narrow_types_of_inputs():
    x = np.array([[-128, 127, 5]], np.int8)
    found = Product(np.full((1, 1, 3), 127), np.array([0])).within(128)(x)
    assert whole(found).tolist() == [[4 * 127]]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("bits", [3, 10, 24, 29])
@pytest.mark.parametrize("window", [
    Window((1, 1)), Window((3, 3), pads=(1, 1, 1, 1)), Window((3, 2), (2, 1), pads=(0, 1, 2, 0)),
    Window((2, 3), (3, 2), pads=(4, 0, 0, 5)), Window((1, 4), (2, 5)), Window((5, 4)),
    Window((2, 2), (4, 4), pads=(0, 0, 1, 1))], ids=str)
def test_depthwise(window, bits, order):
    """Against the product of the windows themselves, in int64."""
    rng = np.random.default_rng(bits)
    most = (1 << bits) - 1
    x = rng.integers(-most, most + 1, (3, 5, 6, 4))
    w = rng.integers(-most, most + 1, (4, 1, window.taps))
    start = rng.integers(-most, most + 1, 4)
    want = np.einsum("nrcijk,kij->nrck", window.patches(x, -most), w.reshape(4, *window.kernel))
    op = Depthwise(Product(w, start), window, -most)
    assert np.array_equal(whole(op.within(most)(np.array(x, order=order))), want + start)
    none = replace(op, fill=0).within(most)(np.zeros((1, 5, 6, 4), np.float32))
    assert (whole(none) == start).all()


@pytest.mark.parametrize(("reach", "count"), [
    (0, 9), (1, 9), (3, 8), (63, 3), (64, 3), (127, 3), (128, 2), (2047, 2), (2048, 1),
    (1 << 24, 1), (1 << 40, 1)])
def test_digits_of_a_float(reach, count):
    """Every number of digits at their ends is within float32, and one digit more would not be."""
    digits = Digits.of(reach, 9)
    assert digits.count == count and reach < digits.base / 2
    ends = [reach * sum(digits.base**k for k in range(n)) for n in (count, count + 1)]
    assert count == 9 or count == 1 or ends[0] <= 1 << 24 < ends[1]


@pytest.mark.parametrize("reach", [1, 3, 7, 127])
@pytest.mark.parametrize("rows", [1, 2, 3, 5, 6])
def test_every_pair_of_digits(reach, rows):
    """All sums beside all sums, and the rows that fill the last digit are left out."""
    digits = Digits.of(reach, rows)
    every = np.arange(-reach, reach + 1)
    columns = np.stack(np.meshgrid(every, every)).reshape(2, -1)
    given = np.resize(columns, (rows, columns.shape[1]))
    out = np.empty_like(given)
    digits.apart(digits.joined(given).astype(np.float32), out)
    assert np.array_equal(out, given)
    wrong = replace(digits, base=max(digits.base // 2, 1))
    wrong.apart(wrong.joined(given).astype(np.float32), out)
    assert digits.count == 1 or not np.array_equal(out, given)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("inputs", "outputs", "most"), [
    (48, 1, 1), (48, 7, 1), (63, 8, 1), (64, 5, 1), (127, 4, 1), (128, 3, 1), (60, 64, 17),
    (2047, 4, 1), (2048, 4, 1), (784, 10, 2)])
def test_joined_products(inputs, outputs, most, order):
    """Sums at both ends of their digits, beside each other in every way, and random ones."""
    rng = np.random.default_rng(inputs)
    w = rng.choice([-1, 1], (1, outputs, inputs))
    x = rng.integers(-most, most + 1, (6, inputs))
    x[:2], w[0, 0], w[0, -1] = [[most], [-most]], 1, -1
    for k in range(2, 4):
        x[k] = most * w[0, k % outputs]
    op = Product(w, rng.integers(-9, 10, outputs))
    found = op.within(most)(np.array(x, order=order))
    assert whole(found).tolist() == by_hand(w, op.start, x)
