"""SVDF: equal to TensorFlow Lite Micro's kernel over whole sequences, from its first state on, and
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
from qhw.ops import History
from qhw.simulators.golden import evaluate

pytest.importorskip("flatbuffers", reason="flatbuffers is not installed")
from sim.proof.tflites import Made, answers, compared, filtered

EACH = 15
ZOO = Path(__file__).parents[5] / "shared/zoo2/models/tflm_keyword_scrambled_8bit.tflite"
RNG = np.random.default_rng(0)


class Net:
    """A network of one SVDF, of 2 units of rank 2 over 3 features and 4 inferences, where a test
    does not change it."""

    def __init__(self, *, kind="INT8", zero=0, scale=1.0, features=None, time=None, bias=(3, -5),
                 rank=2, activation="NONE"):
        self.features = RNG.integers(-9, 9, (4, 3)) if features is None else np.array(features)
        self.time = RNG.integers(-9, 9, (4, 4)) if time is None else np.array(time)
        (filters, inputs), memory = self.features.shape, self.time.shape[1]
        made, self.zero, self.units = Made(), zero, filters // rank
        self.made, self.scale = made, scale
        self.x = made.tensor((1, inputs), scale=1.0, zero=-2, name="x")
        self.weights = [made.constant(self.features, "INT8", scale=1.0, name="features"),
                        made.constant(self.time, kind, scale=1.0, name="time")]
        self.bias = made.constant(bias, scale=scale, name="bias")
        self.state = made.tensor((1, memory * filters), kind, scale, zero, variable=True,
                                 name="state")
        self.y = made.tensor((1, self.units), scale=scale * 50, zero=7, name="y")
        made.op("SVDF", [self.x, *self.weights, self.bias, self.state], [self.y], rank=rank,
                activation=activation)

    def file(self, path, out=None):
        data = self.made.file([self.x], [self.y if out is None else out])
        path.write_bytes(data)
        return data

    def tensor(self, number, **changed):
        self.made.tensors[number].update(changed)
        return self


@pytest.fixture
def path(tmp_path):
    return tmp_path / "n.tflite"


def exact(net, path, x=None):
    pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
    x = RNG.integers(-128, 128, (9, 1, net.features.shape[1])) if x is None else x
    return compared(net.file(path), x.astype(np.int8), path, hardware=True) == 0


@pytest.mark.parametrize("first", range(0, 60, EACH))
def test_random_sequences_are_exact(first, path):
    pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
    found = 0
    for seed in range(first, first + EACH):
        data, x, ops = filtered(seed)
        try:
            assert compared(data, x, path, hardware=True) == 0, (seed, ops)
        except (RuntimeError, ModelError):
            continue
        found += 1
    assert found >= EACH - 2


def test_by_hand(path):
    """One filter for each of two units, over two features and two inferences."""
    net = Net(features=[[1, 2], [3, -1]], time=[[1, 10], [-1, 2]], bias=[60, 0], rank=1)
    net.tensor(net.x, zero=0).tensor(net.y, scale=1.0, zero=0).file(path)
    x = np.array([[1, 1], [0, 2], [4, 0]])
    made = [[3, 2], [4, -2], [4, 12]]                   # by the features
    want = [[60 + 30, 4], [60 + 3 + 40, -2 - 4], [60 + 4 + 40, 2 + 24]]
    found = evaluate(qhw.load(path), x)
    assert found["y_state"].tolist() == made and found["y"].reshape(3, 2).tolist() == want


@pytest.mark.parametrize("activation", ["NONE", "RELU", "RELU6"])
@pytest.mark.parametrize(("kind", "zero"), [("INT8", 0), ("INT8", 50), ("INT8", -128),
                                            ("INT16", 0)])
def test_a_state_begins_at_its_zero_point(kind, zero, activation, path):
    assert exact(Net(kind=kind, zero=zero, scale=8.0, activation=activation), path)
    op, = (n.op for n in qhw.load(path).nodes if isinstance(n.op, History))
    assert op.initial.shape == (3, 4) and (op.initial == zero).all()


def test_a_state_of_one_inference_is_none(path):
    net = Net(time=[[3], [1], [-4], [2]])
    assert exact(net, path)
    assert not any(isinstance(n.op, History) for n in qhw.load(path).nodes)


def test_a_bias_that_is_left_out_is_0(path):
    """As the schema allows it."""
    none, zeros, x = Net(), Net(bias=(0, 0)), RNG.integers(-128, 128, (9, 3))
    for k, data in enumerate((zeros.features, zeros.time)):
        none.tensor(none.weights[k], data=data)
    none.made.nodes[0][1][3] = -1
    made = [evaluate(qhw.load(path), x)["y"] for net in (none, zeros) if net.file(path)]
    assert np.array_equal(*made) and len(np.unique(made[0])) > 3


def test_a_sum_with_the_zero_point_wraps_as_the_kernel_has_it(path):
    """Codes are saturated before their zero point is added, and then kept in 8 bits."""
    net = Net(zero=100, features=[[1]], time=[[1]], bias=[0], rank=1)
    net.tensor(net.x, zero=0).tensor(net.y, scale=1.0, zero=0)
    x = np.array([27, 28, 127, -128]).reshape(-1, 1, 1)
    assert exact(net, path, x)
    found = evaluate(qhw.load(path), x[:, 0])
    assert found["y_state"].ravel().tolist() == [127, -128, -29, -28]


def test_scales_are_multiplied_in_double_precision(path):
    """A bias alone, where a product in single precision is the next code."""
    pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
    differ = 0
    for _ in range(40):
        scale, time, out = (np.float32(v) for v in RNG.uniform(.5, 1, 3) * [2**-12, 2**-12, 1])
        exactly, single = (float(v) for v in (
            np.float64(scale) * np.float64(time) / np.float64(out), scale * time / out))
        bias = round(sum(100.5 / v for v in (exactly, single)) / 2)
        net = Net(features=[[0]], time=[[0]], bias=[bias], scale=float(scale), rank=1)
        net.tensor(net.weights[1], scale=float(time)).tensor(net.y, scale=float(out), zero=0)
        net.tensor(net.bias, scale=float(scale) * float(time))
        assert exact(net, path)
        differ += round(bias * exactly) != round(bias * single)
    assert differ > 10


@pytest.mark.parametrize(("which", "changed", "reason"), [
    ("x", {"type": "INT16"}, r"its inputs and outputs are of the types INT16 and INT8"),
    ("x", {"shape": (1, 5)}, r"its input must be \[1, 3\] codes of INT8"),
    ("y", {"type": "UINT8"}, "of the types INT8 and UINT8"),
    ("state", {"variable": False}, r"'state' must be a variable tensor of shape \[1, 16\]"),
    ("state", {"shape": (1, 12)}, r"'state' must be a variable tensor of shape \[1, 16\]"),
    ("state", {"data": np.zeros((1, 16))}, r"'state' must be a variable tensor"),
    ("state", {"type": "INT16"}, r"'state' is of type INT16, and its weights over time are not"),
    ("state", {"scale": [1.0, 2.0]}, r"'state' has 2 scales"),
    ("features", {"zero": 1}, r"'features' must be a matrix of type INT8 with one scale and the"),
    ("time", {"scale": [1.0, 2.0, 1.0, 1.0]}, r"'time' must be a matrix of type INT8 or INT16 wit"),
    ("bias", {"type": "INT16"}, r"its bias is of type INT16, and its kernel reads INT32")])
def test_what_the_kernel_does_not_take_is_refused(which, changed, reason, path):
    net = Net()
    number = next(k for k, t in enumerate(net.made.tensors) if t["name"] == which)
    net.tensor(number, **changed).file(path)
    with pytest.raises(ModelError, match=rf"node 'y' \(SVDF\): .*{reason}"):
        qhw.load(path)
    assert [f.reason for f in findings(path) if f.reason]


@pytest.mark.parametrize(("more", "reason"), [
    ({"rank": 3}, r"its weights \[4, 3\] and \[4, 4\] do not fit its rank 3"),
    ({"time": [[1, 2]], "rank": 1}, r"its weights \[4, 3\] and \[1, 2\] do not fit its rank 1"),
    ({"kind": "INT16", "zero": 1}, "'state' has 16 bits and a zero point other than 0"),
    ({"kind": "INT16", "time": np.full((4, 4), 1 << 14), "scale": 0.01},
     r"its sums can reach 4\.29e\+09 where the kernel has 32 bits")])
def test_weights_and_states_that_do_not_fit_are_refused(more, reason, path):
    Net(**more).file(path)
    with pytest.raises(ModelError, match=rf"node 'y' \(SVDF\): .*{reason}"):
        qhw.load(path)


def test_a_state_that_is_used_twice_is_refused(path):
    net = Net()
    again = net.made.tensor((1, 2), scale=50.0)
    net.made.op("SVDF", [net.x, *net.weights, net.bias, net.state], [again], rank=2)
    net.file(path)
    with pytest.raises(ModelError, match="its state 'state' is used elsewhere too"):
        qhw.load(path)


def test_a_state_that_another_operator_reads_is_refused(path):
    made = Made()
    x, state, y = (made.tensor((1, 4), scale=1.0, variable=k == 1) for k in range(3))
    made.op("ADD", [x, state], [y])
    path.write_bytes(made.file([x], [y]))
    with pytest.raises(ModelError, match="its input 1 is a constant, a state or missing"):
        qhw.load(path)


def test_a_real_network_whose_biases_do_not_saturate(path):
    """Every layer of 7 SVDF, of which the file's own biases of up to 2**31 leave nothing."""
    pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
    if not ZOO.is_file():
        pytest.skip("the networks of others are not beside this project")
    data, file, rng = bytearray(ZOO.read_bytes()), read_tflite(ZOO), np.random.default_rng(5)
    for node in file.nodes:
        if node.op in ("SVDF", "FULLY_CONNECTED"):
            old = file.tensors[node.inputs[3 if node.op == "SVDF" else 2]].data
            at = data.index(old.tobytes())
            data[at:at + 4 * old.size] = rng.integers(-500, 500, old.size).astype("<i4").tobytes()
    path.write_bytes(data)
    x = np.cumsum(rng.normal(0, 3000, (60, 1, 96)), axis=0) + rng.normal(0, 8000, (60, 1, 96))
    x = np.clip(x, -32768, 32767).astype(np.int16)
    flows, found = places(path), evaluate(qhw.load(path), x[:, 0])
    output = data.index(np.array(file.outputs, "<i4").tobytes(), root(bytes(data)).tables(2, 1)[
        0]._target(2))
    different = []
    for node in file.nodes[:-2]:
        number, = node.outputs
        data[output:output + 4] = number.to_bytes(4, "little")
        want = answers(bytes(data), x)
        assert (found[flows[number].node].reshape(want.shape) == want).all(), node
        different.append(len(np.unique(want)))
    assert np.median(different) > 150
