"""Weights that are frozen in portions, or drawn to their projection."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")


from qhw.schemes import parse
from qhw.train import (
    Admm,
    QuantLinear,
    incremental,
)
from qhw.train.schedules import kernels_first
from tests.train.quantlayer import layer


def test_portions_are_frozen_at_their_quantized_values():
    """INQ: the largest half becomes powers of two and stays; training moves the others."""
    made = layer("inq", [[.95, -.31, .12, .04, -.6, .01]])
    seen = []

    def train():
        seen.append(made.frozen.tolist()[0])
        assert torch.equal(made.effective()[made.frozen], made.fixed[made.frozen])
        with torch.no_grad():
            made.weight += .003

    incremental(made, train)
    assert seen[0] == [True, True, False, False, True, False]
    assert [sum(f) for f in seen] == [3, 4, 5]
    assert made.frozen.all() and np.allclose(made.fixed[0][[0, 1, 4]], [1, -.25, -.5])


def test_zero_and_the_largest_come_first():
    """Xu et al.: .01 has the kernel 0, .95 the largest, then -.6."""
    rank = kernels_first(layer("slq", [[.95, -.31, .12, .04, -.6, .01]]))
    assert torch.argsort(rank[0], descending=True)[:3].tolist() == [5, 0, 4]


def test_admm_draws_weights_to_their_projection():
    """With no other loss, weights end where they are quantized."""
    torch.manual_seed(3)
    made = QuantLinear(8, 2, parse("admm"))
    admm = Admm([made], rho=1.0)
    descent = torch.optim.SGD(made.parameters(), lr=.2)
    first = admm.penalty().item()
    for _ in range(40):
        for _ in range(5):
            descent.zero_grad()
            admm.penalty().backward()
            descent.step()
        admm.update()
    assert np.allclose(made.weight.detach(), made.real(made.codes()), atol=1e-2)
    assert admm.penalty().item() < first / 100
