"""What a tile adds up to, with what its weights leave out."""

import numpy as np

from qhw.pe import Tile
from qhw.testing.schemes import item
from qhw.testing.stream import run


def sums(element, codes, xs, x):
    """Exact sums (N, outputs, parts) of codes (N, outputs, codes) and vectors (N, lanes)."""
    tile = Tile(element, x, xs.shape[1], codes.shape[1])
    got = run(tile, [item(element, element.received(v.tolist()), element.stored(w))
                     for v, w in zip(xs, codes, strict=True)])
    rest = np.array([element.rest(w, x) for w in codes])
    return np.array(got).reshape(rest.shape) + rest


def drawn(element, x, lanes, count=25):
    """Codes of two outputs, and vectors, the first at the interval's ends."""
    rng = np.random.default_rng(3)
    codes = rng.choice(element.codes, (count, 2, lanes // element.group))
    xs = rng.integers(x.value.lo, x.value.hi + 1, (count, lanes))
    xs[0], xs[1] = x.value.lo, x.value.hi
    return codes, xs


def agree(element, x, lanes):
    """The gates' sums are those of the decoded weights, within the interval that is promised."""
    codes, xs = drawn(element, x, lanes)
    want = np.einsum("nopi,ni->nop", np.array([element.weights(w) for w in codes]), xs)
    assert np.array_equal(sums(element, codes, xs, x), want)
