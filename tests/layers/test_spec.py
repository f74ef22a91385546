"""What a layer's table may hold."""

from fractions import Fraction

import pytest
from pydantic import ValidationError

from qhw.exact.num import Int, Rounding
from qhw.exact.window import Window
from qhw.layers.spec import CodesSpec, Sliding, Spec, rational

F = Fraction


@pytest.mark.parametrize(("value", "want"), [
    (3, F(3)), (0.5, F(1, 2)), ("1/255", F(1, 255)), ("2.5", F(5, 2)), ("1e-3", F(1, 1000))])
def test_rationals(value, want):
    assert rational(value) == want


@pytest.mark.parametrize(("value", "message"), [
    (True, "a number or a fraction in a string"), (None, "a number or a fraction in a string"),
    ([1], "a number or a fraction in a string"), ("one", "a finite number or a fraction"),
    (0, "greater than 0"), ("-1/2", "greater than 0")])
def test_what_is_no_scale(value, message):
    with pytest.raises(ValueError, match=message):
        rational(value)


@pytest.mark.parametrize(("table", "want"), [
    ({"bits": 4}, Int(0, 15)), ({"bits": 4, "signed": True}, Int(-8, 7)),
    ({"bits": 4, "signed": True, "narrow": True}, Int(-7, 7)),
    ({"bits": 4, "narrow": True}, Int(1, 15)), ({"bits": 1, "signed": True}, Int(-1, 0)),
    ({"range": [-3, 4]}, Int(-3, 4)), ({"bits": 16}, Int(0, 65535))])
def test_intervals(table, want):
    assert CodesSpec(**table).interval == want


def test_codes_are_integers_if_nothing_is_said():
    spec = CodesSpec(bits=1)
    assert (spec.scale, spec.zero_point, spec.rounding) == (1, 0, Rounding.HALF_EVEN)


@pytest.mark.parametrize(("table", "message"), [
    ({}, "There should be either bits or range"),
    ({"bits": 1, "range": [0, 1]}, "There should be either bits or range"),
    ({"range": [3, 3]}, "The range should rise"), ({"range": [4, 3]}, "The range should rise"),
    ({"bits": 1, "signed": True, "narrow": True}, "One narrow signed bit leaves one value"),
    ({"bits": 0}, "greater than or equal to 1"), ({"bits": 17}, "less than or equal to 16"),
    ({"bits": 2.0}, "valid integer"), ({"bits": 2, "bit": 1}, "Extra inputs"),
    ({"bits": 2, "zero_point": "1"}, "valid integer"), ({"bits": 2, "rounding": "up"}, "half-up")])
def test_codes_that_are_none(table, message):
    with pytest.raises(ValidationError, match=message):
        CodesSpec(**table)


class Slid(Sliding):
    """Of no type, so that no description can name it."""

    def op(self, arrays):
        raise NotImplementedError


def test_windows():
    spec = Slid(name="a", kernel=[1, 2], stride=[3, 4], dilation=[5, 6], pads=[7, 8, 9, 10])
    assert spec.window == Window((1, 2), (3, 4), (5, 6), (7, 8, 9, 10))
    assert Slid(name="a", kernel=[3, 4]).window == Window((3, 4))
    for table in ({"kernel": [3]}, {"kernel": [1, 1], "pads": [1, 1]}, {"kernel": [1.0, 1]}, {}):
        with pytest.raises(ValidationError):
            Slid(name="a", **table)


@pytest.mark.parametrize(("name", "right"), [
    ("a", True), ("A_1", True), ("a" * 40, True), ("a" * 41, False), ("1a", False), ("_a", False),
    ("a-b", False), ("", False), ("a\n", False)])
def test_names(name, right):
    table = {"name": name, "type": "relu"}
    if right:
        assert Spec.types["relu"].model_validate(table).name == name
    else:
        with pytest.raises(ValidationError, match="name"):
            Spec.types["relu"].model_validate(table)


def test_a_layer_has_one_input_and_its_own_type():
    relu = Spec.types["relu"]
    assert relu.model_validate({"name": "a", "type": "relu", "inputs": ["b"]}).inputs == ["b"]
    for wrong in ({"inputs": ["b", "c"]}, {"inputs": []}, {"type": "sign"}):
        with pytest.raises(ValidationError):
            relu.model_validate({"name": "a", "type": "relu"} | wrong)


def test_types_are_found_by_their_word():
    assert all(word in str(spec.model_fields["type"].annotation)
               for word, spec in Spec.types.items())
    assert {"dense", "conv", "relu", "concat", "requantize", "batch_norm"} <= {*Spec.types}
