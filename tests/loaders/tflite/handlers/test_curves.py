"""Functions of one element: tables, branches, and what the host computes."""

import numpy as np
import pytest

import qhw
from qhw.lower import lower
from qhw.simulators.golden import evaluate

from ..networks import WIDE, Made, answered, golden, tflites


@pytest.mark.parametrize("alpha", [0.1, -0.7, 3.0])
def test_leaky_rectifiers_of_16_bits(alpha, tmp_path):
    net = Made()
    x, y = (net.tensor(WIDE.shape[1:], "INT16", s) for s in (0.001, 0.0013))
    net.op("LEAKY_RELU", [x], [y], alpha=alpha)
    ours, want = answered(net, x, y, WIDE, tmp_path)
    assert (ours == want).all()


@pytest.mark.parametrize(("op", "made"), [
    ("RELU", [0, 0, 0, 2.5, 5, 31.75]), ("RELU6", [0, 0, 0, 2.5, 5, 6]),
    ("LEAKY_RELU", [-30, -1.25, 0, 2.5, 5, 31.75])])
def test_rectifiers_by_hand(op, made, tmp_path):
    """Of halves from 3 to quarters from 0, with a slope of a half below; RELU6 keeps its codes."""
    net, kept = Made(), op == "RELU6"
    x = net.tensor((1, 6), scale=0.5, zero=3)
    y = net.tensor((1, 6), scale=0.5 if kept else 0.25, zero=3 * kept)
    net.op(op, [x], [y], **{"alpha": 0.5} if op == "LEAKY_RELU" else {})
    codes = [-117, -2, 3, 8, 13, 127]           # -60, -2.5, 0, 2.5, 5 and 62, which ends at 127
    assert golden(net, x, y, codes, tmp_path).ravel().tolist() == made


def _between(op, scale, shape, tmp_path):
    """The file of a curve with a layer behind it."""
    net, path = Made(), tmp_path / "n.tflite"
    x, y, z = (net.tensor(shape, "INT16", s) for s in (scale, 1 / 32768, 1 / 32768))
    net.op(op, [x], [y])
    net.op("LEAKY_RELU", [y], [z], alpha=0.5)
    path.write_bytes(net.file([x], [z]))
    return path


@pytest.mark.parametrize("scale", [1 / 4096, 1 / 2048, 0.000123, 0.0031, 2.7, 1e-6])
@pytest.mark.parametrize("op", ["LOGISTIC", "TANH"])
def test_curves_of_16_bits_before_other_layers(op, scale, tmp_path):
    """Every code: the lines between the entries of the kernel's table."""
    pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
    x = WIDE.reshape(1, 1, 256, 256, 1)
    path = _between(op, scale, x.shape[1:], tmp_path)
    graph = lower(qhw.load(path))
    ours = evaluate(graph, x[:, 0])[graph.output.name]
    assert (ours.ravel() * 32768 == tflites.answers(path.read_bytes(), x).ravel()).all()


@pytest.mark.parametrize("op", ["LOGISTIC", "TANH"])
def test_curves_of_16_bits_in_verilog(op, tmp_path):
    path = _between(op, 1 / 4096, (1, 4, 16, 1), tmp_path)
    x = np.random.default_rng(0).choice(WIDE.ravel(), (3, 4, 16, 1))
    x[0].flat[:4] = -32768, 32767, 0, -1
    assert qhw.simulate(path, x, engine="verilator", trace=True, stalls=True).matches == 3
