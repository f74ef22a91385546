"""The layer magnitude: qhw's laws of layers, and its refusal."""

import numpy as np
import pytest
import qhw
from qhw.testing import LayerLaws


class TestMagnitude(LayerLaws):
    table = '{ name = "y", type = "magnitude" }'

    def wanted(self, x):
        return np.abs(x)

    def test_a_zero_point_is_refused(self, path):
        file = path / "model.toml"
        file.write_text(file.read_text() + "zero_point = 3\n")
        with pytest.raises(qhw.QhwError, match="Layer 'y': it needs a zero point of 0"):
            qhw.simulate(path, self.samples())
