"""Joins of functions at the end are the host's."""

import numpy as np
import onnx
import pytest
from onnx import helper

import qhw
from qhw.lower import lower
from tests.onnx_models import grid, made, ours, runtime, tensors

RANKS = {"vector": ((6,), 1), "rows": ((5, 6), 2), "columns": ((5, 6), 1), "image": ((4, 6, 5), 1)}


def ending(shape, axis, behind=()):
    """Sums of which the first third is used as it is, and two other parts through functions."""
    nodes, constants = tensors(w=(shape[-1], 6) if len(shape) < 3 else (6, 4, 1, 1))
    nodes += [helper.make_node("MatMul" if len(shape) < 3 else "Conv", ["a", "w"], ["m"]),
              helper.make_node("Split", ["m", "parts"], ["p", "q", "r"], axis=axis),
              helper.make_node("Sigmoid", ["q"], ["s"]), helper.make_node("Tanh", ["r"], ["e"]),
              helper.make_node("Concat", ["p", "s", "e"], ["j" if behind else "y"], axis=axis),
              *behind]
    size = 5 if (len(shape), axis) == (2, 1) else 6
    parts = np.array([size - 4, 1, 3])
    return made(nodes, {**constants, "parts": parts, "two": np.float32(2)}, shape=(1, *shape))


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("behind", [(), (helper.make_node("Mul", ["j", "two"], ["y"]),)])
def test_parts_through_functions_are_joined(rank, behind, tmp_path):
    shape, axis = RANKS[rank]
    model, x = ending(shape, axis, behind), grid(shape)
    found, want = ours(model, x, tmp_path), runtime(model, x)
    assert found.shape[1:] == want.shape[1:]
    assert np.allclose(found, want, rtol=1e-5, atol=1e-6)


def read(nodes, constants, folder):
    onnx.save(made(nodes, constants), folder / "net.onnx")
    return lower(qhw.load(folder / "net.onnx"))


def test_what_several_parts_read_is_sent_once(tmp_path):
    nodes, constants = tensors(w=(4, 6))
    nodes += [helper.make_node("MatMul", ["a", "w"], ["m"]), helper.make_node("Exp", ["m"], ["e"]),
              helper.make_node("Concat", ["m", "e"], ["y"], axis=1)]
    assert read(nodes, constants, tmp_path).answer.size == 6


def test_joins_without_functions_stay_in_hardware(tmp_path):
    nodes, constants = tensors(w=(4, 6))
    nodes += [helper.make_node("MatMul", ["a", "w"], ["m"]), helper.make_node("Relu", ["m"], ["e"]),
              helper.make_node("Concat", ["m", "e"], ["y"], axis=1)]
    assert read(nodes, constants, tmp_path).answer.size == 12
