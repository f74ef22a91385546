"""What is exported is what was trained."""

from collections import OrderedDict

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")

from torch import nn

import qhw
from qhw.errors import QhwError
from qhw.schemes import parse
from qhw.simulators.golden import evaluate
from qhw.train import (
    QuantLinear,
    Sign,
    Uniform,
    export,
)
from tests.train.nets import Keyword, Res


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
    with pytest.raises(QhwError, match="Layer '0': a GELU cannot be described"):
        export(nn.Sequential(nn.GELU()), tmp_path, input={"shape": [2], "bits": 4})
    with pytest.raises(ValueError, match="binary weights have no factors"):
        QuantLinear(4, 4, parse("binary"), learned=True)


@pytest.mark.parametrize(("kind", "shape"), [(Keyword, (3, 20)), (Res, (1, 12, 12))])
def test_a_float_module_is_described_as_it_is(kind, shape, tmp_path):
    """Its description has PyTorch's scores, for `qhw quantize`."""
    torch.manual_seed(9)
    model = kind()
    x = torch.randint(0, 16, (40, *shape))
    model(x.float())
    model = nn.Sequential(model.eval())
    last = (1, *shape[1:], shape[0]) if len(shape) == 2 else (*shape[1:], shape[0])
    export(model, tmp_path / "net", input={"shape": list(last), "range": [0, 15], "scale": 1.0})
    graph = qhw.load(tmp_path / "net")
    scores = evaluate(graph, np.moveaxis(x.numpy(), 1, -1).reshape(len(x), *last))
    found = scores[graph.nodes[-2].name]
    theirs = model[0](x.float()).detach()
    assert np.allclose(found - found[:, :1], theirs - theirs[:, :1], rtol=1e-4, atol=1e-4)
