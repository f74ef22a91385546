"""Random networks of SVDF, whose filters keep what they made of the inferences before."""

from math import prod

import numpy as np

from . import weighted
from .grown import Grown, Point

__all__ = ["filtered", "svdf"]

SAMPLES = 12


def svdf(g: Grown) -> None:
    """Filters of some ranks and lengths, with a state of 8 or 16 bits."""
    inputs, memory = prod(g.here.shape), int(g.rng.choice([1, 2, 3, 5, 8, 12]))
    rank, units = int(g.rng.choice([1, 1, 2, 3])), int(g.rng.integers(1, 9))
    filters, kind = rank * units, str(g.rng.choice(["INT8", "INT16"], p=[0.75, 0.25]))
    half = 128 if kind == "INT8" else 32768
    most = half - 1 if kind == "INT8" else half // (filters if g.rng.random() < 0.05 else
                                                    rank * memory)
    features = g.made.constant(g.codes((filters, inputs)), "INT8", scale=g.scale())
    time = g.made.constant(g.rng.integers(-most, most, (filters, memory)), kind,
                           scale=float(np.float32(1 / most)))
    reach = g.made.tensors[features]["scale"] * g.here.scale * inputs**0.5 * 60**2
    scale = float(np.float32(g.fitting(reach) * 128 / half))
    zero = int(g.rng.choice([0, g.rng.integers(-128, 128)])) if kind == "INT8" else 0
    state = g.made.tensor((1, memory * filters), kind, scale, zero, variable=True)
    bias = g.made.constant(g.rng.integers(-1000, 1000, units), scale=float(
        np.float32(scale) * np.float32(1 / most)))
    like = Point(0, (), g.fitting(reach * (rank * memory)**0.5 / 2), g.tensor((1,)).zero)
    g.op("SVDF", [g.here.number, features, time, bias, state], (1, units), like, rank=rank,
         activation=str(g.rng.choice(["NONE", "RELU"])))


def filtered(seed: int) -> tuple[bytes, np.ndarray, list[str]]:
    """Makes the file of a random network of SVDF and dense layers, a sequence of samples (N, *shape
    with the batch), and its operators. Codes of 16 bits may stand at both ends."""
    g = Grown(seed)
    half = g.half
    if g.type == "INT16":
        g.type, g.half = "INT8", 128
        g.op("QUANTIZE", [g.here.number], g.here.shape)
    size = prod(g.here.shape)
    g.op("RESHAPE", [g.here.number, g.made.constant([1, size])], (1, size), g.here)
    for _ in range(int(g.rng.integers(1, 4))):
        svdf(g)
        if g.rng.random() < 0.5:
            weighted.dense(g)
    if g.rng.random() < 0.4:
        g.type = "INT16"
        g.op("SOFTMAX", [g.here.number], g.here.shape, Point(0, (), 1 / 65535, -32768), beta=1.0)
        g.type = "INT32"
        g.op("QUANTIZE", [g.here.number], g.here.shape, Point(0, (), 1 / 32767, 0))
    x = g.rng.integers(-half, half, (SAMPLES, *g.first.shape))
    return (g.made.file([g.first.number], [g.here.number]),
            x.astype(np.int8 if half == 128 else np.int16), g.ops)
