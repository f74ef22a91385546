"""Laws of layers hold for one of qhw's, and can fail."""

import numpy as np
import pytest

from qhw.testing import LayerLaws


class TestRelu(LayerLaws):
    table = '{ name = "y", type = "relu" }'

    def wanted(self, x):
        return np.maximum(x, 0)


def test_a_layer_that_computes_something_else(tmp_path):
    laws = LayerLaws()
    laws.table = '{ name = "y", type = "relu" }'
    laws.wanted = lambda x: np.abs(x)
    with pytest.raises(AssertionError):
        laws.test_the_golden_is_the_formula(LayerLaws.path.__wrapped__(laws, tmp_path))
