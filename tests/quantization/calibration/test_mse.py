"""The least squared error, against exhaustive search and Max's optimal quantizer."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.layers import Quantize
from qhw.quantization.activations import parse_activation
from qhw.quantization.calibration import Histogram
from qhw.quantization.calibration.mse import MeanSquare, error


def seen(x):
    made = Histogram()
    made.see(x)
    return made


def lost(quantizer, x):
    return np.square(quantizer.format.real(quantizer.evaluate(x)) - x).mean()


@pytest.mark.parametrize("form", ["u8", "u4", "s4", "u2", "hwgq", "log:bits=2"])
@pytest.mark.parametrize("shape", ["normal", "laplace", "standard_t"])
def test_no_other_scale_is_better(form, shape):
    """Of a thousand ends of the interval, on the samples themselves behind a relu."""
    rng = np.random.default_rng(3)
    x = np.maximum(rng.standard_t(3, 4000) if shape == "standard_t" else
                   getattr(rng, shape)(size=4000), 0)
    family = parse_activation(form)
    ends = np.linspace(0, x.max(), 1001)[1:]
    best = min(lost(family.quantizer(0, hi), x) for hi in ends)
    chosen = family.fit(seen(x), MeanSquare())
    assert lost(chosen, x) <= best * 1.01


def test_the_error_by_hand():
    """Steps of 1 up to 7: 0.25, 0 and 1.5 of 8.5 are lost, the last twice."""
    x = np.array([1.25, -3, 8.5, 8.5])
    assert error(seen(x), Quantize(Int(-8, 7), 1)) == (0.25 ** 2 + 2 * 1.5 ** 2) / 4


def test_a_half_gaussian_of_two_bits_has_the_step_of_the_paper():
    """HWGQ's 0.538, rounded up to eight bits."""
    x = np.random.default_rng(4).normal(size=400_000)
    made = parse_activation("hwgq:bits=2").fit(seen(np.maximum(x, 0)), MeanSquare())
    assert float(made.scale) == pytest.approx(0.538, rel=0.02)
