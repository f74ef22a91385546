"""Weights that are frozen in portions, or drawn to their projection."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")


from qhw.schemes import parse
from qhw.train import (
    Admm,
    QuantConv2d,
    QuantLinear,
    distillation,
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


@pytest.mark.parametrize(("scheme", "by"), [("inq", None), ("slq", kernels_first)])
@pytest.mark.parametrize("groups", [1, 4])
def test_portions_of_a_convolution(scheme, by, groups):
    """Frozen weights stay where they were frozen, and in the end all are those of the codes."""
    torch.manual_seed(5)
    made = QuantConv2d(4, 8, 3, parse(scheme), groups=groups, per_channel=False)
    seen = []

    def train():
        seen.append((made.frozen.clone(), made.fixed.clone()))
        made.zero_grad()
        made(torch.ones(1, 4, 3, 3)).sum().backward()
        assert (made.weight.grad[made.frozen] == 0).all()
        assert (made.weight.grad[~made.frozen] == 1).all()
        with torch.no_grad():
            made.weight += torch.where(made.frozen, 0., .01)

    incremental(made, train, by=by)
    portions = [f.float().mean().item() for f, _ in seen]
    if by is None:
        assert portions == [.5, .75, .875]
    else:       # a kernel is frozen as a whole
        assert all(p >= q for p, q in zip(portions, (.5, .75, .875), strict=True))
    assert made.frozen.all()
    for frozen, fixed in seen:
        assert torch.equal(made.weight[frozen], fixed[frozen])


def test_distillation_by_hand():
    """Temperature 1: the divergence; temperatures far above the scores: the gradient is the
    difference of scores without their means, over the classes (Hinton et al., eq. 4)."""
    student = torch.tensor([[1., 2, 0], [0, 1, -1]], requires_grad=True)
    teacher = torch.tensor([[2., 1, 0], [3, 0, 0]], requires_grad=True)
    labels = torch.tensor([0, 1])
    p, q = teacher.detach().softmax(1), student.detach().softmax(1)
    soft = (p * (p / q).log()).sum(1).mean()
    hard = -q[[0, 1], labels].log().mean()
    loss = distillation(student, teacher, labels, temperature=1, weight=.75)
    assert loss.item() == pytest.approx((.75 * soft + .25 * hard).item(), rel=1e-5)
    distillation(student.double(), teacher.double(), labels, 1e4, 1.0).backward()
    centred = [t.detach() - t.detach().mean(1, keepdim=True) for t in (student, teacher)]
    assert torch.allclose(student.grad, (centred[0] - centred[1]) / 3 / 2, atol=1e-3)
    assert teacher.grad is None
