"""Other gates for the same codes: which a scheme's codes have, and that sums stay the same."""

import numpy as np
import pytest

from qhw.engines.ways import WAYS, ways
from qhw.exact.formats import Power
from qhw.exact.num import Int
from qhw.pe import BitPlanes, Digits, Multiply
from qhw.schemes import parse
from tests.pe.sums import drawn, sums

X = Int(-4, 3)


@pytest.mark.parametrize(("scheme", "want"), [
    ("fixed:bits=4", {"chains", "digits", "dsp", "pairs"}),
    ("fixed:bits=8", {"chains", "digits", "planes"}),
    ("ternary", {"chains"}), ("binary", {"chains", "parities"}),
    ("codebook", set()), ("product", set())])
def test_the_ways_of_a_scheme(scheme, want):
    scheme = parse(scheme)
    found = scheme.quantize(np.random.default_rng(0).normal(size=(8, 8)))
    assert set(ways(scheme.element(found.table), X)) == want <= set(WAYS)


def test_codes_of_activations_have_gates_of_their_own():
    x = Power(4)
    assert not ways(parse("fixed").gates(x), x)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("bits", [2, 3, 5, 8])
def test_all_ways_have_the_same_sums(bits, narrow):
    planes = BitPlanes(bits, "twos", narrow)
    values = planes.weights(np.arange(1 << bits)[:, None]).ravel()
    product = Multiply(values, np.isin(np.arange(1 << bits), planes.codes))
    codes, xs = drawn(planes, X, 3)
    want = np.einsum("noi,ni->no", values[codes], xs)[:, :, None]
    for own in (planes, product):
        for element in (own, *ways(own, X).values()):
            assert element.codes.tolist() == planes.codes.tolist()
            assert np.array_equal(sums(element, codes, xs, X), want)
    assert ways(planes, X)["digits"] == ways(product, X)["digits"] == Digits(bits, X, narrow)
