"""Real networks: every stored integer of TensorFlow Lite Micro's kernels is ours."""

from pathlib import Path

import numpy as np
import pytest

import qhw
from qhw.loaders.tflite.file import read_tflite
from qhw.loaders.tflite.graph import places
from qhw.lower import lower
from qhw.simulators.golden import evaluate, host

ZOO = Path(__file__).parents[4] / "shared/zoo2"
STREAMING = ["mww1_alexa", "mww_hey_jarvis", "mww_okay_nabu", "mww_vad",
             "tflm_keyword_scrambled_8bit", "tflm_micro_speech_lstm"]
"""Networks with state: their samples are one sequence."""
EXACT = [*STREAMING, "cfu_hps_model_2022_01_05_74ops", "cfu_model_magic_wand", "mcunet_vww",
         "slabs_fingerprint", "slabs_image_classification", "slabs_keyword_spotting",
         "slabs_keyword_spotting_mobilenetv2", "slabs_kws_on_off_v3", "slabs_rock_paper_scissors",
         "tflm_hello_world_int8", "tflm_micro_speech", "tflm_person_detect", "tiny_ad01_int8",
         "tiny_kws_int8", "tiny_resnet8_int8", "tiny_toycar_floatio", "tinyengine_lenet300"]
FLOAT = {"tinyengine_lenet300": 1e-11}
"""Networks that end in floating point, and how far its rounding goes."""


def network(name):
    path = ZOO / f"models/{name}.tflite"
    if not path.is_file():
        pytest.skip("the networks of others are not beside this project")
    return path, np.load(ZOO / f"data/{name}.npz")


def wanted(path, want):
    """The file's outputs, dequantized."""
    output = read_tflite(path)
    tensor = output.tensors[output.outputs[0]]
    if not len(tensor.scales):
        return want.astype(np.float64)
    return float(tensor.scales[0]) * (want.astype(np.float64) - int(tensor.zeros[0]))


@pytest.mark.parametrize("name", EXACT)
def test_outputs_and_every_layer_are_those_of_the_reference_kernels(name):
    path, data = network(name)
    graph = qhw.load(path)
    few = slice(1 if name.startswith("cfu_hps") else None)      # a picture of 240 x 320
    found = evaluate(graph, data["x"][few, 0])
    y, want = found[graph.output.name], wanted(path, data["want"][few])
    off = y.reshape(want.shape).astype(np.float32) - want.astype(np.float32)
    assert np.abs(off).max() <= FLOAT.get(name, 0)
    flows, keys = places(path), [k for k in data if k.startswith("layer__")]
    compared = 0
    for key in keys:
        flow = flows[int(key[7:])]
        if graph.tensors.get(flow.node) and graph.tensors[flow.node].codes is not None and not any(
                flow.pads):
            assert (found[flow.node][0].ravel() == data[key].ravel()).all(), key
            compared += 1
    assert compared >= len(keys) - len(keys) // 10 - 3


def test_several_outputs_are_one_vector():
    path, data = network("efinix_yolo_person_detect")
    graph = qhw.load(path)
    x = data["x"][:2, 0]
    want = np.concatenate([data[f"want{k}"][:2].reshape(2, -1) for k in (0, 1)], axis=1)
    lowered = lower(graph)
    codes = evaluate(lowered.hardware, x)[lowered.hardware.output.name]
    assert (codes == want).all()
    assert (host(lowered, codes) == evaluate(graph, x)["outputs"]).all()


@pytest.mark.parametrize("name", [
    *STREAMING, "tflm_hello_world_int8", "tflm_micro_speech", "tiny_kws_int8", "tiny_resnet8_int8",
    "slabs_fingerprint", "tiny_ad01_int8"])
def test_the_hardware_ends_in_the_codes_before_the_host(name):
    path, data = network(name)
    graph = lower(qhw.load(path))
    x = data["x"][:, 0]
    codes = evaluate(graph.hardware, x)[graph.hardware.output.name]
    assert (codes.reshape(data["codes"].shape) == data["codes"]).all()
    want = wanted(path, data["want"])
    assert (host(graph, codes).reshape(want.shape) == want).all()
