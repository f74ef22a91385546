"""What the operators of ai.onnx.ml refuse; the networks around them are compared with ONNX
Runtime."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.loaders.onnx.values import Unsupported
from tests.loaders.onnx.reading import begun, calculated, handled

LEARN = "ai.onnx.ml"
X = np.array([[0, -3, 2, 7], [1, 0, 0, -8]])


def test_by_hand():
    reader = begun((4,))
    found = handled(reader, "Scaler", domain=LEARN, offset=[1., 0, 2, 0], scale=[2.])
    assert calculated(reader, found, X).tolist() == [[-2, -6, 0, 14], [0, 0, -4, -16]]
    found = handled(reader, "Binarizer", domain=LEARN, threshold=.5)
    assert calculated(reader, found, X).tolist() == [[0, 0, 1, 1], [1, 0, 0, 0]]
    assert calculated(reader, handled(reader, "ZipMap", domain=LEARN), X).tolist() == X.tolist()


def test_a_scaler_needs_both():
    with pytest.raises(Unsupported, match="no offset or no scale"):
        handled(begun((4,)), "Scaler", domain=LEARN, scale=[2.])


@pytest.mark.parametrize(("classes", "message"), [
    (["a", "b", "c"], "its classes are words"), ([4, 5], "only one index of 2 classes"),
    ([4, 5, 6, 7], "only one index of 4 classes")])
def test_classes(classes, message):
    """An index that is no integer, or beyond the classes, finds none of them."""
    reader = begun((1,), codes=Int(0, 2), classes=np.array(classes))
    reader.values["i"] = handled(reader, "Cast", to=7) if len(classes) < 4 else reader.values["x"]
    with pytest.raises(Unsupported, match=message):
        handled(reader, "ArrayFeatureExtractor", "classes", "i", domain=LEARN)
