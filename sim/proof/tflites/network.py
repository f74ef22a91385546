"""Random TFLite networks of every operator that is read, held against TensorFlow Lite Micro."""

from math import prod
from pathlib import Path

import numpy as np

import qhw
from qhw.graph import Graph
from qhw.loaders.tflite.file import read_tflite
from qhw.lower import lower
from qhw.simulators.golden import evaluate, host

from . import moves, pairs, weighted
from .grown import Grown, Point
from .made import answers

__all__ = ["compared", "differing", "grown", "network"]

SAMPLES = 4
MOST = 3000
"""Elements of a tensor."""

STEPS = (weighted.conv, weighted.depthwise, weighted.dense, weighted.product, weighted.pool,
         weighted.mean, weighted.transpose_conv, weighted.dilated, pairs.pair, pairs.sum_of_many,
         pairs.product, pairs.squared, pairs.extreme, pairs.prelu, pairs.curve, pairs.requantize,
         moves.reshape, moves.pad, moves.slice_, moves.split, moves.join, moves.parts, moves.gather,
         moves.reverse, moves.transpose, moves.resize, moves.depth)


def ending(g: Grown) -> None:
    """Something for the host, or nothing."""
    name = str(g.rng.choice(["", "SOFTMAX", "LOG_SOFTMAX", "LOGISTIC", "DEQUANTIZE",
                             "L2_NORMALIZATION"], p=[0.45, 0.15, 0.1, 0.1, 0.15, 0.05]))
    fixed = {"SOFTMAX": (1 / 256, -128), "LOG_SOFTMAX": (1 / 16, 127),
             "LOGISTIC": (1 / 256, -128), "L2_NORMALIZATION": (1 / 128, 0)}
    if name in fixed and g.type == "INT8":
        g.op(name, [g.here.number], g.here.shape, Point(0, (), *fixed[name]), **(
            {"beta": float(g.rng.choice([1, 0.5, 2]))} if name == "SOFTMAX" else {}))
        if name == "SOFTMAX" and g.here.shape[-1] > 1 and g.rng.random() < 0.3:
            shape, op = g.here.shape[:-1], str(g.rng.choice(["ARG_MAX", "ARG_MIN"]))
            made = g.made.tensor(shape, "INT32")
            g.made.op(op, [g.here.number, g.made.constant(-1)], [made], output_type=2)
            g.here = Point(made, shape, 0, 0)
    elif name == "DEQUANTIZE":
        made = g.made.tensor(g.here.shape, "FLOAT32")
        g.made.op(name, [g.here.number], [made])
        if g.rng.random() < 0.3:
            made, before = g.made.tensor(g.here.shape, "FLOAT32"), made
            g.made.op("LOGISTIC", [before], [made])
        g.here = Point(made, g.here.shape, 0, 0)


def grown(seed: int) -> Grown:
    """Lets a random network grow, with something for the host at its end, and sometimes another
    output."""
    found = Grown(seed)
    wanted, tries = int(found.rng.integers(1, 5)), 0
    while len(found.ops) < wanted and tries < 40:
        tries += 1
        if prod(found.here.shape) < MOST:
            STEPS[found.rng.integers(len(STEPS))](found)
    if not {"CONV_2D", "FULLY_CONNECTED", "DEPTHWISE_CONV_2D"} & set(found.ops):
        weighted.dense(found)
    side = found.here
    if several := found.rng.random() < 0.15:
        weighted.dense(found)
    ending(found)
    ends = [found.here.number, *([side.number] if several else [])]
    found.ends = [int(k) for k in found.rng.permutation(ends)]
    return found


def network(seed: int) -> tuple[bytes, np.ndarray, list[str]]:
    """Makes the file of a random network, samples (N, *shape with the batch), and its operators."""
    found = grown(seed)
    lo, hi, kind = (-128, 127, np.int8) if found.type == "INT8" else (-32768, 32767, np.int16)
    x = found.rng.integers(lo, hi, (SAMPLES, *found.first.shape), endpoint=True).astype(kind)
    x[0] = lo if found.rng.random() < 0.5 else hi
    return found.made.file([found.first.number], found.ends), x, found.ops


def compared(data: bytes, x: np.ndarray, path: Path, *, hardware: bool = False) -> int:
    """Counts the elements of a file's outputs that differ from TensorFlow Lite Micro's.

    ModelError if the file is refused.

    Parameters
    ----------
    data : the file's bytes
    x : samples (N, *shape with the batch)
    path : where to write the file
    hardware : whether the integer layers that become hardware must give the same, too
    """
    path.write_bytes(data)
    graph = qhw.load(path)
    y = evaluate(graph, x[:, 0])[graph.output.name].reshape(len(x), -1)
    file, wanted = read_tflite(path), list[np.ndarray]()
    for k, number in enumerate(file.outputs):
        made, tensor = answers(data, x, k).reshape(len(x), -1), file.tensors[number]
        if len(tensor.scales):
            made = float(tensor.scales[0]) * (made.astype(np.float64) - int(tensor.zeros[0]))
        wanted.append(made)
    wrong = (y.astype(np.float32) != np.concatenate(wanted, axis=1).astype(np.float32)).sum()
    return int(wrong) + (differing(graph, x[:, 0], y) if hardware else 0)


def differing(graph: Graph, x: np.ndarray, y: np.ndarray) -> int:
    """Counts the elements that the integer layers and the host compute otherwise than the network.

    Parameters
    ----------
    graph : a network before lowering
    x : samples (N, *shape)
    y : the network's outputs for ``x``, N times as many elements as it has"""
    lowered = lower(graph)
    codes = evaluate(lowered.hardware, x)[lowered.hardware.output.name]
    return int((host(lowered, codes).reshape(y.shape) != y).sum())
