"""Statistics of each sample: the integers are those of hardware."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")

from torch import nn

from qhw.errors import QhwError
from qhw.schemes import parse
from qhw.train import (
    BatchNorm1d,
    BlockFloat,
    Input,
    QuantConv2d,
    QuantLinear,
    Residual,
    differences,
    export,
)


def test_block_float_by_hand():
    """Mantissas of 4 bits for a largest 100: steps of 16, and a half goes up."""
    v = torch.tensor([[100., -100, 7, 8, 24, 0], [3, -7, 2, 1, 0, 5]])
    assert BlockFloat(4).whole(v).tolist() == [[96, -96, 0, 16, 32, 0], [3, -7, 2, 1, 0, 5]]


def test_residual_planes_by_hand():
    """The mean of 3, 1, 5, 7 is 4, that of the residuals 1, 3, 1, 3 is 2."""
    v = torch.tensor([[3., -1, 5, -7]])
    assert Residual(1).whole(v).tolist() == [[4, -4, 4, -4]]
    assert Residual(2).whole(v).tolist() == [[2, -2, 6, -6]]


@pytest.mark.parametrize(("coding", "scheme"), [
    (BlockFloat(4), "ternary"), (BlockFloat(8), "fixed:bits=4"), (Residual(1), "binary"),
    (Residual(2), "binary")])
def test_hardware_has_pytorchs_scores(coding, scheme, tmp_path):
    torch.manual_seed(4)
    model = nn.Sequential(
        Input((10,), 0, 15, .125), QuantLinear(10, 12, parse("ternary"), bias=True),
        BatchNorm1d(12), coding, QuantLinear(12, 5, parse(scheme), bias=True, per_channel=False))
    x = torch.randint(0, 16, (200, 10))
    coding.calibrate(torch.randn(200, 12))
    model(x).sum().backward()
    assert model[1].weight.grad.abs().max() > 0
    for argmax in (True, False):
        export(model.eval(), tmp_path / f"net{argmax}", argmax=argmax)
        assert differences(model, tmp_path / f"net{argmax}", x)["output"] == 0


def test_statistics_of_an_image_are_refused(tmp_path):
    model = nn.Sequential(Input((2, 4, 4)), QuantConv2d(2, 2, 3, parse("ternary")), BlockFloat(4),
                          nn.Flatten(), QuantLinear(8, 2, parse("ternary"), channels=2))
    with pytest.raises(QhwError, match=r"Layer '2': statistics of a sample are of vectors"):
        export(model, tmp_path / "net")
