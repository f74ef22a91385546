"""Networks that others made: the golden against their reference codes, and gates against it.

Where float32 and float64 disagree about a sample's codes, the reference itself is in doubt; those
samples are marked and left out, as MANIFEST.md says.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import qhw
from qhw.design.cycles import predict
from qhw.design.plan import stages
from qhw.loaders.onnx.graph import places
from qhw.lower import lower
from qhw.ops import MatVec
from qhw.simulators.golden import golden, host

ZOO = Path(__file__).parents[3] / "shared" / "zoo"
pytestmark = pytest.mark.skipif(not ZOO.is_dir(), reason="the zoo's networks are not beside the "
                                                         "project (../shared/zoo)")
FORMATS = {"zoo_qkeras_jettagging": "s14:scale=1/1024", "int_CNN_Linear1": "s8",
           "int_mlperf_KeywordSpotting": "u8", "int_nemo_NAS_Frontnet": "u8"}
"""Of inputs that have no quantizer."""

SMALL = {"espcn_nn_resize": (3, 12, 10), "separable_conv_ch_last": (14, 11, 3)}
"""Shapes for networks whose images are too large to be simulated."""

RIGHT = {"bcancer_mlp_w3a3_a": 161, "digits_cnn_qcdq_w4a4": 489, "digits_cnn_w4a4_trunc_a": 489,
         "digits_mlp_asym_w8a4_a": 482, "digits_mlp_w1a1_a": 445, "digits_mlp_w2a2_a": 486,
         "digits_mlp_w4a4_a": 485, "digits_mlp_w6a6_po2_a": 486,
         "digits_mlp_w8a8_perchannel_bias_a": 483, "kws_w3a3_mlperf": 825,
         "mnist_cnn_qdq_u8s8_pc": 491, "mnist_cnn_w2a2_a": 489, "mnist_cnn_w8a8_norm_a": 466,
         "mnist_resnet_w3a4_a": 488, "zoo_TFC_1W1A": 461, "zoo_TFC_2W2A": 478}
"""Right answers of the stored samples, by MANIFEST.md's accuracies."""

MODELS = ["bcancer_mlp_w3a3_a", "digits_cnn_qcdq_w4a4", "digits_cnn_w4a4_trunc_a",
          "digits_mlp_asym_w8a4_a", "digits_mlp_w1a1_a", "digits_mlp_w2a2_a", "digits_mlp_w4a4_a",
          "digits_mlp_w6a6_po2_a", "digits_mlp_w8a8_perchannel_bias_a", "espcn_nn_resize",
          "ex_bnn_fc_1layer", "int_CNN_Linear1", "int_mlperf_KeywordSpotting",
          "int_nemo_NAS_Frontnet", "kws_w3a3_mlperf", "mnist_cnn_qdq_u8s8_pc", "mnist_cnn_w2a2_a",
          "mnist_cnn_w8a8_norm_a", "mnist_resnet_w3a4_a", "separable_conv_ch_last", "zoo_TFC_1W1A",
          "zoo_TFC_2W2A", "zoo_qkeras_jettagging"]
KERNELS = {"Add_Regular_RQ": "s8", "Conv_DW_2D_RQ": "u8", "Conv_Regular_2D_RQ": "s8",
           "Conv_StriddedPadded_2D_RQ": "s8", "GEMM_Regular_RQPerRow": "s8",
           "MaxPool_Regular_2D": "s8"}


def path(name):
    return ZOO / f"models/{name}.onnx"


@cache
def data(name):
    return dict(np.load(ZOO / f"data/{name}.npz"))


@cache
def graph(name):
    return qhw.load(path(name), FORMATS.get(name))


@cache
def exact(name):
    lowered = lower(graph(name))
    return lowered, golden(lowered, data(name)["x"])


def codes_of(found, flow, node):
    """Our codes in ONNX's order of elements; one bit as -1 and 1, as it counts them."""
    codes = found[flow.node].reshape(len(found[flow.node]), -1)[:, flow.places]
    return 2 * codes - 1 if node.op.kind == "sign" else codes


