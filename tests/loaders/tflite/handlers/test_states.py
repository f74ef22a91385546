"""Variables: the rows that streaming networks keep, equal to TensorFlow Lite Micro's over a whole
sequence, and what else variables can do is refused."""

from contextlib import suppress

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.loaders import findings
from qhw.ops import History
from qhw.simulators.golden import evaluate

pytest.importorskip("flatbuffers", reason="flatbuffers is not installed")
from sim.proof.tflites import Made, answers, compared, differing, streaming

EACH = 20
X = np.random.default_rng(0).integers(-128, 128, (9, 1, 2, 3)).astype(np.int8)


class Net:
    """A network that joins a variable of 4 rows with 2 new ones and assigns the last 4 of them,
    where a test does not change it."""

    def __init__(self, initial=None):
        self.made = Made()
        if initial is not None:
            start = Made()
            held = start.tensor((), "RESOURCE")
            start.op("VAR_HANDLE", [], [held], shared_name="s")
            start.op("ASSIGN_VARIABLE", [held, start.tensor(initial.shape, data=initial)], [])
            self.made.others.append(start)
            self.made.op("CALL_ONCE", [], [], init_subgraph_index=1)
        self.x = self.tensor((1, 2, 3), "x")
        self.state = self.made.tensor((), "RESOURCE", name="s")
        self.made.op("VAR_HANDLE", [], [self.state], shared_name="s")

    def tensor(self, shape, name="", zero=5, scale=0.5):
        return self.made.tensor(shape, scale=scale, zero=zero, name=name)

    def read(self, rows=4):
        return self.op("READ_VARIABLE", [self.state], (1, rows, 3))

    def op(self, name, inputs, shape, **options):
        out = self.tensor(shape, f"{name.lower()}_{len(self.made.nodes)}")
        self.made.op(name, inputs, [out], **options)
        return out

    def join(self, *parts, rows=6, axis=1):
        return self.op("CONCATENATION", parts, (1, rows, 3), axis=axis)

    def cut(self, source, first, count):
        corners = [self.made.constant([0, first, 0]), self.made.constant([1, count, 3])]
        return self.op("SLICE", [source, *corners], (1, count, 3))

    def assign(self, value):
        self.made.op("ASSIGN_VARIABLE", [self.state, value], [])

    def file(self, path, out):
        data = self.made.file([self.x], [out])
        path.write_bytes(data)
        return data


@pytest.fixture
def path(tmp_path):
    return tmp_path / "n.tflite"


def exact(net, out, path):
    pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
    assert compared(net.file(path, out), X, path) == 0
    return qhw.load(path)


def histories(graph):
    return [n.op for n in graph.nodes if isinstance(n.op, History)]


def refused(net, out, path, reason):
    net.file(path, out)
    with pytest.raises(ModelError, match=reason) as e:
        qhw.load(path)
    assert "\n" not in str(e.value)
    assert [f.reason for f in findings(path) if f.reason]


@pytest.mark.parametrize("first", range(0, 120, EACH))
def test_random_sequences_are_exact(first, path):
    pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
    found = 0
    for seed in range(first, first + EACH):
        data, x, ops = streaming(seed)
        try:
            assert compared(data, x, path) == 0, (seed, ops)
        except (RuntimeError, ModelError):
            continue
        found += 1
    assert found >= EACH - 2


@pytest.mark.parametrize("first", range(0, 60, EACH))
def test_integer_layers_keep_the_state_too(first, path):
    for seed in range(first, first + EACH):
        data, x, ops = streaming(seed)
        path.write_bytes(data)
        try:
            graph = qhw.load(path)
        except ModelError:
            continue
        want = evaluate(graph, x[:, 0])[graph.output.name]
        assert not differing(graph, x[:, 0], want), (seed, ops)


@pytest.mark.parametrize("initial", [None, np.arange(12).reshape(1, 4, 3)])
def test_a_state_begins_as_the_file_says_or_at_its_zero_point(initial, path):
    net = Net(initial)
    joined = net.join(net.read(), net.x)
    net.assign(net.cut(joined, 2, 4))
    op, = histories(exact(net, joined, path))
    assert op.initial.ravel().tolist() == (
        [5] * 12 if initial is None else initial.ravel().tolist())


def test_some_rows_of_a_state_are_kept(path):
    """The state has all rows of an inference, and those in front are dropped in the next."""
    net = Net(np.arange(18).reshape(1, 6, 3))
    joined = net.join(net.cut(net.read(6), 2, 4), net.x)
    net.assign(joined)
    op, = histories(exact(net, joined, path))
    assert op.initial.ravel().tolist() == list(range(6, 18)) and not op.newest_first


def test_new_rows_in_front(path):
    net = Net(np.arange(12).reshape(1, 4, 3))
    joined = net.join(net.x, net.read())
    net.assign(net.cut(joined, 0, 4))
    op, = histories(exact(net, joined, path))
    assert op.newest_first


