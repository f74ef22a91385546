"""LSTM: equal to TensorFlow Lite Micro's kernel over whole sequences, from its first state on, and
what its kernel does not take is refused."""

from pathlib import Path

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.loaders import findings
from qhw.loaders.tflite.file import read_tflite
from qhw.loaders.tflite.flat import root
from qhw.loaders.tflite.graph import places
from qhw.ops.lstm import Lstm
from qhw.simulators.golden import evaluate

pytest.importorskip("flatbuffers", reason="flatbuffers is not installed")
from sim.proof.tflites import Made, answers, compared, recurrent

EACH = 15
ZOO = Path(__file__).parents[5] / "shared/zoo2/models/tflm_micro_speech_lstm.tflite"
RNG = np.random.default_rng(0)
GATES = "ifgo"


class Net:
    """A network of one LSTM, of 2 units over 4 steps of 3 inputs, where a test does not change it.
    """

    def __init__(self, **options):
        made = self.made = Made()
        self.x = made.tensor((1, 4, 3), scale=0.02, zero=-2, name="x")
        self.weights = [made.constant(RNG.integers(-127, 128, (2, 3)), "INT8", scale=0.01,
                                      name=f"w{g}") for g in GATES]
        self.recurrent = [made.constant(RNG.integers(-127, 128, (2, 2)), "INT8", scale=0.01,
                                        name=f"r{g}") for g in GATES]
        self.biases = [made.constant(RNG.integers(-2000, 2000, 2), scale=0.0002, name=f"b{g}")
                       for g in GATES]
        self.hidden = made.tensor((1, 2), scale=2 / 255, zero=-1, variable=True, name="hidden")
        self.cell = made.tensor((1, 2), "INT16", 2.0**-11, variable=True, name="cell")
        self.y = made.tensor((1, 4, 2), scale=2 / 255, zero=-1, name="y")
        self.inputs = [self.x, *self.weights, *self.recurrent, -1, -1, -1, *self.biases, -1, -1,
                       self.hidden, self.cell, -1, -1, -1, -1]
        self.options = {"activation": "TANH", **options}

    def file(self, path, out=None):
        made = self.made
        made.nodes = [n for n in made.nodes if n[0] != "UNIDIRECTIONAL_SEQUENCE_LSTM"]
        made.op("UNIDIRECTIONAL_SEQUENCE_LSTM", self.inputs, [self.y], **self.options)
        data = made.file([self.x], [self.y if out is None else out])
        path.write_bytes(data)
        return data

    def tensor(self, name, **changed):
        next(t for t in self.made.tensors if t["name"] == name).update(changed)
        return self


@pytest.fixture
def path(tmp_path):
    return tmp_path / "n.tflite"


def exact(net, path, count=9, size=40):
    pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
    tensor = net.made.tensors[net.x]
    kind = np.int8 if tensor["type"] == "INT8" else np.int16
    x = RNG.normal(0, size if kind is np.int8 else 256 * size, (count, *tensor["shape"]))
    x = np.clip(x, np.iinfo(kind).min, np.iinfo(kind).max).astype(kind)
    return compared(net.file(path), x, path, hardware=True) == 0


@pytest.mark.parametrize("first", range(0, 60, EACH))
def test_random_sequences_are_exact(first, path):
    pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
    for seed in range(first, first + EACH):
        data, x, ops = recurrent(seed)
        assert compared(data, x, path, hardware=True) == 0, (seed, ops)


def test_a_state_remains_from_one_inference_to_the_next(path):
    """And begins at the zero point, whose real number is 0."""
    net = Net().tensor("hidden", zero=90)
    assert exact(net, path)
    x = RNG.integers(-100, 100, (1, 4, 3))
    one, two = evaluate(qhw.load(path), np.concatenate([x, x]))["y"]
    assert (one != two).any()


def test_an_output_has_the_codes_of_the_hidden_state_whatever_its_scale(path):
    assert exact(Net().tensor("y", scale=0.5, zero=44), path)


