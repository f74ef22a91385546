"""AdaMax by shifts, by hand."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")

from torch import nn

from qhw.train import (
    ShiftAdaMax,
)
from qhw.train.adamax import ap2


def test_ap2_by_hand():
    z = torch.tensor([.3, .7, 1.4, 1.5, 3, -5, .0931, 0])
    assert ap2(z).tolist() == [.25, .5, 1, 2, 4, -4, .125, 0]


def test_shift_adamax_by_hand():
    """One step: m = g / 8, v = AP2(|g|) + 2^-27, rate AP2(lr / (1 - 7/8)) = 2^-7."""
    w = nn.Parameter(torch.tensor([1.]))
    w.grad = torch.tensor([3.])
    ShiftAdaMax([w]).step()
    assert w.item() == pytest.approx(1 - 2**-7 * (3 / 8) / (4 + 2**-27))
