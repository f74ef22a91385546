"""Layers whose weights are quantized in the forward pass: gradients by hand."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")


from qhw.schemes import schemes
from qhw.train import (
    QuantLinear,
    clip_weights,
    round_weights,
)
from tests.train.quantlayer import layer


@pytest.mark.parametrize("name", schemes)
def test_forward_is_what_the_codes_say_and_backward_passes(name):
    """The gradient of sum(W x) by W is x in every row, whatever the quantizer did."""
    torch.manual_seed(1)
    made = QuantLinear(12, 6, schemes[name](), bias=True)
    x = np.arange(12)[None]
    y = made(torch.tensor(x).float())
    codes = made.codes()
    real = schemes[name]().decode(codes.codes, codes.table) * np.reshape(codes.scale, (-1, 1))
    assert np.allclose(y.detach(), x @ real.T + made.bias.detach().numpy(), rtol=1e-5, atol=1e-5)
    y.sum().backward()
    assert made.weight.grad.tolist() == [x[0].tolist()] * 6


def test_clipped_weights_have_no_gradient():
    """Courbariaux et al.: dq/dr is 1 where |r| <= 1, and weights are clipped after the update."""
    made = layer("binary:scale=one", [[.5, -1.5, 1., 2.]], clipped=True)
    made(torch.tensor([[1., 2., 3., 4.]])).sum().backward()
    assert made.weight.grad.tolist() == [[1, 0, 3, 0]]
    clip_weights(made)
    assert made.weight.tolist() == [[.5, -1, 1, 1]]


def test_signs_drawn_have_the_probability():
    """(w + 1) / 2 of them are +1; 4 sigma of 4,000 draws."""
    torch.manual_seed(2)
    made = layer("binary:scale=one", [[.5, -.9, 0., 1.]], stochastic=True).train()
    mean = torch.stack([made.effective().detach()[0] for _ in range(4000)]).mean(0)
    assert (mean - torch.tensor([.5, -.9, 0., 1.])).abs().max() < 4 / 4000**.5
    made.eval()
    assert made.effective().tolist() == [[1, -1, 1, 1]]


def test_learned_scales_by_hand():
    """Zhu et al.: Wp's gradient is that of the sum of x under +, and Wn's that under -."""
    made = layer("ttq", [[.9, -.1, .4, -.7, .05, .25]], learned=True)
    with torch.no_grad():
        made.factors.copy_(torch.tensor([[.75, -.5]]))
    y = made(torch.tensor([[2., 7, -3, 1, 4, 5]]))
    assert y.item() == pytest.approx(2.0)
    y.sum().backward()
    assert made.factors.grad.tolist() == [[8, 8]]
    assert np.allclose(made.weight.grad, [[.75 * 2, .5 * 7, -.75 * 3, .5, .75 * 4, .75 * 5]])


def test_rounding_at_random_is_right_on_the_average():
    torch.manual_seed(4)
    made = layer("binary", [[.37] * 4000])
    round_weights(made, .25)
    assert set(made.weight.unique().tolist()) == {.25, .5}
    assert abs(made.weight.mean().item() - .37) < 4 * .125 / 4000**.5
