"""Numbers of few bits, and why: sums of them are exact."""

from fractions import Fraction

import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")

from qhw.train.exact import INPUT_BITS, short, straight_through


def test_short_by_hand():
    """77/256, 171/2**9; powers of two stay; 1/255 is 257/65536 of 12 bits."""
    assert short(torch.tensor([.3, 1 / 3, .125, 6.])).tolist() == [77 / 256, 171 / 512, .125, 6]
    byte = short(torch.tensor(1 / 255, dtype=torch.float64), INPUT_BITS)
    assert byte.item() == 257 / 65536
    assert short(torch.tensor(0.)).item() == 2.0**-30


def test_a_few_bits_are_the_nearest():
    torch.manual_seed(1)
    x = torch.rand(500, dtype=torch.float64) * 10
    made = short(x)
    assert all(Fraction(float(v)).numerator < 512 for v in made)
    assert ((made - x).abs() <= x * 2.0**-8).all()


def test_the_gradient_is_that_of_the_surrogate():
    x = torch.tensor([.3, .6], requires_grad=True)
    short(x).sum().backward()
    assert x.grad.tolist() == [1, 1]
    x.grad = None
    y = straight_through(x.round(), 3 * x)
    y.sum().backward()
    assert y.tolist() == [0, 1] and x.grad.tolist() == [3, 3]
