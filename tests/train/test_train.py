"""Straight-through training: gradients by hand, schedules, and what is exported."""

from collections import OrderedDict

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")

from torch import nn

import qhw
from qhw.schemes import parse, schemes
from qhw.simulators.golden import evaluate
from qhw.train import (
    Admm,
    QuantLinear,
    ShiftAdaMax,
    Sign,
    Uniform,
    clip_weights,
    export,
    incremental,
    round_weights,
)
from qhw.train.adamax import ap2
from qhw.train.schedules import kernels_first


def layer(scheme, w, **how):
    made = QuantLinear(len(w[0]), len(w), parse(scheme), **how)
    with torch.no_grad():
        made.weight.copy_(torch.tensor(w))
    return made


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


def test_activations_by_hand():
    x = torch.tensor([-2., -.5, 0., .5, 2.], requires_grad=True)
    y = Sign()(x)
    assert y.tolist() == [-1, -1, 1, 1, 1]
    y.sum().backward()
    assert x.grad.tolist() == [0, 1, 1, 1, 0]
    assert Uniform(2, .5)(torch.tensor([-1., .2, .25, .8, 9.])).tolist() == [0, 0, 0, 1, 1.5]


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


def test_ap2_by_hand():
    z = torch.tensor([.3, .7, 1.4, 1.5, 3, -5, .0931, 0])
    assert ap2(z).tolist() == [.25, .5, 1, 2, 4, -4, .125, 0]


def test_shift_adamax_by_hand():
    """One step: m = g / 8, v = AP2(|g|) + 2^-27, rate AP2(lr / (1 - 7/8)) = 2^-7."""
    w = nn.Parameter(torch.tensor([1.]))
    w.grad = torch.tensor([3.])
    ShiftAdaMax([w]).step()
    assert w.item() == pytest.approx(1 - 2**-7 * (3 / 8) / (4 + 2**-27))


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


def test_rounding_at_random_is_right_on_the_average():
    torch.manual_seed(4)
    made = layer("binary", [[.37] * 4000])
    round_weights(made, .25)
    assert set(made.weight.unique().tolist()) == {.25, .5}
    assert abs(made.weight.mean().item() - .37) < 4 * .125 / 4000**.5


def test_what_is_exported_is_what_was_trained(tmp_path):
    """The description's real meaning gives the scores that PyTorch gives."""
    torch.manual_seed(5)
    model = nn.Sequential(OrderedDict(
        fc1=QuantLinear(12, 8, parse("shiftcnn")), bn=nn.BatchNorm1d(8), act=Sign(),
        fc2=QuantLinear(8, 6, parse("ttq"), learned=True), relu=nn.ReLU(), step=Uniform(4, .3),
        fc3=QuantLinear(6, 3, parse("ternary"), bias=True, per_channel=False)))
    x = torch.randint(0, 16, (200, 12)).float()
    model.train()
    model(x)                            # statistics of the batch norm
    scores = model.eval()(x).detach().numpy()
    export(model, tmp_path / "net", input={"shape": [12], "range": [0, 15], "scale": 1.0},
           argmax=False)
    graph = qhw.load(tmp_path / "net")
    assert np.allclose(evaluate(graph, x.numpy().astype(int))[graph.output.name], scores,
                       rtol=1e-4, atol=1e-4)


def test_what_cannot_be_exported_is_said(tmp_path):
    with pytest.raises(ValueError, match="Layer '0': a Dropout cannot be described"):
        export(nn.Sequential(nn.Dropout()), tmp_path, input={})
    with pytest.raises(ValueError, match="binary weights have no factors"):
        QuantLinear(4, 4, parse("binary"), learned=True)