@pytest.mark.parametrize("clip", [0.0, 0.03, 2.0001, 1e6])
def test_a_cell_is_clipped(clip, path):
    """At an end that is cut to steps, and that 16 bits limit."""
    assert exact(Net(cell_clip=clip), path)
    op, = (n.op for n in qhw.load(path).nodes if isinstance(n.op, Lstm))
    end = {0.0: 32768, 0.03: 61, 2.0001: 4096, 1e6: 32767}[clip]
    assert (op.cells.lo, op.cells.hi) == (-end, min(end, 32767))


@pytest.mark.parametrize("power", range(-15, 1))
def test_scales_of_the_cell_state(power, path):
    assert exact(Net().tensor("cell", scale=2.0**power), path)


def test_a_batch_may_come_behind_the_steps(path):
    net = Net(time_major=True)
    x = net.made.tensor((1, 4, 3), scale=0.02, zero=-2, name="before")
    net.made.op("TRANSPOSE", [x, net.made.constant([1, 0, 2])], [net.x])
    net.tensor("x", shape=(4, 1, 3)).tensor("y", shape=(4, 1, 2))
    net.x = x
    assert exact(net, path)


def test_activations_of_16_bits(path):
    """Their biases have 64 bits, and their sums are rounded once."""
    net = Net()
    for name in ("x", "hidden", "y"):
        net.tensor(name, type="INT16", zero=0, scale=2.0**-15 if name != "x" else 1e-4)
    for g in GATES:
        net.tensor(f"b{g}", type="INT64")
    assert exact(net, path)


def test_scales_are_multiplied_in_double_precision(path):
    """A bias alone, in the new cell, where a product in single precision is the next code."""
    pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
    differ = 0
    for _ in range(40):
        net = Net()
        scale, weight = (np.float32(v) for v in RNG.uniform(.7, 1, 2) * [2**-17, 2**-18])
        exactly, single = (float(v) * 4096 for v in (
            np.float64(scale) * np.float64(weight), scale * weight))
        bias = round(sum(100.5 / v for v in (exactly, single)) / 2)
        net.tensor("x", scale=float(scale)).tensor("wg", scale=float(weight))
        net.tensor("cell", scale=2.0**-15).tensor("hidden", scale=0.0245 / 127, zero=0)
        for g in GATES:
            net.tensor(f"w{g}", data=np.zeros((2, 3))).tensor(f"r{g}", data=np.zeros((2, 2)))
            net.tensor(f"b{g}", data=[{"g": bias, "f": -10**5}.get(g, 10**5)] * 2)
        assert exact(net, path, count=1)
        differ += round(bias * exactly) != round(bias * single)
    assert differ > 10


@pytest.mark.parametrize(("which", "changed", "reason"), [
    ("x", {"type": "INT16", "zero": 0}, "its inputs and outputs are of the types INT16 and INT8"),
    ("x", {"shape": (1, 2, 2, 3)}, r"its input has the shape \[1, 2, 2, 3\], and it must be one"),
    ("x", {"shape": (1, 4, 5)}, r"its weights \[\[2, 3\], .* do not fit its 5 inputs"),
    ("ri", {"data": np.ones((2, 3)), "shape": (2, 3)}, r"its weights .* do not fit its 3 inputs"),
    ("wg", {"type": "INT16"}, "its weights are of type INT16"),
    ("wg", {"scale": [1.0, 2.0]}, "its weights 'wg' must be a matrix of type INT8 with one scale"),
    ("rf", {"zero": 1}, "its weights have zero points, which its kernel leaves out"),
    ("bo", {"type": "INT64"}, "its bias is of type INT64, and its kernel reads INT32"),
    ("bo", {"data": [1, 2, 3], "shape": (3,)}, "its bias must be 2 integers"),
    ("hidden", {"variable": False}, r"'hidden' must be a variable tensor of shape \[1, 2\]"),
    ("hidden", {"shape": (2, 1)}, r"'hidden' must be a variable tensor of shape \[1, 2\]"),
    ("hidden", {"type": "INT16", "zero": 0}, "its input and its hidden state must both be codes"),
    ("cell", {"type": "INT8"}, "its cell state must be codes of INT16 without a zero point"),
    ("cell", {"zero": 3}, "'cell' has 16 bits and a zero point other than 0"),
    ("cell", {"scale": 0.0005}, r"with a scale from 2\*\*-15 to 1 that is a power of 2"),
    ("cell", {"scale": 2.0**-16}, r"with a scale from 2\*\*-15 to 1 that is a power of 2"),
    ("y", {"type": "UINT8"}, "of the types INT8 and UINT8")])
