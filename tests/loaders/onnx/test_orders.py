"""Orders of elements: by hand, and every order that loops make."""

from itertools import permutations, product

import numpy as np
import pytest

from qhw.loaders.onnx.orders import Walk, walk
from tests.seeds import rotating


@pytest.mark.parametrize(("places", "size", "want"), [
    ([0, 1, 2, 3], 4, Walk(4, 0, 1, ())),                           # as they are
    ([1, 4, 7], 9, Walk(3, 1, 1, ())),                              # the middle of each three
    ([3, 4, 5], 9, Walk(1, 3, 3, ((3, 1),))),                       # the second three
    ([0, 2, 1, 3, 4, 6, 5, 7], 8, Walk(2, 0, 4, ((2, 1), (2, 2)))),     # transposed, each four
    ([5, 5, 6, 6], 8, Walk(1, 5, 2, ((2, 1), (2, 0)))),             # repeated
    ([1, 3, 5], 6, Walk(3, 1, 1, ())), ([0, 2, 4], 6, Walk(3, 0, 1, ())),
    ([2, 1, 0], 3, Walk(1, 0, 3, ((3, -1),), 2)),                   # backwards
    ([5, 4, 3, 8, 7, 6], 12, Walk(1, 3, 6, ((2, 3), (3, -1)), 2)),
    ([4, 0, 2], 6, Walk(1, 0, 5, ((3, (0, -4, -2)),), 4)),          # no stride
    ([0, 1, 3, 4, 5, 7], 8, Walk(2, 0, 4, ((3, (0, 1, 3)),))),      # of each four
    ([2, 3, 0, 1, 4, 5], 6, Walk(1, 0, 6, ((3, (0, -2, 2)), (2, 1)), 2))])
def test_by_hand(places, size, want):
    assert walk(np.array(places), size) == want


def read(found, size):
    """What a walk reads, loop by loop."""
    block, made = size // found.blocks, []
    for k in range(found.blocks):
        for indices in product(*(range(count) for count, _ in found.loops)):
            steps = zip(indices, found.loops, strict=True)
            made.append(k * block + found.first + found.start + sum(
                s[i] if isinstance(s, tuple) else i * s for i, (_, s) in steps))
    return made


@pytest.mark.parametrize("k", rotating(20))
def test_any_order(k):
    """Rows, columns and channels picked at random, and all of it at random."""
    random = np.random.default_rng(k)
    shape = random.integers(1, 7, 3)
    whole = np.arange(shape.prod()).reshape(shape)
    picked = whole[np.ix_(*(random.integers(0, n, random.integers(1, 9)) for n in shape))]
    for places in (picked.ravel(), random.integers(0, whole.size, 1 + k % 30)):
        found = walk(places, whole.size)
        assert found is not None and read(found, whole.size) == places.tolist()


def test_long_tables_are_refused():
    """5003 is prime; seven in each of a thousand blocks are few."""
    places = np.random.default_rng(0).permutation(5003)
    assert walk(places, 5003) is None
    assert walk(np.concatenate([places[:7].argsort() + 7 * k for k in range(1000)]), 7000)


@pytest.mark.parametrize("order", list(permutations(range(4))))
@pytest.mark.parametrize("part", [np.s_[:, :, :, :], np.s_[1:, :, :2, ::2], np.s_[:, 2:, 1:, :]])
def test_parts_in_any_order_of_dimensions(order, part):
    whole = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    places = whole[part].transpose(order).ravel()
    found = walk(places, whole.size)
    assert found is not None and read(found, whole.size) == places.tolist()


def test_channels_are_shuffled_pixel_by_pixel():
    """Two groups of three in a hundred pixels: a block is a pixel."""
    places = np.arange(600).reshape(100, 2, 3).transpose(0, 2, 1).ravel()
    assert walk(places, 600) == Walk(100, 0, 6, ((3, 1), (2, 3)))
