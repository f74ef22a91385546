"""Constants and inputs of operators of other domains, and refusals."""

import numpy as np
import pytest

from qhw.errors import ModelError
from tests.onnx_models import grid, made, ours

MICROSOFT, QONNX = "com.microsoft", "qonnx.custom_op.general"
LAST = "qonnx.custom_op.channels_last"
SHAPE = (4, 6, 4)
KNOWN = {"s": np.float32(.25), "z": np.uint8(128), "t": np.float32(.5), "odd": np.uint8(101),
         "fine": np.float32(1 / 128),
         "w": np.random.default_rng(1).integers(-5, 6, (6, 3)).astype(np.int8),
         "ws": np.array([.5, .25, 1], np.float32), "wz": np.zeros(3, np.int8),
         "k": np.random.default_rng(2).integers(-5, 6, (2, 4, 3, 2)).astype(np.int8),
         "k2": np.random.default_rng(3).integers(-5, 6, (4, 2, 3, 2)).astype(np.int8),
         "ks": np.float32(.5), "kz": np.int8(0), "bias": np.array([7, -5, 3], np.int32)}
X = ("q", "s", "z")
Y = ("t", "odd")
QGEMM = (*X, "w", "ws", "wz")
QUANT = ("a", "qs", "qz", "qb")
LEVELS = np.sort(np.random.default_rng(4).integers(-20, 21, (4, 3)) / 4).astype(np.float32)
CONSTANTS = {"qs": np.float32(.5), "qz": np.float32(1), "qb": np.float32(4), "ts": np.float32(.25),
             "tz": np.float32(0), "b8": np.float32(8), "b6": np.float32(6), "ts4": np.float32(1),
             "levels": LEVELS, "g": np.float32([1, -2, .5, 3]), "b": np.float32([1, 0, -1, 2]),
             "mu": np.float32([0, 1, 2, -1]), "var": np.float32([1, .75, 2, 3])}


def refused(tmp_path, match, *nodes, constants=None, **how):
    """ModelError as ``match`` says, when nodes between ``a`` and ``y`` are read."""
    model = made(list(nodes), {**KNOWN, **CONSTANTS, **(constants or {})},
                 shape=(1, *how.pop("shape", SHAPE)), **how)
    with pytest.raises(ModelError, match=match):
        ours(model, grid(SHAPE), tmp_path)
