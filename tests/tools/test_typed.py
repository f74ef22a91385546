"""Dataclasses as JSON and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from qhw.tools.typed import Known, Maybe, as_json, read


@dataclass(frozen=True)
class Point(Known):
    x: int
    y: float = 0.5
    note: Maybe[str] = None


@dataclass(frozen=True)
class Shape:
    name: str
    points: tuple[Point, ...]
    pair: tuple[int, str] = (1, "a")
    by_name: Mapping[str, Point] = field(default_factory=dict)
    either: int | str | None = None
    rows: Sequence[int] = ()
    free: Any = None


SHAPE = Shape("s", (Point(1, 2.5, "n"), Point(3)), (4, "b"), {"p": Point(5)}, "six", (7, 8))
JSON = {"name": "s", "points": [{"x": 1, "y": 2.5, "note": "n"}, {"x": 3, "y": 0.5}],
        "pair": [4, "b"], "by_name": {"p": {"x": 5, "y": 0.5}}, "either": "six", "rows": [7, 8],
        "free": None}


def test_there_and_back():
    """In the fields' order; what may be left out is no key while it is None."""
    assert as_json(SHAPE) == JSON and list(as_json(SHAPE)) == list(JSON)
    assert read(Shape, JSON) == SHAPE


def test_a_dataclass_is_the_mapping_that_its_json_is():
    known = Point(3, note="n")
    assert dict(known) == {"x": 3, "y": 0.5, "note": "n"} and len(Point(3)) == 2
    assert known["note"] == "n" and "note" not in Point(3)
    assert as_json({"a": [known, (1, None)]}) == {"a": [{"x": 3, "y": 0.5, "note": "n"}, [1, None]]}


def test_what_is_left_out_or_null_is_the_default():
    """Other keys are left out, and an integer is a number."""
    assert read(Point, {"x": 1, "y": None, "note": None, "z": 9}) == Point(1)
    found = read(Point, {"x": 1, "y": 2})
    assert found.y == 2 and read(Shape, {"name": "s", "points": []}) == Shape("s", ())
    assert read(Shape, {"name": "s", "points": [], "either": 3}).either == 3


@pytest.mark.parametrize(("change", "says"), [
    ({"name": 3}, "name should be str, not 3"),
    ({"points": None}, r"points should be .*, not None"),
    ({"points": [{"x": 1}, {"x": "a"}]}, r"points\[1\]\.x should be int, not a"),
    ({"points": [{}]}, r"points\[0\] has no x"), ({"by_name": {"q": {"x": 1.5}}},
                                                 r"by_name\.q\.x should be int, not 1\.5"),
    ({"points": [{"x": 1, "y": "2"}]}, r"points\[0\]\.y should be float, not 2"),
    ({"either": [1]}, "either should be int"), ({"rows": [1, "a"]}, r"rows\[1\] should be int"),
    ({"pair": [1, 2]}, r"pair\[1\] should be str, not 2")])
def test_what_stands_for_none(change, says):
    with pytest.raises(ValueError, match=says):
        read(Shape, JSON | change)


def test_what_is_no_object():
    with pytest.raises(ValueError, match="it should be Point, not 3"):
        read(Point, 3)
    with pytest.raises(ValueError, match="it has no x"):
        read(Point, {})
    with pytest.raises(ValueError, match="zip"):
        read(Shape, JSON | {"pair": [1]})
