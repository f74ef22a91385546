"""Weights as rows of a scheme, and the rule of their gradients."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")

from torch.nn import functional

from qhw.schemes import parse, schemes
from qhw.train import QuantConv1d, QuantConv2d, QuantLinear


def test_rows_are_rows_columns_channels():
    made = QuantConv2d(2, 1, (1, 3), parse("ternary"))
    with torch.no_grad():
        made.weight.copy_(torch.tensor([[[[1., 2, 3]], [[4, 5, 6]]]]))
    assert made.rows(made.weight).tolist() == [[1, 4, 2, 5, 3, 6]]
    flat = QuantLinear(6, 1, parse("ternary"), channels=2)
    assert flat.rows(torch.tensor([[1., 2, 3, 4, 5, 6]])).tolist() == [[1, 4, 2, 5, 3, 6]]
    for layer in (made, flat, QuantConv1d(3, 4, 5, parse("ternary"))):
        assert torch.equal(layer.shaped(layer.rows(layer.weight)), layer.weight)


@pytest.mark.parametrize("name", sorted(schemes))
def test_gradients_of_a_convolution_are_those_of_its_quantized_weights(name):
    """The straight-through rule: finite differences by the weights that the scheme made."""
    torch.manual_seed(2)
    made = QuantConv2d(2, 4, 2, parse(name), bias=True)
    x, target = torch.randn(3, 2, 4, 4), torch.randn(3, 4, 3, 3)
    (made(x) - target).square().sum().backward()
    q = made.real(made.codes())

    def loss(weight):
        y = functional.conv2d(x.double(), weight, made.bias.detach().double())
        return (y - target).square().sum().item()

    for place in [(0, 0, 0, 0), (1, 1, 0, 1), (3, 0, 1, 1)]:
        moved = torch.zeros_like(q)
        moved[place] = 1e-4
        slope = (loss(q + moved) - loss(q - moved)) / 2e-4
        assert made.weight.grad[place].item() == pytest.approx(slope, rel=1e-3, abs=1e-3)


def test_learned_factors_of_a_convolution():
    """The gradient of Wp is that of the sum of what is under +, by finite differences."""
    torch.manual_seed(3)
    made = QuantConv2d(2, 3, 2, parse("ttq"), learned=True)
    with torch.no_grad():
        made.factors.copy_((made.factors * 64).round() / 64)
    x = torch.randn(2, 2, 4, 4)
    made(x).square().sum().backward()
    gradient = made.factors.grad.clone()
    for place in np.ndindex(*made.factors.shape):
        values = []
        for sign in (1, -1):
            with torch.no_grad():
                made.factors[place] += sign / 64
                values.append(made(x).square().sum().item())
                made.factors[place] -= sign / 64
        assert gradient[place].item() == pytest.approx((values[0] - values[1]) * 32, rel=1e-3)


def test_evaluation_follows_the_weights():
    """Weights that change in evaluation are quantized anew; others are not."""
    made = QuantLinear(4, 2, parse("ternary")).eval()
    x = torch.eye(4)
    first = made(x)
    kept = made.known[1]
    assert made(x) is not None and made.known[1] is kept
    with torch.no_grad():
        made.weight.neg_()
    assert torch.equal(made(x), -first)


def test_weights_are_quantized_every_few_steps():
    made = QuantLinear(4, 2, parse("ternary"), every=3).train()
    kept = []
    for _ in range(4):
        made(torch.eye(4))
        kept.append(made.kept)
        with torch.no_grad():
            made.weight.neg_()
    assert kept[0] is kept[1] is kept[2] and kept[3] is not kept[0]
