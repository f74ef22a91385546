"""Kinds of folds: their numbers, how a file has them, and what is no fold."""

import pytest

from qhw.errors import ModelError
from qhw.graph import LEVELS, Groups, Lanes, PeSimd, Spatial, Whole, as_folds


@pytest.mark.parametrize(("fold", "numbers", "size", "json"), [
    (PeSimd(2, 3), (2, 3), 6, {"pe": 2, "simd": 3}),
    (PeSimd(2, 3, 1), (2, 3, 1), 6, {"pe": 2, "simd": 3, "stages": 1}),
    (Lanes(4), (4,), 4, {"lanes": 4}),
    (Lanes(4, 1), (4, 1), 4, {"lanes": 4, "stages": 1}),
    (Whole(4), (4,), 4, {"channels": 4}),
    (Groups(4), (4,), 4, {"groups": 4}),
    (Groups(4, 1), (4, 1), 4, {"groups": 4, "stages": 1}),
    (PeSimd(2, 3, memory="luts"), (2, 3), 6, {"pe": 2, "simd": 3, "memory": "luts"}),
    (Groups(4, memory="block"), (4,), 4, {"groups": 4, "memory": "block"}),
    (Spatial(), (), 1, {"spatial": True}),
    (Spatial(LEVELS), (), 1, {"spatial": True}),
    (Spatial(2), (2,), 2, {"spatial": True, "levels": 2})])
def test_every_kind(fold, numbers, size, json):
    assert (fold.numbers, fold.size, fold.json()) == (numbers, size, json)
    assert any(set(keys) <= fold.json().keys() <= {*keys, *fold.optional} for keys in fold.keys)


def test_kinds_with_the_same_numbers_differ():
    assert len({PeSimd(2, 3), PeSimd(3, 2), Lanes(2), Whole(2), Groups(2), Spatial(2),
                PeSimd(2, 3)}) == 6


def test_short_ones():
    given = {"a": (2, 3), "b": (4,), "c": (), "d": Spatial(2), "e": PeSimd(1, 1), "f": [2, 3],
             "g": (2, 3, 1)}
    assert as_folds(given) == {"a": PeSimd(2, 3), "b": Lanes(4), "c": Spatial(), "d": Spatial(2),
                               "e": PeSimd(1, 1), "f": PeSimd(2, 3), "g": PeSimd(2, 3, 1)}
    assert as_folds(None) == {}
    with pytest.raises(ModelError, match=r"Fold of 'fc': \(1, 2, 3, 4\) is neither"):
        as_folds({"fc": (1, 2, 3, 4)})


@pytest.mark.parametrize("given", [("2", 1), (True, 1), (2.0, 1), (True,), None, 5, "ab"])
def test_short_folds_are_whole_numbers(given):
    with pytest.raises(ModelError, match=r"Fold of 'fc': .* is neither"):
        as_folds({"fc": given})


@pytest.mark.parametrize("given", [[(1, 2)], "ab", 5, PeSimd(1, 2)])
def test_folds_are_by_layer(given):
    with pytest.raises(ModelError, match=f"Folds map layers' names .* {type(given).__name__} does"):
        as_folds(given)
