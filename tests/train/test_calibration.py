"""First scales have the least squared error of all that are tried."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")

from qhw.train.calibration import step
from qhw.train.words import activation


@pytest.mark.parametrize(("low", "top"), [(0, 15), (-8, 7), (0, 1), (-128, 127)])
def test_no_other_step_is_much_better(low, top):
    torch.manual_seed(2)
    x = torch.randn(4000) * 3
    x = x if low else x.relu()

    def error(scale):
        return (x - scale * (x / scale).round().clamp(low, top)).square().mean()

    best = min(error(s) for s in torch.linspace(.005, 1, 2000) * x.abs().max() / top)
    assert error(step(x, low, top)) <= 1.1 * best


def test_nothing_but_zeros_has_a_step_too():
    assert step(torch.zeros(9), 0, 3) > 0


@pytest.mark.parametrize(("word", "error"), [
    ("u4", .02), ("u1", .5), ("hwgq", .2), ("hwgq:bits=4", .02), ("log", .05),
    ("log:bits=3,signed=1", .05), ("ternary", .3), ("residual:planes=2", .2),
    ("residual:planes=3", .1), ("s8", .001), ("block_float:bits=4", .03)])
@pytest.mark.parametrize("size", [.01, 1., 40.])
def test_an_activation_fits_its_samples(word, error, size):
    """The error is a part of the power of what it can represent, whatever the size."""
    torch.manual_seed(3)
    x = torch.randn(400, 16) * size
    made = activation(word)
    signed = word not in ("u4", "u1") and not word.startswith("hwgq") and word != "log"
    x = x if signed else x.relu()
    made.calibrate(x)
    assert (made(x) - x).square().mean() < error * x.square().mean()
