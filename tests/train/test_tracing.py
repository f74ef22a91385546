"""Graphs of modules: the calls of functions are modules of the same results."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")

from torch import nn
from torch.nn import functional

from qhw.errors import QhwError
from qhw.train.tracing import plain
from tests.train.nets import Keyword, Mobile, Res


class Call(nn.Module):
    """A module that is one function."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


@pytest.mark.parametrize(("kind", "shape"), [(Res, (1, 12, 12)), (Mobile, (2, 8, 8)),
                                             (Keyword, (3, 20))])
def test_every_call_is_a_module_of_its_own_and_computes_the_same(kind, shape):
    torch.manual_seed(1)
    model, x = kind().eval(), torch.rand(3, *shape)
    made = plain(model, x)
    assert torch.allclose(made(x), model(x), atol=1e-6)
    calls = [n for n in made.graph.nodes if n.op not in ("placeholder", "output")]
    assert all(n.op == "call_module" for n in calls)
    assert len({n.target for n in calls}) == len(calls)


@pytest.mark.parametrize("function", [
    lambda x: functional.max_pool2d(x, 3, stride=2, padding=1), lambda x: x.mean((2, 3)),
    lambda x: functional.avg_pool2d(x, (2, 3), 1, ceil_mode=False),
    lambda x: x.mean([-1, -2], True), lambda x: x.relu(),
    lambda x: functional.adaptive_avg_pool2d(x, (2, 3)), lambda x: torch.flatten(x, 1),
    lambda x: functional.adaptive_max_pool2d(x, 1).squeeze(),
    lambda x: x.reshape(x.shape[0], -1), lambda x: x + functional.relu6(x),
    lambda x: torch.cat((x, torch.relu(x)), 1), lambda x: functional.hardtanh(x, -2, 2).add(x),
    lambda x: functional.softmax(x.flatten(1), -1)])
def test_functions(function):
    x = torch.randn(2, 3, 6, 6) * 4
    made = plain(Call(function), x)
    assert torch.allclose(made(x), function(x), atol=1e-6)
    assert {n.op for n in made.graph.nodes} <= {"placeholder", "call_module", "output"}


@pytest.mark.parametrize(("function", "said"), [
    (lambda x: x * 2, "a call of mul cannot be described"),
    (lambda x: x + 1, "adds two tensors, and no numbers"), (lambda x: x.mean(1), "a mean is"),
    (lambda x: torch.cat((x, x), 2), "joins channels, not dimension 2"),
    (lambda x: x.view(2, 6, 18), "a description flattens alone"),
    (lambda x: functional.adaptive_avg_pool2d(x, 4), "windows of different sizes")])
def test_other_calls_are_refused_with_their_place(function, said):
    model = nn.Sequential(nn.Identity(), Call(function))
    with pytest.raises(QhwError, match=rf"Layer '1\.\w+': .*{said}"):
        plain(model, torch.randn(2, 3, 6, 6))


def test_the_model_keeps_its_mode():
    model = Res().train()
    model.bn.eval()
    plain(model, torch.rand(2, 1, 12, 12))
    assert model.fc.training and not model.bn.training
