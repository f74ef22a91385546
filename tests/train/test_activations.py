"""Activations that are quantized in the forward pass, by hand."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")


from qhw.train import (
    Input,
    Levels,
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


def test_the_gradient_of_a_learned_scale_by_hand():
    """Esser et al., eq. 3: round(x / s) - x / s inside, the lowest or the highest code outside; the
    input's is 1 inside and 0 outside."""
    x = torch.tensor([-3., -.2, .3, .65, 5.], requires_grad=True)
    act = Uniform(3, .25, signed=True)
    y = act(x)
    assert y.tolist() == [-1, -.25, .25, .75, .75]
    for k, slope in enumerate([-4, -1 + .8, 1 - 1.2, 3 - 2.6, 3]):
        act.scale.grad = None
        y[k].backward(retain_graph=True)
        assert act.scale.grad.item() == pytest.approx(slope, abs=1e-5)
    assert x.grad.tolist() == [0, 1, 1, 1, 0]


@pytest.mark.parametrize(("made", "x", "y", "gradient"), [
    (Levels("hwgq", bits=2, step=.5), [-1, .1, .74, .75, .76, 1.3, 9],
     [0, .5, .5, .5, 1, 1.5, 1.5], [0, 1, 1, 1, 1, 1, 0]),
    (Levels("log", bits=2, full_scale=0), [-1, .1, .12, .125, .2, .36, .9],
     [0, 0, 0, .125, .25, .5, .5], [0, 1, 1, 1, 1, 1, 0]),
    (Levels("ternary", high=.5, low=-.5, scale=1.), [-2, -.6, -.5, 0, .5, .6, 2],
     [-1, -1, 0, 0, 0, 1, 1], [0, 1, 1, 1, 1, 1, 0]),
    (Levels("residual", scales=[1., .25]), [-2, -1, -.5, 0, .9, 1.1, 2],
     [-1.25, -.75, -.75, .75, .75, 1.25, 1.25], [0, 1, 1, 1, 1, 1, 0])])
def test_levels_by_hand(made, x, y, gradient):
    """Ties go as the description says; the gradient passes between the outer levels."""
    x = torch.tensor(x, requires_grad=True)
    found = made(x)
    assert found.tolist() == y
    found.sum().backward()
    assert x.grad.tolist() == gradient


@pytest.mark.parametrize("made", [
    Uniform(4, .3), Uniform(3, .3, signed=True), Sign(), Levels("hwgq", bits=3, step=.53125),
    Levels("log", bits=3, full_scale=1, signed=True), Levels("minifloat", exponent=3, mantissa=2)])
def test_pytorch_decides_as_the_described_quantizer(made):
    """On random numbers, and at each of its steps and the floats beside them."""
    torch.manual_seed(1)
    quantizer = made.quantizer()
    edges = torch.tensor([float(c.p) + sum(float(q) * float(r)**.5 for q, r in c.roots)
                          for c in quantizer.cuts(0)], dtype=torch.float64)
    near = [torch.nextafter(edges, edges + s) for s in (-1, 1)]
    x = torch.cat([3 * torch.randn(2000, dtype=torch.float64), *near,
                   edges[[not c.roots for c in quantizer.cuts(0)]]])
    assert (made.eval().codes(made(x).detach().numpy()) == quantizer.evaluate(x.numpy())).all()


def test_the_input_by_hand():
    made = Input((2,), 0, 15, .5, 4)
    x = torch.tensor([[-9., .25], [.75, 9]])
    assert made.codes(x).tolist() == [[0, 4], [6, 15]]      # 4.5 and 5.5 go to the even ones
    assert made.eval()(x).tolist() == [[-2, 0], [1, 5.5]] and made(x).dtype == torch.float64
    assert made.train()(x).dtype == torch.float32
    assert made(torch.tensor([[4, 5]])).tolist() == [[0, .5]]
