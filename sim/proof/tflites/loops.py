"""Random networks of LSTM, whose hidden and cell states remain from one inference to the next."""

from math import prod

import numpy as np

from . import weighted
from .grown import Grown, Point

__all__ = ["lstm", "recurrent"]

SAMPLES = 6
GATES = 4


def _matrices(g: Grown, rows: int, columns: int, reach: float) -> list[int]:
    """Weights of the four gates, with scales at which gates are of the size of ``reach``."""
    found: list[int] = []
    for _ in range(GATES):
        scale = reach / (70 * columns**0.5) * np.exp(g.rng.normal(0, 0.7))
        data = g.rng.integers(-127, 127, (rows, columns), endpoint=True)
        found.append(g.made.constant(data, "INT8", scale=float(np.float32(scale))))
    return found


def lstm(g: Grown) -> None:
    """A sequence of some steps and units, batch or time first, with a clipped cell or without."""
    steps, inputs, units = prod(g.here.shape[:-1]), g.here.shape[-1], int(g.rng.integers(1, 9))
    kind, first = g.type, bool(g.rng.integers(2))
    shape = (steps, 1, inputs) if first else (1, steps, inputs)
    if g.here.shape != shape:
        g.op("RESHAPE", [g.here.number, g.made.constant(list(shape))], shape, g.here)
    spread = g.here.scale * 0.6 * g.half
    weights = _matrices(g, units, inputs, 1.5 / spread)
    hidden = g.tensor((1, units), float(np.float32(
        g.rng.uniform(0.3, 1.5) / (g.half - 0.5))), None if kind == "INT8" else 0)
    recurrent = _matrices(g, units, units, 1.5 / (hidden.scale * 0.6 * g.half))
    biases = [g.made.constant(
        np.rint(g.rng.normal(0, 1, units) / (g.here.scale * g.made.tensors[w]["scale"])),
        "INT32" if kind == "INT8" else "INT64", scale=g.here.scale) for w in weights]
    power = int(g.rng.choice([-15, -12, -11, -10, -9, -6]))
    cell = g.made.tensor((1, units), "INT16", 2.0**power, variable=True)
    g.made.tensors[hidden.number]["variable"] = True
    like = Point(0, (), hidden.scale, hidden.zero)
    g.op("UNIDIRECTIONAL_SEQUENCE_LSTM",
         [g.here.number, *weights, *recurrent, -1, -1, -1, *biases, -1, -1, hidden.number, cell,
          -1, -1, -1, -1], (*shape[:-1], units), like, activation="TANH", time_major=first,
         cell_clip=float(g.rng.choice([0, 0, 0, 2.0**power * 9000.5, 10])))


def recurrent(seed: int) -> tuple[bytes, np.ndarray, list[str]]:
    """Makes the file of a random network of LSTM and dense layers, a sequence of samples (N, *shape
    with the batch), and its operators."""
    g = Grown(seed)
    for _ in range(int(g.rng.integers(1, 3))):
        lstm(g)
    if g.rng.random() < 0.5:
        weighted.dense(g)
    x = g.rng.integers(-g.half, g.half, (SAMPLES, *g.first.shape))
    return (g.made.file([g.first.number], [g.here.number]),
            x.astype(np.int8 if g.type == "INT8" else np.int16), g.ops)
