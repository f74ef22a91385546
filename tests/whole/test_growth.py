"""Time is linear in the number of nodes: steps of qhw's own code are counted, not seconds."""

import sys
from contextlib import suppress

import numpy as np
import pytest
from onnx import helper

from qhw.errors import ModelError
from qhw.loaders import load
from qhw.loaders.onnx.graph import inspect_onnx
from qhw.lower import lower
from tests.loaders.onnx.small import quant, saved, small

NODES = 60
CONSTANTS = {"c": np.float32(1), "eye": np.eye(4, dtype=np.float32), "n0": np.array([1, 2, 2]),
             "n1": np.array([1, 4])}


def _add(k, a, b):
    return helper.make_node("Add", [a, b], [f"r{k}"], name=f"r{k}")


ROWS = {
    "relu": lambda k, t, _: helper.make_node("Relu", [t], [f"r{k}"]),
    "quantizers": lambda k, t, _: quant(f"r{k}", t, f"r{k}"),
    "constants added": lambda k, t, _: _add(k, t, "c"),
    "products": lambda k, t, _: (helper.make_node("MatMul", [t, "eye"], [f"r{k}"]) if k % 2
                                 else quant(f"r{k}", t, f"r{k}")),
    "sums": lambda k, t, before: _add(k, t, before) if k % 2 else quant(f"r{k}", t, f"r{k}"),
    "shapes": lambda k, t, _: helper.make_node("Reshape", [t, f"n{k % 2}"], [f"r{k}"]),
    "pools": lambda k, t, _: (helper.make_node("MaxPool", [t], [f"r{k}"], kernel_shape=[1, 1])
                              if k % 2 else quant(f"r{k}", t, f"r{k}")),
    "names alike": lambda k, t, _: helper.make_node("Relu", [t], ["/" * (k + 1)]),
    "one tensor": lambda k, t, _: helper.make_node("Relu", ["t0"], [f"r{k}"])}


def row(kind, count):
    """A file with so many nodes of a kind one after the other."""
    nodes, t, before = [quant("q", "x", "t0")], "t0", "t0"
    for k in range(count):
        nodes.append(ROWS[kind](k, t, before))
        before, t = t, nodes[-1].output[0]
    nodes.append(helper.make_node("MatMul", [t, "eye"], ["m"]) if kind == "quantizers" else
                 helper.make_node("Identity", [t], ["m"]))
    nodes.append(helper.make_node("Identity", ["m"], ["y"]))
    return small(nodes, shape=(1, 1, 2, 2) if kind == "pools" else (1, 4), constants=CONSTANTS)


def steps(path):
    """Lines of qhw that run while a file is inspected, loaded and lowered."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        if "/qhw/" not in frame.f_code.co_filename and event == "call":
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        inspect_onnx(path)
        graph = load(path)
        with suppress(ModelError):      # a row of real functions is no hardware
            lower(graph)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("kind", ROWS)
def test_twice_the_nodes_take_twice_the_steps(kind, tmp_path):
    """As many more nodes again: linear steps double, quadratic ones are four times as many."""
    few, more, most = (steps(saved(tmp_path, row(kind, n * NODES))) for n in (1, 2, 4))
    assert (most - more) / (more - few) < 2.2, (few, more, most)