@pytest.mark.parametrize("name", MODELS)
def test_codes_and_outputs_are_the_reference(name, record_property):
    """On every sample without ties; all samples of networks of integers."""
    z, (lowered, found) = data(name), exact(name)
    flows, nodes = places(path(name), FORMATS.get(name)), graph(name).by_name
    free = z.get("tie_free", np.ones(len(z["x"]), bool))
    compared = 0
    for key in (k for k in z if k.startswith("code__")):
        want, flow = z[key], flows[key[6:].replace("|", "/")]
        if flow.node not in found:      # a Clip followed and left fewer codes
            flow = flow.at(next(n for n in (f"{flow.node}_1", "symbolic_7") if n in found))
        got = codes_of(found, flow, nodes[flow.node])[:len(want)]
        tie_free = free[:len(want)]
        assert np.array_equal(got[tie_free], want[tie_free]), f"{key}: {(got != want).sum()}"
        compared += int(tie_free.sum()) * want[0].size
    y = host(lowered, found[lowered.hardware.output.name])
    want = z["out_exact64"].reshape(y.shape)
    assert np.allclose(y[free], want[free], rtol=1e-6, atol=1e-6)
    if "golden_out" in z:
        assert np.array_equal(y.ravel(), z["golden_out"].ravel())
    if name in RIGHT:
        classes = y.argmax(axis=1) if y.ndim == 2 else y.ravel()
        assert int((classes == z["y"]).sum()) == RIGHT[name]
    record_property("samples", len(y))
    record_property("codes_compared", compared)


@pytest.mark.slow(but=2)
@pytest.mark.parametrize("name", MODELS)
def test_gates_are_the_golden_at_every_layer(name):
    """Eight samples, and two of what has over 10 million products; in the cycles predicted."""
    z, shape = data(name), SMALL.get(name)
    network = qhw.load(path(name), FORMATS.get(name), shape) if shape else graph(name)
    lowered = lower(network)
    products = sum(s.op.vectors(s.x) * s.op.weights[0].size * s.op.outputs // s.op.groups
                   for s in stages(lowered) if isinstance(s.op, MatVec))
    x = z["x"][:2 if products > 10_000_000 else 8]
    if shape:
        x = x[(slice(None), *(slice(0, n) for n in shape))]
    run = qhw.simulate(network, x, engine="verilator", trace=True)
    assert run.matches == len(x)
    cycles = predict(lowered)
    assert run.cycles == cycles.latency + (len(x) - 1) * cycles.interval


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("name", ["digits_cnn_w4a4_trunc_a", "mnist_resnet_w3a4_a"])
def test_gates_with_stalls(name):
    run = qhw.simulate(graph(name), data(name)["x"][:3], engine="verilator", trace=True, stalls=1)
    assert run.matches == 3


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("name", KERNELS)
def test_kernels(name):
    """The authors' outputs, from the golden and from gates."""
    given, want = (dict(np.load(ZOO / f"kernels_deeploy/{name}/{what}.npz"))
                   for what in ("inputs", "outputs"))
    inputs, (want,) = [v.astype(np.int64) for v in given.values()], want.values()
    network = qhw.load(ZOO / f"kernels_deeploy/{name}/network.onnx", KERNELS[name])
    shape = network.nodes[0].op.given
    x = np.concatenate([v.ravel() for v in inputs])[:int(np.prod(shape))].reshape(1, *shape)
    for engine in ("golden", "verilator"):
        run = qhw.simulate(network, x, engine=engine, trace=True)
        assert run.matches == 1
        assert np.array_equal(run.y.ravel(), want.ravel())


def test_external_data():
    """Weights in a file beside the model are those of the model that holds its own."""
    outside = lower(qhw.load(ZOO / "models/external_data_sample/digits_mlp_w4a4.onnx"))
    x = data("digits_mlp_w4a4_a")["x"][:100]
    y = host(outside, golden(outside, x)[outside.hardware.output.name])
    assert (y.argmax(axis=1) == data("digits_mlp_w4a4_a")["y"][:100]).mean() > .9
