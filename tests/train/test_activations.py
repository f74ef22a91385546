"""Activations that are quantized in the forward pass, by hand."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")


from qhw.train import (
    Sign,
    Uniform,
)


def test_activations_by_hand():
    x = torch.tensor([-2., -.5, 0., .5, 2.], requires_grad=True)
    y = Sign()(x)
    assert y.tolist() == [-1, -1, 1, 1, 1]
    y.sum().backward()
    assert x.grad.tolist() == [0, 1, 1, 1, 0]
    assert Uniform(2, .5)(torch.tensor([-1., .2, .25, .8, 9.])).tolist() == [0, 0, 0, 1, 1.5]
