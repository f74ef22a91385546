"""Files of a few nodes, and the layers that they become."""

import numpy as np
import onnx
from onnx import helper

import qhw
from tests.onnx_models import made

IMAGE = (4, 5, 3)
QONNX = "qonnx.custom_op.general"


def loaded(tmp_path, nodes, known=None, **how):
    """The graph's layers by name."""
    path = tmp_path / "net.onnx"
    onnx.save(made(nodes, known, **{"shape": (1, *IMAGE), **how}), path)
    return qhw.load(path).nodes


def kinds(tmp_path, nodes, known=None, **how):
    """Of the layers, without the input."""
    return [n.op.kind for n in loaded(tmp_path, nodes, known, **how)[1:]]


def quantizer(bits, zero=0., signed=1, narrow=0, scale=.5, mode="ROUND"):
    """A Quant of ``a`` to ``y``, and its constants."""
    node = helper.make_node("Quant", ["a", "qs", "qz", "qb"], ["y"], "own", domain=QONNX,
                            signed=signed, narrow=narrow, rounding_mode=mode)
    return node, {"qs": np.float32(scale), "qz": np.float32(zero), "qb": np.float32(bits)}
