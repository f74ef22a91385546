"""The integers of exported networks are PyTorch's own, layer by layer."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")

from torch import nn

from qhw.schemes import parse, schemes
from qhw.train import (
    BatchNorm1d,
    BatchNorm2d,
    Input,
    QuantConv1d,
    QuantConv2d,
    QuantLinear,
    Uniform,
    activation,
    differences,
    export,
)

EVERY = 1000
REFUSED = {("ffn", "depthwise"), ("ffn", "grouped"), ("product", "depthwise")}
"""Products in sequence have no groups, and 9 weights no pieces of 2."""
KINDS = ("linear", "row", "conv", "depthwise", "grouped")


def network(scheme, kind, act="u4", groups=1):
    """A layer of the kind under test between an input and classes."""
    torch.manual_seed(3)
    if kind == "linear":
        return nn.Sequential(
            Input((12,), 0, 15, .125), QuantLinear(12, 8, scheme, bias=True, every=EVERY),
            BatchNorm1d(8), activation(act), QuantLinear(8, 4, parse("ternary"), per_channel=False))
    if kind == "row":
        return nn.Sequential(
            Input((4, 9), 0, 15, .125), QuantConv1d(4, 8, 3, scheme, padding=1, every=EVERY),
            BatchNorm1d(8), activation(act), nn.MaxPool1d(3), nn.Flatten(),
            QuantLinear(24, 4, parse("ternary"), channels=8, per_channel=False))
    return nn.Sequential(
        Input((4, 6, 6), 0, 15, .125),
        QuantConv2d(4, 8, 3, scheme, padding=1, stride=1, groups=4 if kind == "depthwise" else
                    2 if kind == "grouped" else 1, bias=True, every=EVERY),
        BatchNorm2d(8), activation(act), nn.MaxPool2d(2), nn.Flatten(),
        QuantLinear(72, 4, parse("ternary"), channels=8, per_channel=False))


def trained(model):
    """Statistics of norms are those of some samples, and the weights of the layer moved."""
    first = model[0]
    x = torch.randint(0, 16, (300, *first.shape))
    for layer in model:
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.momentum = 1.0
            nn.init.uniform_(layer.weight, -.5, 1.5)
            nn.init.uniform_(layer.bias, -.5, 1.0)
    model.train()
    model(x).square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    return model, x


@pytest.mark.parametrize(("name", "kind"), [
    (name, kind) for name in schemes for kind in KINDS if (name, kind) not in REFUSED])
def test_integers_of_every_scheme_are_pytorchs(name, kind, tmp_path):
    model, x = trained(network(parse(name), kind))
    export(model, tmp_path / "net")
    assert set(differences(model, tmp_path / "net", x).values()) == {0}


@pytest.mark.parametrize("kind", ["linear", "conv"])
@pytest.mark.parametrize("act", [
    "u1", "u3", "s4", "sign", "ternary", "hwgq", "hwgq:bits=3", "log", "log:signed=1",
    "minifloat", "residual:planes=2"])
def test_integers_of_every_activation_are_pytorchs(act, kind, tmp_path):
    model, x = trained(network(parse("minifloat" if act == "minifloat" else "inq"), kind, act))
    if act.startswith(("log", "minifloat")):
        model[-1].scheme = parse("minifloat" if act == "minifloat" else "fixed:bits=4")
    export(model, tmp_path / "net")
    found = differences(model, tmp_path / "net", x)
    assert len(found) == 2 and set(found.values()) == {0}


def test_a_wrong_code_is_seen(tmp_path):
    """A weight with another sign in the file changes integers behind its layer."""
    model, x = trained(network(parse("ternary"), "conv"))
    export(model, tmp_path / "net")
    arrays = dict(np.load(tmp_path / "net/weights.npz"))
    place = tuple(np.argwhere(arrays["layer_1.codes"])[0])
    arrays["layer_1.codes"][place] ^= 2
    np.savez(tmp_path / "net/weights.npz", **arrays)
    found = differences(model, tmp_path / "net", x)
    assert found["layer_3"] > 0 and found["output"] > 0


def test_ties_are_integers_ties():
    """Half of the sums are midway between two steps. Hardware rounds them to even, PyTorch does in
    float64, and float32 misses some: scales of 8 bits leave sums of 24 bits no room there."""
    torch.manual_seed(8)
    layer = QuantLinear(64, 8, parse("fixed:bits=8"), per_channel=False).eval()
    first = Input((64,), 0, 255, 171 / 2**9)
    scale = 2 * float(layer.codes().scale) * first.scale
    act = Uniform(8, signed=True)
    x = torch.randint(0, 256, (400, 64))
    integers = layer.scheme.decode(layer.codes().codes)
    sums = x.numpy() @ integers.T * 171 // 171
    exact = np.rint(sums / 2).clip(-128, 127)
    real = first.eval()(x)
    wide = layer(real).detach() / scale
    assert np.array_equal(wide.round().clamp(act.low, act.top).numpy(), exact)
    assert (sums % 2).mean() > .3
    narrow = layer(real.float()).detach() / torch.tensor(scale).float()
    missed = narrow.round().clamp(act.low, act.top).numpy() != exact
    assert missed.any()


def test_a_state_is_that_of_the_same_network():
    """Levels and the input are in the state, so a network that is prepared anew can take it."""
    model, x = trained(network(parse("ternary"), "linear", "hwgq"))
    other = network(parse("ternary"), "linear", "hwgq")
    model[3].choose(step=.75)
    other[0].hi = 7
    other.load_state_dict(model.state_dict())
    assert torch.equal(other.eval()(x), model.eval()(x))
