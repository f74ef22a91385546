"""Layers whose weights are quantized in the forward pass: gradients by hand."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")


from torch import nn

from qhw.schemes import parse, schemes
from qhw.train import (
    BatchNorm2d,
    QuantConv2d,
    QuantLinear,
    clip_weights,
    round_weights,
)
from qhw.train.layers import exact_norm, quantized
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


def test_a_norm_in_float64_is_that_of_its_doubled_self():
    torch.manual_seed(5)
    norm = BatchNorm2d(3)
    norm(torch.randn(8, 3, 4, 4) * 3 + 1)
    nn.init.uniform_(norm.weight)
    x = torch.randn(2, 3, 4, 4, dtype=torch.float64)
    doubled = nn.BatchNorm2d(3).double()
    doubled.load_state_dict(norm.state_dict())
    assert torch.allclose(norm.eval()(x), doubled.eval()(x), rtol=1e-14, atol=1e-14)
    assert torch.equal(exact_norm(nn.BatchNorm2d(3, affine=False)).eval()(x),
                       x / np.sqrt(1 + 1e-5))


def test_a_layer_is_taken_over_with_all_it_has():
    plain = nn.Conv2d(4, 8, (3, 2), (2, 1), (1, 0), (1, 2), groups=2)
    made = quantized(plain, None)
    x = torch.randn(2, 4, 7, 7)
    assert isinstance(made, QuantConv2d) and torch.equal(made(x), plain(x))
    learned = quantized(nn.Linear(6, 2), parse("ttq"), learned=True)
    assert torch.allclose(learned.factors, learned._first_factors())
