"""Operators of ONNX's domain ai.onnx.ml that skl2onnx writes around networks of scikit-learn."""

import numpy as np

from ....layers import Function
from ..file import OnnxNode
from ..operators import UNREAD, given, handles
from ..reader import Reader
from ..values import Unsupported

__all__: list[str] = []

LEARN = ("ai.onnx.ml",)


@handles("Scaler", domains=LEARN, offset=given(()), scale=given(()))
def _scaler(reader: Reader, node: OnnxNode):
    """``(x - offset) * scale``, each of one number or of one for each feature."""
    offset, scale = (np.atleast_1d(np.array(node(name), np.float64)) for name in (
        "offset", "scale"))
    if not offset.size or not scale.size:
        raise Unsupported("it has no offset or no scale")
    return reader.affine(reader.real(node), scale, -offset * scale)


@handles("ArrayFeatureExtractor", domains=LEARN, inputs=(2, 2))
def _extracted(reader: Reader, node: OnnxNode):
    """A class by its index, which a network has found."""
    classes, flow = reader.constant(node, 0).value.ravel(), reader.real(node, 1)
    if classes.dtype.kind not in "iuf":
        raise Unsupported("its classes are words", "train with classes that are numbers")
    tensor = reader.tensors[flow.node]
    if not flow.whole or tensor.codes is None or not 0 <= tensor.codes.lo <= tensor.codes.hi < len(
            classes) or flow.places.size != 1:
        raise Unsupported(f"only one index of {len(classes)} classes is supported")
    if np.array_equal(classes, np.arange(len(classes))):
        return flow
    rises = bool((np.diff(classes) >= 0).all())
    return reader.each(Function("classes", lambda x: classes[x.astype(np.int64)], rises), flow,
                       whole=classes.dtype.kind in "iu")


@handles("Binarizer", domains=LEARN, threshold=given(0.))
def _binarizer(reader: Reader, node: OnnxNode):
    """1 above the threshold, else 0."""
    threshold = float(node("threshold"))
    return reader.each(Function("binarizer", lambda x: (x > threshold).astype(np.float64), True),
                       reader.real(node))


@handles("ZipMap", domains=LEARN, classlabels_int64s=UNREAD, classlabels_strings=UNREAD)
def _zip_map(reader: Reader, node: OnnxNode):
    """The probabilities, which the file's own output has by class."""
    return reader.real(node)
