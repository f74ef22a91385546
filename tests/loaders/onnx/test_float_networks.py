"""Float networks as exporters write them, against ONNX Runtime."""

import numpy as np
import onnx
import pytest

from qhw.errors import ModelError
from qhw.layers import Floating
from qhw.loaders import load
from qhw.lower import lower
from qhw.simulators.golden import evaluate
from tests.loaders.onnx.floats import Built, network
from tests.loaders.onnx.small import saved

WITHIN = 1e-4
WHOLE = onnx.TensorProto.INT64


def agrees(path, x):
    """Loads a file, whose layers then make what ONNX Runtime makes of ``x``, all outputs in
    order."""
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    names = [o.name for o in session.get_outputs() if o.type.startswith("tensor")]
    batches = x[:, None] if given.shape[0] == 1 else [x]
    made = [session.run(names, {given.name: one}) for one in batches]
    want = np.concatenate([np.concatenate([np.asarray(m[k], float) for m in made]).reshape(
        len(x), -1) for k in range(len(names))], axis=1)
    graph = load(path)
    found = evaluate(graph, x)[graph.output.name].reshape(len(x), -1)
    assert np.abs(found - want).max() <= WITHIN * np.abs(want).max()
    return graph


@pytest.mark.parametrize("seed", range(12))
def test_random_networks(seed, tmp_path):
    model, shape = network(seed)
    x = np.random.default_rng(seed).normal(size=(3, *shape)).astype(np.float32)
    graph = agrees(saved(tmp_path, model), x)
    assert sum(isinstance(n.op, Floating) for n in graph.nodes) >= 3
    with pytest.raises(ModelError, match="its weights are floats; choose a scheme with qhw quanti"):
        lower(graph)


def test_layers_have_the_names_of_their_weights(tmp_path):
    net = Built(0)
    x = net.add("Conv", "x", net.weights("stem.0.weight", 2, 1, 3, 3),
                net.weights("stem.0.bias", 2))
    w = net.weights("head/kernel:0", 2 * 9, 3)
    x = net.add("MatMul", net.add("Flatten", net.add("Relu", x)), w)
    x = net.add("Add", x, net.weights("head.bias", 3))
    turned = net.add("Transpose", net.weights("last.weight", 4, 3))     # a constant, moved
    graph = load(saved(tmp_path, net.model((1, 5, 5), net.add("MatMul", x, turned))))
    assert [n.name for n in graph.nodes] == [
        "x", "stem_0", "relu_2_out", "relu_2_out_flat", "head", "last"]
    assert np.array_equal(graph.by_name["head"].op.bias, net.constants["head.bias"])


