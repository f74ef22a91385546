"""Lists of the choices, and schemes by name."""

import pytest

import qhw
from qhw.schemes import parse
from qhw.schemes.fixed import Fixed


def test_what_is_listed_can_be_named():
    for name in qhw.list_schemes():
        assert qhw.scheme(name).name == name
    for chip in qhw.list_targets():
        assert qhw.estimate("digits-binary", chip.name).target == chip.name
    assert {b.name for b in qhw.list_boards()} >= {"icebreaker"}
    for name in qhw.list_models():
        assert qhw.inspect(name).fault is None or name == "digits-float"


@pytest.mark.parametrize("name", list(qhw.list_schemes()))
def test_the_text_of_a_scheme_makes_it_again(name):
    made = qhw.scheme(name)
    assert made.text == name and parse(str(made)) == made


def test_by_parameters():
    assert qhw.scheme("fixed", bits=3) == Fixed(3) == qhw.scheme("fixed:bits=3")
    assert qhw.scheme("fixed", bits=3).text == "fixed:bits=3"


@pytest.mark.parametrize(("text", "options", "said"), [
    ("fix", {}, r"Input should be a scheme \(admm, "),
    ("fixed", {"bit": 3}, "Scheme fixed has no parameter 'bit'"),
    ("fixed", {"bits": "3"}, "bits should be a whole number"),
    ("fixed:bits", {}, "should be like bits=4")])
def test_what_there_is_not(text, options, said):
    with pytest.raises(qhw.ModelError, match=said):
        qhw.scheme(text, **options)
