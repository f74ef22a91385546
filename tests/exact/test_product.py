"""Products by BLAS against Python's integers, on both sides of what float32 and float64 hold."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from qhw.exact.held import HOLDS, whole
from qhw.exact.product import Depthwise, Product
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
