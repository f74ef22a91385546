"""Networks of a few operators: our golden beside TensorFlow Lite Micro's kernels, and refusals."""

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.simulators.golden import evaluate

tflites = pytest.importorskip("sim.proof.tflites", reason="flatbuffers is not installed")

__all__ = ["EVERY", "WIDE", "Made", "answered", "golden", "refused", "tflites"]

Made = tflites.Made
EVERY = np.arange(-128, 128, dtype=np.int8).reshape(1, 1, 256)
WIDE = np.arange(-32768, 32768, dtype=np.int16).reshape(1, 1, 1 << 16)


def answered(made, first, last, x, tmp_path):
    """Codes, or real numbers, of our golden and of the kernels."""
    pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
    data, path = made.file([first], [last]), tmp_path / "n.tflite"
    path.write_bytes(data)
    graph = qhw.load(path)
    y = evaluate(graph, x[:, 0])[graph.output.name]
    tensor = made.tensors[last]
    want = tflites.answers(data, x).astype(float)
    if tensor["scale"] is not None:
        want = float(np.float32(tensor["scale"])) * (want - tensor["zero"])
    return y.reshape(want.shape), want


def refused(tmp_path, data, reason=None):
    """The file is refused for this reason, in one line that names it."""
    path = tmp_path / "n.tflite"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=reason) as e:
        qhw.load(path)
    assert "\n" not in str(e.value)
    assert str(path) in str(e.value)


def golden(made, first, last, x, tmp_path):
    """Real numbers of our golden for one sample of codes."""
    path = tmp_path / "n.tflite"
    path.write_bytes(made.file([first], [last]))
    graph = qhw.load(path)
    return evaluate(graph, np.asarray(x, np.int8)[None])[graph.output.name]
