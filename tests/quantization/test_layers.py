"""Quantization layer by layer: figures by hand, scales, the inputs that are looked at, answers."""


from dataclasses import asdict

import numpy as np
import onnx
import pytest
from onnx import helper

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Node
from qhw.layers import Conv, Dense, Flatten, Input, Linear, Quantize, Relu, Reshape, Softmax
from qhw.layers.argmax import ArgMax
from qhw.layers.heads import Heads
from qhw.loaders import load
from qhw.lower import lower
from qhw.ops import History
from qhw.quantization import places
from qhw.quantization import quantize as module
from qhw.quantization.metrics import right
from qhw.quantization.quantize import Layer, look, quantize, quantized
from qhw.schemes import Codes
from qhw.schemes.fixed import Fixed
from qhw.simulators.golden import evaluate
from tests.tiny import tiny_samples, write_tiny

HALVES = Layer("a", Fixed(4), np.array([[1, -0.5], [2, 0.25]]),
               Codes(np.array([[2, -1], [3, 1]]), np.array([0.5, 1]), None))
ONE = Layer("b", Fixed(8), np.array([[3.0]]), Codes(np.array([[5]]), np.array(0.5), None))


def test_the_error_of_a_layer():
    """Rows have scales of their own: 1 - 1, -0.5 + 0.5, 2 - 3 and 0.25 - 1. Their squares are 1 and
    9 / 16 of four, 25 / 64; those of the weights are 85 / 64."""
    assert HALVES.error.tolist() == [[0, 0], [-1, -0.75]]
    assert asdict(HALVES.report) == {
        "name": "a", "scheme": str(Fixed(4)), "weights": 4, "mse": 25 / 64,
        "relative_mse": pytest.approx(25 / 85), "bits_per_weight": 4}
    assert ONE.error.tolist() == [[0.5]] and ONE.report.relative_mse == 0.25 / 9


def test_weights_of_nothing_have_an_error_too():
    zero = Layer("z", Fixed(4), np.zeros((1, 2)), Codes(np.zeros((1, 2), int), np.array(1.), None))
    assert zero.report.relative_mse == 0


def test_the_figures_of_a_network_weigh_its_layers():
    """4 weights of 4 bits and one of 8: 24 bits of 5; squares 25 / 16 and 1 / 4."""
    known = module._report("net", "fixed", [HALVES, ONE])
    assert (known.name, known.scheme, known.weights) == ("net", "fixed", 5)
    assert known.bits_per_weight == pytest.approx(24 / 5)
    assert known.mse == pytest.approx((25 / 16 + 1 / 4) / 5)
    assert [row.name for row in known.layers] == ["a", "b"]


def network(*behind, inputs=6, outputs=3):
    """A float layer, what is behind it, and another."""
    rng = np.random.default_rng(0)
    nodes = [Node("input", Input((inputs,), Int(0, 15), scale=0.25)),
             Node("fc", Linear(rng.normal(size=(outputs, inputs)), None), ("input",))]
    for k, op in enumerate(behind):
        nodes.append(Node(f"n{k}", op, (nodes[-1].name,)))
    return Graph("net", tuple(nodes)).check()


@pytest.mark.parametrize(("behind", "per_tensor", "each"), [
    ((), False, True), ((), True, False),
    ((ArgMax(),), False, False), ((Relu(), ArgMax()), False, False),
    ((Relu(), Relu()), False, True),
    ((Softmax(), Reshape((3,)), ArgMax()), False, False),   # as scikit-learn's classifiers end
    ((Quantize(Int(0, 7), 1), ArgMax()), False, True),      # codes are compared, not the sums
])
def test_an_argmax_needs_one_scale(behind, per_tensor, each):
    graph = network(*behind)
    changed, (layer,) = quantized(graph, {"fc": Fixed(4)}, per_tensor=per_tensor)
    assert np.shape(layer.codes.scale) == ((3,) if each else ())
    assert isinstance(changed.by_name["fc"].op, Dense)
    assert changed.by_name["fc"].op.weights is layer.codes


def test_an_argmax_on_one_of_two_branches():
    graph = network(Relu())
    nodes = (*graph.nodes, Node("class", ArgMax(), ("fc",)))
    assert module._compared(Graph("net", nodes), graph.by_name["fc"])


