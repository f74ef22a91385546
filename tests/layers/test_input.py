"""Samples that are none."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.layers import Input

CODES = Input((4,), Int(0, 15))


@pytest.mark.parametrize("op", [
    CODES, Input((4,), None), replace(CODES, scale=Fraction(1, 3)),
    replace(CODES, order=np.arange(4), given=(2, 2))], ids=["codes", "real", "scale", "order"])
@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_no_samples_are_refused(op, dtype):
    with pytest.raises(ModelError, match="Input must have at least one sample"):
        op.evaluate(np.zeros((0, *(op.given or op.shape)), dtype))


@pytest.mark.parametrize("engine", ["golden", "verilator", "amaranth"])
def test_no_samples_are_refused_by_every_engine(engine):
    with pytest.raises(ModelError, match="at least one sample"):
        qhw.simulate("digits-binary", np.zeros((0, 64), np.int64), engine=engine)
