"""Scales of the papers, by hand."""

import numpy as np
import pytest

from qhw.quantization.activations import parse_activation
from qhw.quantization.calibration import Histogram
from qhw.quantization.calibration.range import MinMax


def fitted(form, *values):
    seen = Histogram()
    seen.see(np.array(values))
    made = parse_activation(form).fit(seen, MinMax())
    return made, made.format.real(made.evaluate(np.array(values))).tolist()


def test_signs_have_the_mean_magnitude():
    assert fitted("sign", 4, -1, 1, -2)[1] == [2, -2, 2, -2]


def test_trits_have_the_mean_of_what_is_large():
    """Magnitudes have the mean 2, so the threshold is 1.4."""
    assert fitted("ternary", 4, -1, 0.5, -2.5)[1] == [3.25, 0, 0, -3.25]


def test_planes_have_the_means_of_the_residuals():
    """HORQ: 2.5 of 4, -1, 1, -4, whose residuals are +-1.5."""
    made, values = fitted("residual:planes=2", 4, -1, 1, -4)
    assert values == [4, -1, 1, -4]
    assert made.format.real(np.array(made.values)).tolist() == [-4, -1, 1, 4]


def test_of_the_example_of_horq():
    """X = [.9, -.2, .4, -1.1] has the scales .65 and .35, here of eight bits."""
    _, values = fitted("residual:planes=2", 0.9, -0.2, 0.4, -1.1)
    assert values == pytest.approx([1, -0.3, 0.3, -1], abs=0.01)


@pytest.mark.parametrize("values", [[1, 1, 1], [0, 0], [1e-3] * 500 + [9]])
@pytest.mark.parametrize("planes", [1, 2, 3, 4])
def test_levels_rise_whatever_the_samples_are(values, planes):
    made, _ = fitted(f"residual:planes={planes}", *values)
    assert len({*made.values}) == 2 ** planes
