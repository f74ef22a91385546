"""What frameworks compute of a file, by hand, and when they are not asked."""

import numpy as np
import pytest
from onnx import helper

from qhw.loaders.onnx.reference import runner
from tests.loaders.onnx.small import saved, small

X = np.array([[.5, 1, -1.5, 10], [0, 0, 0, 0]])
PLAIN = small([helper.make_node("MatMul", ["x", "w"], ["y"])])


@pytest.mark.parametrize(("model", "engine", "want"), [
    (PLAIN, "onnxruntime", [.25 + 1 + 30, -.5 + 2 + .75 + 5]),
    (small(), "qonnx", [.25 + 1 + 3.5 * 3, -.5 + 2 + .75 + 3.5 / 2])])     # 10 saturates at 3.5
def test_the_framework_of_a_file(tmp_path, model, engine, want):
    pytest.importorskip(engine)
    known, run = runner(saved(tmp_path, model), (4,))
    assert known.split()[0] == engine and known.split()[1][0].isdigit()
    assert run(X).tolist() == [want, [0, 0]] and run(X).dtype == np.float64


@pytest.mark.parametrize(("model", "shape"), [
    (PLAIN, (5,)), (PLAIN, (2, 2)),
    (small([helper.make_node("Add", ["x", "z"], ["y"])], inputs=("x", "z")), (4,))])
def test_another_input_and_several_are_not_compared(tmp_path, model, shape):
    assert runner(saved(tmp_path, model), shape) is None


def test_without_a_framework(tmp_path, monkeypatch):
    monkeypatch.setattr("qhw.loaders.onnx.reference.find_spec", lambda name: None)
    assert runner(saved(tmp_path, PLAIN), (4,)) is None
