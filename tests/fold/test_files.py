"""Files of folds: what each kind of layer can ask for, and what is refused."""

import json

import pytest

from qhw.errors import ModelError
from qhw.fold.files import read_folds
from qhw.graph import Groups, Lanes, PeSimd, Spatial, Whole


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "folds.json"
        path.write_text(json.dumps(content))
        return read_folds(path)
    return read


@pytest.mark.parametrize(("asked", "fold"), [
    ({"pe": 8, "simd": 4}, PeSimd(8, 4)),
    ({"simd": 4, "pe": 8}, PeSimd(8, 4)),         # by name, not by their order in the file
    ({"pe": 1, "simd": 1}, PeSimd(1, 1)),
    ({"pe": 8, "stages": 2, "simd": 4}, PeSimd(8, 4, 2)),
    ({"pe": 8, "simd": 4, "multiply": "digits"}, PeSimd(8, 4, multiply="digits")),
    ({"pe": 8, "simd": 4, "multiply": "digits", "stages": 1}, PeSimd(8, 4, 1, "digits")),
    ({"pe": 8, "simd": 4, "memory": "luts"}, PeSimd(8, 4, memory="luts")),
    ({"groups": 2, "memory": "block"}, Groups(2, memory="block")),
    ({"lanes": 2}, Lanes(2)),
    ({"channels": 2}, Whole(2)),
    ({"groups": 2}, Groups(2)),
    ({"spatial": True}, Spatial()),
    ({"spatial": True, "levels": 3}, Spatial(3)),
    ({"levels": 1, "spatial": True}, Spatial(1)),
])
def test_folds_that_can_be_asked_for(read, asked, fold):
    assert read({"fc1": asked, "act1": {"lanes": 1}}) == {"fc1": fold, "act1": Lanes(1)}


@pytest.mark.parametrize(("asked", "says"), [
    ({"pe": 0, "simd": 4}, "the fold of 'fc1': 0 is no whole number of at least 1"),
    ({"pe": 2, "simd": -1}, "the fold of 'fc1': -1 is no"),
    ({"pe": 2, "simd": 4.0}, "the fold of 'fc1': 4.0 is no"),
    ({"pe": "2", "simd": 4}, "the fold of 'fc1': 2 is no"),
    ({"pe": True, "simd": 4}, "the fold of 'fc1': True is no"),
    ({"pe": 2, "simd": 2, "stages": 0}, "the fold of 'fc1': 0 is no"),
    ({"lanes": 2, "stages": 0}, "the fold of 'fc1': 0 is no"),
    ({"lanes": None}, "the fold of 'fc1': None is no"),
    ({"spatial": False}, "spatial can only be true"),
    ({"spatial": 1}, "spatial can only be true"),
    ({"spatial": True, "levels": 0}, "the fold of 'fc1': 0 is no"),
    ({"pe": 2}, "should have pe and simd or groups or lanes or channels or spatial, not pe"),
    ({"pe": 2, "simd": 4, "multiply": 1}, "the fold of 'fc1': '1' is no word"),
    ({"pe": 2, "simd": 4, "multiply": ""}, "the fold of 'fc1': '' is no word"),
    ({"lanes": 2, "memory": "luts"}, "not lanes, memory"),
    ({"pe": 2, "simd": 4, "memory": True}, "the fold of 'fc1': 'True' is no word"),
    ({"levels": 2}, "not levels"),
    ({"pe": 2, "simd": 4, "lanes": 1}, "not pe, simd, lanes"),
    ({"spatial": True, "lanes": 2}, "not spatial, lanes"),
    ({}, "not nothing"),
    ([2, 4], r"the fold of 'fc1' should be an object, not \[2, 4\]"),
])
def test_folds_that_cannot(read, asked, says):
    with pytest.raises(ModelError, match=says):
        read({"act1": {"lanes": 1}, "fc1": asked})


def test_no_layer_has_an_empty_name(read):
    """Inside qhw that name is all layers', which would take the place of a goal."""
    with pytest.raises(ModelError, match="the fold of '': no layer has an empty name"):
        read({"fc1": {"pe": 1, "simd": 1}, "": {"spatial": True}})


def test_a_file_that_is_no_object_shows_what_one_is_like(read):
    with pytest.raises(ModelError, match=r"must be like \{\"fc1\": \{\"pe\": 8, \"simd\": 4\}\}: "
                                         r"it should be an object, a fold for each layer"):
        read([{"pe": 8, "simd": 4}])


@pytest.mark.parametrize("content", [
    {"n" * 500: 1}, {"fc1": "v" * 500}, {"fc1": {"k" * 500: 1}}, {"fc1": {"lanes": "v" * 500}}])
def test_long_names_and_values_are_cut_to_80_characters(read, content, tmp_path):
    with pytest.raises(ModelError) as e:
        read(content)
    said = str(e.value).removeprefix(str(tmp_path))
    assert any(letter * 80 in said and letter * 81 not in said for letter in "nvk")
