"""Moves between DEQUANTIZE and QUANTIZE, as in unrolled recurrent layers of converters."""

import pytest

from qhw.loaders.tflite.file import read_tflite
from qhw.loaders.tflite.islands import joined

from .compared import exact
from .networks import Made, refused

CODED = {"scale": 0.05, "zero": -7}


def island(first=CODED, second=CODED):
    """Six codes are split as real numbers, and both halves quantized, joined and added."""
    net = Made()
    x, real = net.tensor((1, 6), **CODED), net.tensor((1, 6), "FLOAT32")
    halves = [net.tensor((1, 3), "FLOAT32") for _ in "ab"]
    a, b = net.tensor((1, 3), **first), net.tensor((1, 3), **second)
    y = net.tensor((1, 3), scale=0.11, zero=4)
    net.op("DEQUANTIZE", [x], [real])
    net.op("SPLIT", [net.tensor((), "INT32", data=[1]), real], halves, num_splits=2)
    net.op("QUANTIZE", [halves[0]], [a])
    net.op("QUANTIZE", [halves[1]], [b])
    net.op("SUB", [a, b], [y])
    return net, x, y


def read(net, ends, tmp_path):
    path = tmp_path / "n.tflite"
    path.write_bytes(net.file(*ends))
    return read_tflite(path)


def test_codes_are_moved_instead(tmp_path):
    net, x, y = island()
    made = joined(read(net, ([x], [y]), tmp_path))
    assert [n.op for n in made.nodes] == ["SPLIT", "QUANTIZE", "QUANTIZE", "SUB"]
    assert made.nodes[0].inputs[1] == x
    assert {made.tensors[k].type for k in made.nodes[0].outputs} == {"INT8"}
    assert exact(net, x, [y], tmp_path)


@pytest.mark.parametrize("other", [{"scale": 0.06, "zero": -7}, {"scale": 0.05, "zero": 8}])
def test_another_coding_behind_is_left_as_it_is(other, tmp_path):
    """In the second of two branches, for which the first needs real numbers too."""
    net, x, y = island(second=other)
    file = read(net, ([x], [y]), tmp_path)
    assert joined(file) is file
    refused(tmp_path, net.file([x], [y]), "SPLIT.*floating point")


def test_what_the_network_gives_is_left_real(tmp_path):
    net, x, _ = island()
    half = net.nodes[1][2][0]
    file = read(net, ([x], [half]), tmp_path)
    assert joined(file) is file


def test_parts_of_several_codings_do_not_join(tmp_path):
    """Real numbers of two codings, one behind the other, are codes of neither."""
    net = Made()
    x, z = net.tensor((1, 2), **CODED), net.tensor((1, 2), scale=0.1, zero=0)
    reals = [net.tensor((1, 2), "FLOAT32") for _ in "ab"]
    both, y = net.tensor((1, 4), "FLOAT32"), net.tensor((1, 4), **CODED)
    net.op("QUANTIZE", [x], [z])
    for code, real in zip((x, z), reals, strict=True):
        net.op("DEQUANTIZE", [code], [real])
    net.op("CONCATENATION", reals, [both], axis=1)
    net.op("QUANTIZE", [both], [y])
    file = read(net, ([x], [y]), tmp_path)
    assert joined(file) is file
