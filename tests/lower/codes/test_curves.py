"""Thresholds behind rising functions: the codes of every integer, computed one by one."""

from fractions import Fraction

import numpy as np
import pytest

from qhw import limits
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.layers import Affine, Function, Quantize, Sign
from qhw.lower.codes.curves import curved

F = Fraction
X = Tensor((3,), Int(-50, 70), F(1, 8), F(3))
LINE = Affine((F(1), F(-1, 2), F(0)), (F(0), F(1), F(1, 3)))


def test_by_hand():
    """5/8 becomes 1, as 1/2 goes to 0; 12/8 becomes 2, and 21/8 becomes 3. The square root of 3/8
    is above 1/2, that of 18/8 is 3/2, and none is 5/2."""
    x, op = Tensor((1,), Int(0, 30), F(1, 8)), Quantize(Int(0, 3), F(1))
    assert curved(op, [], x).thresholds.tolist() == [[5, 12, 21]]
    found = curved(op, [Function("sqrt", np.sqrt, True)], x)
    assert found.thresholds.tolist() == [[3, 18, 31]]


@pytest.mark.parametrize("function", [np.tanh, np.exp, lambda x: np.logaddexp(x, 0)])
@pytest.mark.parametrize("op", [
    Quantize(Int(-8, 7), F(1, 10)), Quantize(Int(0, 255), F(1, 100), zero=7), Sign()])
def test_every_integer(function, op):
    """Rising, falling and constant channels."""
    way = [LINE, Function("f", function, True)]
    made, every = curved(op, way, X), np.repeat(np.arange(-50, 71)[:, None], 3, axis=1)
    value = X.real(every)
    for layer in way:
        value = layer.evaluate(value)
    assert (made.evaluate(every) == op.evaluate(value)).all()
    assert (np.diff(made.thresholds) >= 0).all()
    assert (made.infer(X).scale, made.infer(X).zero) == (op.format.scale, op.format.zero)


def test_how_many(monkeypatch):
    monkeypatch.setattr(limits, "THRESHOLDS", 47)
    with pytest.raises(ModelError, match="16 levels of 3 channels need more than 47"):
        curved(Quantize(Int(0, 15), F(1)), [LINE], X)