def test_what_the_kernel_does_not_take_is_refused(which, changed, reason, path):
    Net().tensor(which, **changed).file(path)
    with pytest.raises(ModelError, match=rf"node 'y' \(UNIDIRECTIONAL_SEQUENCE_LSTM\): .*{reason}"):
        qhw.load(path)
    assert [f.reason for f in findings(path) if f.reason]


@pytest.mark.parametrize(("left_out", "given", "reason"), [
    ([1, 5], {}, "its input and forget gates are coupled, or a bias is left out"),
    ([12], {}, "its input and forget gates are coupled, or a bias is left out"),
    ([], {9: (2,), 10: (2,), 11: (2,)}, "it has peepholes, which is not supported"),
    ([], {16: (2, 2)}, "it has a projection, which is not supported"),
    ([], {20: (2,)}, "it has layer normalization, which is not supported")])
def test_other_kinds_of_lstm_are_refused(left_out, given, reason, path):
    net = Net()
    for k in left_out:
        net.inputs[k] = -1
    for k, shape in given.items():
        net.inputs[k] = net.made.constant(np.ones(shape), "INT16", scale=0.1)
    net.file(path)
    with pytest.raises(ModelError, match=reason):
        qhw.load(path)


@pytest.mark.parametrize(("options", "reason"), [
    ({"activation": "NONE"}, "its activation is not TANH"),
    ({"activation": "RELU"}, "its activation is not TANH"),
    ({"cell_clip": -1.0}, "its cell_clip is -1.0"),
    ({"diagonal_recurrent_tensors": True}, "its recurrent weights are diagonals"),
    ({"time_major": True}, r"its input has the shape \[1, 4, 3\], and it must be one sequence")])
def test_options_that_are_not_supported_are_refused(options, reason, path):
    Net(**options).file(path)
    with pytest.raises(ModelError, match=reason):
        qhw.load(path)


@pytest.mark.parametrize("which", ["hidden", "cell"])
def test_a_state_that_is_used_twice_is_refused(which, path):
    net = Net()
    number = next(k for k, t in enumerate(net.made.tensors) if t["name"] == which)
    net.made.op("QUANTIZE", [number], [net.made.tensor((1, 2), scale=0.1)])
    net.file(path)
    assert any(f"its state '{which}' is used elsewhere too" in f.reason for f in findings(path))


def test_sums_that_leave_32_bits_are_refused(path):
    Net().tensor("hidden", scale=1e5).file(path)
    with pytest.raises(ModelError, match="where the kernel has 32 bits"):
        qhw.load(path)


def test_every_hidden_state_of_a_real_network(path):
    pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
    if not ZOO.is_file():
        pytest.skip("the networks of others are not beside this project")
    x = np.load(ZOO.parents[1] / "data/tflm_micro_speech_lstm.npz")["x"]
    data, file = bytearray(ZOO.read_bytes()), read_tflite(ZOO)
    number, = file.nodes[0].outputs
    output = data.index(np.array(file.outputs, "<i4").tobytes(), root(bytes(data)).tables(2, 1)[
        0]._target(2))
    data[output:output + 4] = number.to_bytes(4, "little")
    want, node = answers(bytes(data), x), places(ZOO)[number].node
    found = evaluate(qhw.load(ZOO), x[:, 0])[node]
    assert (found.reshape(want.shape) == want).all() and len(np.unique(want)) > 150