def test_only_layers_that_are_named_are_quantized():
    graph = network(Quantize(Int(0, 7), 1))
    changed, done = quantized(graph, {"other": Fixed(4)})
    assert not done and changed.by_name["fc"].op is graph.by_name["fc"].op


@pytest.fixture
def shown(monkeypatch):
    """The inputs that a scheme is shown, and whether each output gets a scale."""
    seen = []

    def fit(self, w, x, *, per_channel=True):
        seen.append((x, per_channel))
        return self.quantize(w, per_channel=per_channel)
    monkeypatch.setattr(Fixed, "fit", fit)
    return seen


def test_a_scheme_is_shown_real_inputs(shown, monkeypatch):
    """Codes of the input times its scale of 1 / 4, of at most so many samples."""
    monkeypatch.setattr(module, "LOOK", 5)
    graph, x = network(), np.arange(48).reshape(8, 6) % 16
    quantized(graph, {"fc": Fixed(4)}, {"input": x})
    (seen, each), = shown
    assert seen.tolist() == (x[:5] / 4).tolist() and each
    assert look(graph, x)["input"].shape == (5, 6)
    monkeypatch.setattr(places, "AT_ONCE", 3 * (6 + 3))     # elements of three samples
    assert look(graph, x)["input"].shape == (3, 6)
    monkeypatch.setattr(places, "AT_ONCE", 3)
    assert len(look(graph, x)["input"]) == 1


