"""The golden against the framework of a network's file."""

from fractions import Fraction

import numpy as np
import pytest

import qhw
from qhw.errors import QhwError
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import ArgMax, Input, Quantize
from qhw.simulators import reference
from tests.simulators.test_selfcheck import qdq


def test_the_framework_of_the_file_is_asked(tmp_path, monkeypatch):
    """It agrees; and a golden that is wrong is not built."""
    pytest.importorskip("onnxruntime")
    path = qdq(tmp_path / "net.onnx")
    asked = qhw.build(path, tmp_path / "out")["check"]["reference"]
    assert asked["engine"].startswith("onnxruntime")
    assert asked["equal"] + asked["ties"] == asked["samples"] == 4
    monkeypatch.setattr(reference, "host", lambda *a: 2 + np.zeros((4, 3)))
    monkeypatch.setattr(reference, "in_doubt", lambda *a: np.zeros(4, bool))
    with pytest.raises(QhwError, match=r"of 4 samples differ from onnxruntime .*: output \d is 2 "):
        qhw.build(path, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_one_output_that_differs_is_enough(monkeypatch):
    """The second of two outputs is off in one sample of three; all others are right."""
    theirs = np.array([[1, 2], [3, 4], [5, 6]])
    ours = theirs + np.array([[0, 0], [0, 1], [0, 0]])
    monkeypatch.setattr(reference, "in_doubt", lambda *a: np.zeros(3, bool))
    step = Graph("net", (Node("x", Input((2,), None)),))
    with pytest.raises(QhwError, match=r"1 of 3 samples differ .*: output 1 is 5 and should be 4;"):
        reference._verdict(step, "theirs", ours, theirs, theirs)
    said = reference._verdict(step, "theirs", theirs, theirs, theirs)
    assert (said.samples, said.equal, said.ties) == (3, 3, 0)


def test_ties_are_named():
    """What float32 may round to either side is in doubt, and nothing else is."""
    step = Graph("net", (Node("x", Input((2,), None)),
                         Node("q", Quantize(Int(-8, 7), Fraction(1)), ("x",))))
    x = np.array([[.5, 7], [.4999, 7], [.4999999, 7], [1, 7], [-2.5, 7]])
    assert reference.in_doubt(step, x).tolist() == [True, False, True, False, True]
    classes = Graph("net", (Node("x", Input((3,), None)), Node("c", ArgMax(), ("x",))))
    assert reference.in_doubt(classes, np.array([[1, 5, 5], [1, 5, 4.9], [9, 9, 1]])).tolist() == [
        True, False, True]
