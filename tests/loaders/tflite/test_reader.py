"""What handlers of operators share: codes and their limits, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

import qhw
from qhw.exact.num import Int
from qhw.loaders.tflite.file import TFLiteFile
from qhw.loaders.tflite.reader import Reader, safe
from qhw.loaders.tflite.values import Coding, TFLiteTensor, Unsupported

from .networks import Made, refused, tflites

EMPTY = TFLiteFile(Path("n.tflite"), (TFLiteTensor(
    "y", "INT8", (1, 4), np.array([0.5], np.float32), np.array([-100])),), (), (0,), (0,))
"""A file with one tensor, in steps of a half from -100."""


@pytest.mark.parametrize(("op", "inputs"), [("ADD", 2), ("RELU", 1), ("TANH", 1)])
@pytest.mark.parametrize("types", [("INT8", "INT16"), ("INT16", "INT8"), ("INT8", "INT32")])
def test_only_what_converts_types_has_several(op, inputs, types, tmp_path):
    net = Made()
    x, y = (net.tensor((1, 8), type, 1 / 128) for type in types)
    net.op(op, [x] * inputs, [y])
    (tmp_path / "n.tflite").write_bytes(net.file([x], [y]))
    with pytest.raises(qhw.errors.ModelError, match=f"{types[0]} and {types[1]}"):
        qhw.load(tmp_path / "n.tflite")


def test_an_operator_of_floating_point_is_named_with_advice(tmp_path):
    made = tflites.Made()
    x, y = made.tensor((1, 4), "FLOAT32"), made.tensor((1, 4), "FLOAT32", name="half")
    made.op("LOGISTIC", [x], [y])
    refused(tmp_path, made.file([x], [y]),
            r"node 'half' \(LOGISTIC\): it reads the network's input, which is real-valued; "
            r"quantize the whole network")


@pytest.mark.parametrize(("name", "made"), [
    ("conv/relu;conv/bias", "conv_relu"), ("serving_default:0", "serving_default_0"),
    ("1x1", "t1x1"), ("", "t"), ("__a b__", "a_b")])
def test_names_of_layers(name, made):
    assert safe(name) == made


HALVES = Coding(np.float32(0.5), -100, Int(-128, 127))


@pytest.mark.parametrize(("low", "high", "codes"), [
    (None, None, (-128, 127)), (0, None, (-100, 127)), (0, 6, (-100, -88)), (-1, 1, (-102, -98)),
    (0, 1000, (-100, 127)), (-1000, 0.25, (-128, -99)), (-0.25, 0, (-101, -100))])
def test_codes_between_real_numbers(low, high, codes):
    """In steps of a half from -100; a quarter is half a step, which is rounded away from zero."""
    assert Reader(EMPTY).clipped(HALVES, low, high) == Int(*codes)


def test_no_code_is_left():
    with pytest.raises(Unsupported, match="its activation leaves no code between 180 and 127"):
        Reader(EMPTY).clipped(HALVES, 140, None)


@pytest.mark.parametrize(("activation", "codes"), [
    (0, (-128, 127)), (1, (-100, 127)), (2, (-102, -98)), (3, (-100, -88))])
def test_fused_activations_by_their_number(activation, codes):
    """None, the rectifier, -1 to 1, and 0 to 6."""
    assert Reader(EMPTY).activated(0, activation) == Coding(np.float32(0.5), -100, Int(*codes))


@pytest.mark.parametrize(("activation", "says"), [(4, "TANH"), (5, "SIGN_BIT"), (-1, "-1"),
                                                  (99, "99")])
def test_fused_activations_that_are_none(activation, says):
    with pytest.raises(Unsupported, match=f"its fused activation {says} is not supported"):
        Reader(EMPTY).activated(0, activation)
