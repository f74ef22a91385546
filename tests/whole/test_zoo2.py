"""Networks of integers of DORY, QuantLab and FINN: the authors' layers are the golden's, and gates
are the golden."""

from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest

import qhw
from qhw.design.cycles import predict
from qhw.errors import ModelError
from qhw.loaders.onnx.graph import places
from qhw.lower import lower
from qhw.simulators.golden import golden, host
from sim.proof.oracles.judge import reference
from sim.proof.oracles.maker import DOMAIN, Made

ZOO = Path(__file__).parents[3] / "shared/zoo2"
pytestmark = pytest.mark.skipif(not ZOO.is_dir(), reason="the networks are not beside the project "
                                                         "(../shared/zoo2)")
LAYERS = {
    "dory_Residual_connection_test_1": "58 70 82 94 106 114 126 129",
    "dory_TCN_T": "74 85 96 106 121 132 143 158 169 180 195 198",
    "dory_dronet_complete": "87 88 100 112 124 132 144 156 168 176 188 200 212 229 232",
    "dory_dscnn_test": "89 101 112 124 135 147 158 170 181 190 192",
    "dory_eegnet_1d_8b_1xW": "44 56 57 69 70 84 86",
    "quantlab_Dronet": "50 51 58 65 72 73 80 87 94 95 102 109 116 117 120"}
"""The file's tensor of each layer that the authors stored."""


def path(name):
    return ZOO / f"models/{name}.onnx"


@cache
def data(name):
    return dict(np.load(ZOO / f"data/{name}.npz"))


def authors(name, codes):
    """A tensor as its authors store it: channels last, but for one network."""
    if codes.ndim > 1 and name != "dory_dscnn_test":
        codes = np.moveaxis(codes, 0, -1)
    return codes.ravel()


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_the_authors(name):
    graph = qhw.load(path(name), "u8")
    lowered, flows, z = lower(graph), places(path(name), "u8"), data(name)
    found = golden(lowered, z["x"])
    names = LAYERS[name].split()
    assert len(names) == sum(key.startswith("hwc_out_layer") for key in z)
    for k, tensor in enumerate(names[:-1]):
        flow, want = flows[tensor], z[f"hwc_out_layer{k}"]
        codes = found[flow.node].reshape(-1)[flow.places]
        assert np.array_equal(authors(name, codes), want), (k, tensor)
    bias = 127 if name == "dory_dscnn_test" else 0      # which the host adds before its logarithm
    assert np.array_equal(found[f"t{names[-1]}"].ravel() + bias, z["want_last"])
    y = host(lowered, found[lowered.hardware.output.name]).ravel()
    want, last = z["want_last"].astype(np.float64), onnx.load(path(name)).graph.node[-1].op_type
    if last == "LogSoftmax":
        want = want - want.max() - np.log(np.exp(want - want.max()).sum())
    elif last in ("Sigmoid", "Concat"):
        heads = slice(1 if "ronet" in name else 0, None)
        want[heads] = .5 + .5 * np.tanh(want[heads] / 2)
    assert np.allclose(y, want, rtol=1e-12, atol=1e-12)


FINN = "finn_build_dataflow_model"


def test_every_layer_of_finns_is_that_of_qonnx():
    """The signs of each layer, and the index of the largest output."""
    x = np.random.default_rng(0).integers(0, 256, (4, 1, 28, 28)).astype(np.float32)
    graph, flows = qhw.load(path(FINN), "u8"), places(path(FINN), "u8")
    lowered = lower(graph)
    found = golden(lowered, x)
    tensors = [f"MultiThreshold_{k}_out0" for k in range(4)] + ["global_out"]
    model = onnx.load(path(FINN))
    model.opset_import.append(onnx.helper.make_opsetid(DOMAIN, 1))
    for node in model.graph.node:       # as QONNX names FINN's domain today
        node.domain = DOMAIN if node.op_type == "MultiThreshold" else ""
    for k in range(len(x)):
        *codes, largest = reference(Made(0, model, x[k:k + 1], "qonnx"), tensors)
        for name, want in zip(tensors, codes, strict=False):
            flow = flows[name]
            got = found[flow.node][k].ravel()[flow.places.ravel()]
            assert np.array_equal(got, (want.ravel() + 1) // 2), name
        assert host(lowered, found[lowered.hardware.output.name])[k].item() == largest.item()


@pytest.mark.slow(but=2)
@pytest.mark.parametrize("name", [*LAYERS, FINN])
def test_gates_are_the_golden_at_every_layer(name):
    x = (data(name)["x"] if name in LAYERS
         else np.random.default_rng(1).integers(0, 256, (4, 1, 28, 28)))
    network = qhw.load(path(name), "u8")
    run = qhw.simulate(network, x, engine="verilator", trace=True)
    assert run.matches == len(x)
    cycles = predict(lower(network))
    assert run.cycles == cycles.latency + (len(x) - 1) * cycles.interval


def test_attention_is_refused_with_its_first_node():
    with pytest.raises(ModelError, match=r"'__QL_REPLACED__INTEGER_LAYERNORM_PASS_0_iLayerNorm' "
                                         r"\(iLayerNorm\): .* the host"):
        qhw.load(path("deeploy_CCT_Int_ICCT"), "u8")