@pytest.mark.parametrize("groups", [1, 2])
def test_a_convolution_is_shown_its_windows(shown, monkeypatch, groups):
    """Of 2 x 3 places each sample has six; for 8 rows two samples are enough. Groups see others."""
    monkeypatch.setattr(module, "LOOK", 8)
    weights = Fixed(4).quantize(np.random.default_rng(0).normal(size=(2, 2 * 2 // groups)),
                                per_channel=True)
    graph = Graph("net", (Node("input", Input((2, 4, 2), Int(0, 15))), Node("conv", Conv(
        Fixed(4), weights, Window((1, 2)), groups), ("input",)), Node("flat", Flatten(), ("conv",)))
                  ).check()
    x = np.arange(4 * 16).reshape(4, 2, 4, 2) % 16
    _, (layer,) = quantized(graph, {"conv": Fixed(4)}, {"input": x})
    if groups > 1:
        assert not shown
    else:
        (seen, _), = shown
        rows = [[*x[n, h, w], *x[n, h, w + 1]] for n in range(2) for h in range(2)
                for w in range(3)]
        assert seen.tolist() == [list(row) for row in rows[:8]]
    assert layer.scheme == Fixed(4)


def test_right_answers_are_counted():
    """Scores are compared; one column is the class itself."""
    scores = np.array([[0, 1, 2], [5, 1, 2], [0, 9, 2], [1, 1, 0], [0, 1, 2], [3, 2, 1], [0, 0, 1]])
    labels = np.array([2, 0, 0, 0, 2, 0, 2])        # wrong of the third only
    assert right(scores, labels).sum() == 6
    assert right(scores.argmax(1)[:, None], labels).sum() == 6


def test_labels_of_several_outputs():
    """The class is compared; two vectors leave it open."""
    ends = (Node("max", ArgMax(), ("fc",)), Node("soft", Softmax(), ("fc",)))
    graph, x = network(), np.random.default_rng(1).uniform(0, 3, (9, 6))
    both = graph.replaced([*graph.nodes, *ends, Node("outputs", Heads(), ("max", "soft"))]).check()
    labels = evaluate(graph, x)["fc"].argmax(1)
    assert module.float_correct(both, x, labels) == 9
    assert module.float_correct(both, x, (labels + 1) % 3) == 0
    both = graph.replaced([*graph.nodes, *ends, Node("outputs", Heads(), ("fc", "soft"))]).check()
    with pytest.raises(ModelError, match="several outputs"):
        module.float_correct(both, x, labels)


@pytest.mark.parametrize("at_once", [1, 20, 10 ** 6])
@pytest.mark.parametrize("state", [False, True])
def test_values_of_a_float_network_are_computed_in_batches(monkeypatch, state, at_once):
    """Unless an inference depends on those before it."""
    monkeypatch.setattr(places, "AT_ONCE", at_once)
    graph, x = network(), np.arange(42).reshape(7, 6) % 16
    if state:
        rows = History(np.zeros((1, 2), int))
        graph = Graph("net", (Node("input", Input((2, 2), Int(0, 15))),
                              Node("rows", rows, ("input",)), Node("flat", Flatten(), ("rows",)),
                              Node("fc", graph.by_name["fc"].op, ("flat",)))).check()
        x = x[:, :4].reshape(7, 2, 2)
    labels, sizes = evaluate(graph, x)[graph.output.name].argmax(1), []
    monkeypatch.setattr(module, "evaluate",
                        lambda graph, x: sizes.append(len(x)) or evaluate(graph, x))
    assert module.float_correct(graph, x, labels) == 7
    assert len(set(labels)) > 1
    assert sizes == ([7] if state else {1: [1] * 7, 20: [2, 2, 2, 1], 10 ** 6: [7]}[at_once])


def test_the_hardware_remembers_all_samples(monkeypatch):
    """Right answers of a network with state are counted in one sequence."""
    monkeypatch.setattr(places, "AT_ONCE", 1)
    rows = History(np.zeros((1, 2), int))
    graph = Graph("net", (Node("input", Input((2, 2), Int(0, 15))), Node("rows", rows, ("input",)),
                          Node("flat", Flatten(), ("rows",)), Node("max", ArgMax(), ("flat",))))
    x = np.array([[[0, 1], [9, 2]], [[0, 1], [2, 3]], [[5, 4], [3, 1]]])
    # the last row of the inference before stands first
    assert module.correct(lower(graph.check()), x, np.array([4, 0, 2])) == 3


def test_layers_may_have_schemes_of_their_own(tmp_path):
    write_tiny(tmp_path / "tiny")
    known = quantize(tmp_path / "tiny", "fixed", tmp_path / "out", layers={"fc2": "binary"})
    assert [row.scheme.split(":")[0] for row in known.layers] == ["fixed", "binary"]
    made = load(tmp_path / "out")
    assert made.by_name["fc1"].op.scheme.name == "fixed"
    assert made.by_name["fc2"].op.scheme.name == "binary"


def test_what_is_not_quantized(tmp_path):
    write_tiny(tmp_path / "tiny")
    onnx.save(helper.make_model(helper.make_graph([], "net", [], [])), tmp_path / "net.onnx")
    quantize(tmp_path / "tiny", "fixed", tmp_path / "made")
    with pytest.raises(ModelError, match="this folder has the model itself; name another folder"):
        quantize(tmp_path / "made", "fixed", tmp_path / "made")
    with pytest.raises(ModelError, match="its graph has no nodes"):
        quantize(tmp_path / "net.onnx", "fixed", tmp_path / "out")
    with pytest.raises(ModelError, match=r"Layer 'fc9': no layer with float weights has this name "
                                         r"\(fc1, fc2\)"):
        quantize(tmp_path / "tiny", "fixed", tmp_path / "out", layers={"fc1": "binary",
                                                                       "fc9": "binary"})


@pytest.mark.parametrize("scheme", ["bwnh", "fixed:bits=3"])
def test_calibration_never_sees_a_sample_of_the_evaluation(tmp_path, scheme):
    """Whatever the samples of the accuracy are, the network is the same bit for bit; it is another
    with other calibration samples if the scheme looks at them."""
    write_tiny(tmp_path / "tiny")
    x, labels = tiny_samples()
    seen = set[bytes]()
    for k, calibration in enumerate((None, x[:20], x[:20] // 8)):
        made = set()
        for j, given in enumerate((None, x[20:], np.zeros((3, 8), int))):
            out = tmp_path / f"out{k}{j}"
            quantize(tmp_path / "tiny", scheme, out, x=given, calibration=calibration,
                     labels=None if given is None else labels[:len(given)])
            with np.load(out / "weights.npz") as arrays:
                made.add(b"".join(arrays[name].tobytes() for name in sorted(arrays)))
        assert len(made) == 1
        seen |= made
    assert len(seen) == (3 if scheme == "bwnh" else 1)