def test_the_rows_of_the_inference_before(path):
    net = Net(np.arange(6).reshape(1, 2, 3))
    joined = net.join(net.read(2), net.x, rows=4)
    net.assign(net.x)
    assert len(histories(exact(net, joined, path))) == 1


def test_a_state_that_an_inference_assigns_first_is_none(path):
    net = Net()
    net.assign(net.x)
    joined = net.join(net.read(2), net.x, rows=4)
    assert not histories(exact(net, joined, path))


def test_several_new_parts(path):
    net = Net()
    joined = net.join(net.read(), net.x, net.x, rows=8)
    net.assign(net.cut(joined, 4, 4))
    exact(net, joined, path)


def test_a_state_that_another_layer_reads_is_refused(path):
    net = Net()
    state = net.read(2)
    total = net.op("ADD", [state, net.x], (1, 2, 3))
    net.assign(total)
    refused(net, total, path, r"node 'add_\d' \(ADD\): it computes with the variable 's', which is "
            r"only supported where it is joined with new rows; keep the rows of a streaming")


def test_a_state_whose_newest_rows_are_not_assigned_is_refused(path):
    net = Net()
    joined = net.join(net.read(), net.x)
    net.assign(net.cut(joined, 1, 4))
    refused(net, joined, path, r"node 's' \(ASSIGN_VARIABLE\): it assigns other elements than the "
            r"newest 12 of those that 'concatenation_\d' joins; assign the newest rows")


def test_a_state_that_is_assigned_something_else_is_refused(path):
    net = Net()
    joined = net.join(net.read(2), net.x, rows=4)
    net.assign(net.op("RELU", [net.x], (1, 2, 3)))
    refused(net, joined, path, r"\(ASSIGN_VARIABLE\): it assigns other elements")


def test_a_state_that_is_never_assigned_is_refused(path):
    net = Net()
    refused(net, net.join(net.read(), net.x), path,
            r"\(CONCATENATION\): the variable 's' is joined with new rows and never assigned")


def test_a_state_in_the_middle_is_refused(path):
    net = Net()
    joined = net.join(net.x, net.read(), net.x, rows=8)
    net.assign(net.cut(joined, 4, 4))
    refused(net, joined, path, "joins the variable 's' otherwise than before or behind new rows")


def test_a_state_of_another_scale_is_refused(path):
    net = Net()
    state = net.tensor((1, 4, 3), scale=0.25)
    net.made.op("READ_VARIABLE", [net.state], [state])
    joined = net.join(state, net.x)
    net.assign(net.cut(joined, 2, 4))
    refused(net, joined, path, "joins the variable 's' with rows of another scale")


def test_beginnings_that_are_computed_or_missing_are_refused(path):
    net = Net(np.zeros((1, 4, 3)))
    net.made.others[0].op("RELU", [1], [1])
    joined = net.join(net.read(), net.x)
    net.assign(net.cut(joined, 2, 4))
    refused(net, joined, path, r"\(CALL_ONCE\): its subgraph 1 has RELU .*only constants")
    net.made.others.clear()
    refused(net, joined, path, r"\(CALL_ONCE\): there is no subgraph 1 behind the first")


def test_a_beginning_that_is_too_short_is_refused(path):
    net = Net(np.zeros((1, 3, 3)))
    joined = net.join(net.read(), net.x)
    net.assign(net.cut(joined, 2, 4))
    refused(net, joined, path, "the variable 's' begins with 9 elements of type INT8, which do not")


def test_inspection_names_what_operators_of_state_become(path):
    net = Net(np.zeros((1, 4, 3)))
    joined = net.join(net.read(), net.x)
    net.assign(net.cut(joined, 2, 4))
    net.file(path, joined)
    assert {f.node.op: f.became for f in findings(path)} == {
        "CALL_ONCE": "state", "VAR_HANDLE": "state", "READ_VARIABLE": "state",
        "CONCATENATION": "history", "SLICE": "reshape, take", "ASSIGN_VARIABLE": "state"}


def test_changed_words_of_streaming_networks_are_refused_or_read(path):
    """Handles, subgraphs and variables that are not there among them."""
    rng = np.random.default_rng(7)
    for seed in range(4):
        data = streaming(seed)[0]
        for _ in range(60):
            broken = bytearray(data)
            for at in rng.integers(8, len(data) - 4, rng.integers(1, 4)):
                word = int(rng.choice([0, 1, 0xFFFFFFFF, rng.integers(40), rng.integers(1 << 32)]))
                size = int(rng.choice([1, 4]))
                broken[at:at + size] = word.to_bytes(4, "little")[:size]
            path.write_bytes(broken)
            with suppress(ModelError):
                assert qhw.load(path).nodes


def test_answers_are_those_of_one_sequence():
    """The oracle itself has a state: the same samples in another order have other answers."""
    pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
    net = Net()
    joined = net.join(net.read(), net.x)
    net.assign(net.cut(joined, 2, 4))
    data = net.made.file([net.x], [joined])
    assert (answers(data, X)[3:] != answers(data, X[3:])).any()