def test_transposed_convolutions(tmp_path):
    for groups, seed in ((1, 0), (2, 1)):
        net = Built(seed)
        x = net.add("ConvTranspose", "x", net.weights("up.weight", 4, 6 // groups, 3, 3),
                    net.weights("up.bias", 6), strides=[2, 1], pads=[1, 0, 1, 2], group=groups,
                    output_padding=[1, 0])
        x = net.add("Flatten", net.add("GlobalAveragePool", net.add("Relu", x)))
        agrees(saved(tmp_path, net.model((4, 5, 6), x)),
               np.random.default_rng(seed).normal(size=(3, 4, 5, 6)).astype(np.float32))


def classifier(net, last, classes):
    """skl2onnx's nodes behind the scores ``last`` of three classes; the output."""
    chosen = net.add("ArgMax", last, axis=1)
    picked = net.add("ArrayFeatureExtractor", net.constant("classes", np.array(classes)), chosen,
                     domain="ai.onnx.ml")
    flat = net.add("Reshape", picked, net.constant("shape_tensor", np.array([-1])))
    return net.add("Cast", flat, to=WHOLE)


@pytest.mark.parametrize("classes", [[0, 1, 2], [4, 7, 9], [9, 4, 7]])
@pytest.mark.parametrize("probabilities", [False, True])
def test_scikit_learn(classes, probabilities, tmp_path):
    """Its scaler, layers, and classes, with or without the probabilities beside them."""
    net = Built(1)
    x = net.add("Scaler", "x", domain="ai.onnx.ml", offset=[.5, -1, 0, 2], scale=[1., 2, .5, .25])
    x = net.add("Cast", x, to=onnx.TensorProto.FLOAT)
    for k, (inputs, outputs) in enumerate(((4, 6), (6, 3))):
        x = net.add("MatMul", x, net.weights(f"coefficient{k}", inputs, outputs))
        x = net.add("Add", x, net.weights(f"intercepts{k}", 1, outputs))
        x = net.add("Softmax" if k else "Tanh", x)
    model = net.model((4,), classifier(net, x, classes), kind=WHOLE)
    if probabilities:
        model.graph.output.append(onnx.helper.make_tensor_value_info(x, 1, None))
    model.opset_import.append(onnx.helper.make_opsetid("ai.onnx.ml", 1))
    x = np.random.default_rng(0).normal(size=(20, 4), scale=3).astype(np.float32)
    graph = agrees(saved(tmp_path, model), x)
    assert len(set(evaluate(graph, x)[graph.output.name].reshape(20, -1)[:, 0])) > 1


def test_maps_of_probabilities_are_no_output(tmp_path):
    """skl2onnx writes them unless it is told otherwise; the class is the answer."""
    net = Built(1)
    scores = net.add("MatMul", "x", net.weights("coefficient", 4, 3))
    model = net.model((4,), classifier(net, scores, [0, 1, 2]), kind=WHOLE)
    model.graph.node.append(onnx.helper.make_node(
        "ZipMap", [scores], ["maps"], domain="ai.onnx.ml", classlabels_int64s=[0, 1, 2]))
    each = onnx.helper.make_map_type_proto(WHOLE, onnx.helper.make_tensor_type_proto(1, ()))
    model.graph.output.append(onnx.helper.make_value_info(
        "maps", onnx.helper.make_sequence_type_proto(each)))
    model.opset_import.append(onnx.helper.make_opsetid("ai.onnx.ml", 1))
    graph = agrees(saved(tmp_path, model), np.eye(4, dtype=np.float32))
    assert graph.tensors[graph.output.name].shape == (1,)


def test_weights_beyond_numbers_are_refused(tmp_path):
    for bad in (np.inf, np.nan, 1e39):
        net = Built(0)
        w = net.constant("w", np.array([[.5, bad]]))
        with pytest.raises(ModelError, match="its weights are not finite, or reach more than"):
            load(saved(tmp_path, net.model((1,), net.add("MatMul", "x", w))))


def pytorch():
    """A network of PyTorch with most of what image classifiers have."""
    torch = pytest.importorskip("torch")
    nn = torch.nn
    torch.manual_seed(0)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU6(),
                                      nn.MaxPool2d(2))
            self.depth = nn.Sequential(nn.Conv2d(6, 6, 3, padding=1, groups=6, bias=False),
                                       nn.BatchNorm2d(6), nn.LeakyReLU(.1), nn.Dropout())
            self.fc = nn.Linear(12, 5)

        def forward(self, x):
            x = self.stem(x)
            x = torch.cat([x + self.depth(x), x], 1)
            return self.fc(torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1))
    return torch, Net().eval()


@pytest.mark.parametrize("dynamo", [False, True])
@pytest.mark.filterwarnings("ignore")
def test_pytorch(dynamo, tmp_path):
    """Of PyTorch's two exporters; the layers have the module's names."""
    torch, net = pytorch()
    if dynamo:
        pytest.importorskip("onnxscript")
    x = torch.randn(3, 1, 8, 10)
    torch.onnx.export(net, (x[:1],), tmp_path / "net.onnx", dynamo=dynamo, external_data=False)
    graph = agrees(tmp_path / "net.onnx", x.numpy())
    assert "fc" in graph.by_name
