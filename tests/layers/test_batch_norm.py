"""Normalization with statistics of each channel: the channels must be those of the input."""

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.graph import Tensor
from qhw.layers import BatchNorm, ShiftNorm


@pytest.mark.parametrize("layer", [BatchNorm(*[np.ones(2)] * 4, 0.0), ShiftNorm(*[np.ones(2)] * 4)],
                         ids=lambda layer: layer.kind)
def test_parameters_are_for_the_channels_of_the_input(layer):
    assert layer.infer(Tensor((5, 2))) == Tensor((5, 2))
    with pytest.raises(ModelError, match="parameters are for 2 channels, and its input has 3"):
        layer.infer(Tensor((2, 3)))
