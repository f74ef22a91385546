"""Lists of schemes, and which rows are the best."""

import pytest

import qhw
from qhw.errors import ModelError
from qhw.exploration.sweep import front, in_schemes, mark, split_schemes
from qhw.report.rows import Row
from qhw.schemes import parse, schemes
from tests.report.pages import scored as row


def test_the_front_by_hand():
    """a: 10 % wrong at 5; b: 10 % at 4 beats it; c: 5 % at 9; d: 5 % at 9 too; e: 6 % at 10 is
    beaten by c; f: 0 at 20; g: 50 % at 3."""
    values = [(0.1, 5), (0.1, 4), (0.05, 9), (0.05, 9), (0.06, 10), (0, 20), (0.5, 3)]
    assert front(values) == {1, 2, 3, 5, 6}
    assert front([]) == set() and front([(1, 1)]) == {0}


def test_who_is_on_the_front():
    """Only what fits its target counts, if anything does; each target has its own front."""
    found = mark([row("a", 0.9, 10), row("b", 0.99, 5, fits=False), row("c", 0.8, 10),
                  row("a", 0.9, 50, False, "u"), row("b", 0.8, 60, False, "u"),
                  Row(scheme="d", target="t", error="no")], "luts")
    assert [r.pareto for r in found] == [True, False, False, True, False, False]


def test_without_accuracy_the_error_of_the_weights_counts():
    found = mark([row("a", None, 10, relative_error=0.1), row("b", None, 10, relative_error=0.2),
                  row("c", None, 5, relative_error=0.2)], "luts")
    assert [r.pareto for r in found] == [True, False, True]


@pytest.mark.parametrize(("text", "found"), [
    ("binary", ["binary"]),
    ("binary,inq", ["binary", "inq"]),
    ("shiftcnn:terms=2,bits=4,inq", ["shiftcnn:terms=2,bits=4", "inq"]),
    ("fc1=shiftcnn:terms=2,bits=4,fc2=inq", ["fc1=shiftcnn:terms=2,bits=4", "fc2=inq"]),
    ("fc1=inq,fc2=fixed:bits=3", ["fc1=inq", "fc2=fixed:bits=3"]),
    ("all,fixed:bits=3", [*schemes, "fixed:bits=3"])])
def test_lists_of_schemes(text, found):
    assert split_schemes(text) == found


def test_mixes(tiny):
    graph = qhw.load(tiny)
    assert in_schemes(graph, "fc1=inq,fc2=fixed:bits=3") == {
        "fc1": parse("inq"), "fc2": parse("fixed:bits=3")}
    assert in_schemes(graph, "inq,fc2=binary") == {"fc1": parse("inq"), "fc2": parse("binary")}
    assert in_schemes(qhw.load("digits-ternary"), "fc2=binary") == {"fc2": parse("binary")}


@pytest.mark.parametrize(("text", "says"), [
    ("fc1=inq", "layer 'fc2' has no scheme"),
    ("fc9=inq", "no layer with weights is called 'fc9' \\(fc1, fc2\\)"),
    ("fc1=inq,fc2=binry", "Input should be a scheme"),
    ("binry", "Input should be a scheme"),
    ("fixed:bit=3", "has no parameter 'bit'"),
    ("fixed:bits=99", "2 to 16 bits, not 99"),
    ("", "no scheme to try")])
def test_what_is_no_scheme(text, says, tiny):
    with pytest.raises(ModelError, match=says):
        qhw.compare(tiny, "xc7", "" if not text else "binary", mixes=[text] if text else [])
