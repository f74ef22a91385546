"""Options that several commands share, as text and as what they stand for."""

import json

import pytest

from qhw.cli.options import Reading, print_json, shape
from qhw.errors import ModelError, QhwError
from qhw.report.rows import RowLayer
from tests.command import fails


@pytest.mark.parametrize("fold", [
    "{", "[]", '{"fc1": {"pe": 1}}', '{"fc1": {"pe": 1, "simd": 1.5}}',
    '{"fc1": {"pe": 65, "simd": 1}}', '{"fc9": {"pe": 1, "simd": 1}}'])
def test_folds_that_do_not_fit(fold, tmp_path):
    (tmp_path / "f.json").write_text(fold)
    says = "Fold of" if "65," in fold or "fc9" in fold else "f.json: "
    fails("estimate", "digits-ternary", "--target", "xc7", "--fold", tmp_path / "f.json", says=says)


@pytest.mark.parametrize(("text", "wanted"), [
    (None, None), ("28,28,1", (28, 28, 1)), ("7", (7,)), (" 3, 4 ", (3, 4))])
def test_shapes(text, wanted):
    assert shape(text) == wanted


@pytest.mark.parametrize("text", ["", "3,", "3x4", "3.5", "a"])
def test_what_is_no_shape(text):
    with pytest.raises(QhwError, match=f"Input shape '{text}': it should be like 3,32,32"):
        shape(text)


def test_a_network_is_loaded_here_only_for_options_beyond_its_name():
    assert Reading(None, None, None, None, False)("nothing") == "nothing"
    for format, scheme in (("u8", None), (None, "inq")):
        with pytest.raises(ModelError, match="nothing: there is no such folder or file"):
            Reading(format, None, scheme, None, False)("nothing")
    with pytest.raises(QhwError, match="it should be like 3,32,32"):
        Reading(None, "3x4", None, None, False)("nothing")


def test_json_is_one_object(capsys):
    """A record as its fields, a tuple as a list."""
    print_json({"row": RowLayer("fc1", None, 3, 0, 0, 0, 0), "shape": (3, 4), "none": None})
    assert json.loads(capsys.readouterr().out) == {
        "row": {"name": "fc1", "scheme": None, "luts": 3, "ffs": 0, "brams": 0, "dsps": 0,
                "carries": 0}, "shape": [3, 4], "none": None}
