"""Operators over classes."""

import numpy as np
import pytest
from onnx import helper

from tests.loaders.onnx.foreign import KNOWN
from tests.onnx_models import grid, made, ours, runtime


@pytest.mark.parametrize("bias", [[.1, .2, .3], [.5, .5, .5]])
def test_the_largest_of_scaled_and_biased_scores(tmp_path, bias):
    """Of one scale, in two layers; the scores of float32 have no ties."""
    model = made([helper.make_node("MatMul", ["a", "wf"], ["m"]),
                  helper.make_node("Mul", ["m", "s"], ["n"]),
                  helper.make_node("Add", ["n", "bs"], ["o"]),
                  helper.make_node("ArgMax", ["o"], ["y"], axis=1)],
                 {**KNOWN, "wf": KNOWN["w"].astype(np.float32), "bs": np.float32(bias)},
                 shape=(1, 6))
    x = grid((6,), 30)
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))
