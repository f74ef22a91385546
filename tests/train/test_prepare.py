"""Ordinary modules become trainable quantized ones, whose hardware has their integers."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")

from torch import nn
from torch.nn import functional

import qhw
from qhw.errors import QhwError
from qhw.schemes import parse
from qhw.train import (
    Input,
    Levels,
    QuantConv2d,
    QuantLinear,
    Sign,
    Uniform,
    differences,
    export,
    prepare,
)
from tests.train.nets import Keyword, Mobile, Res

NETS = {"res": (Res, (1, 12, 12)), "mobile": (Mobile, (2, 8, 8)), "keyword": (Keyword, (3, 20))}


def trained(net, **how):
    """A prepared network after some steps, and samples."""
    torch.manual_seed(7)
    kind, shape = NETS[net]
    x = (torch.rand(96, *shape) * 255).round() / 255
    made = prepare(kind(), x, **how)
    optimizer = torch.optim.Adam(made.parameters(), 3e-3)
    for _ in range(3):
        loss = functional.cross_entropy(made(x), torch.arange(96) % 3)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return made.eval(), x


@pytest.mark.parametrize(("net", "scheme", "activations"), [
    ("res", "ternary", "u4"), ("res", "binary", "sign"), ("res", "shiftcnn", "u8"),
    ("res", "fixed:bits=2", "hwgq"), ("mobile", "inq", "u3"), ("mobile", "fixed:bits=4", "ternary"),
    ("mobile", "dorefa", "log"), ("keyword", "ttq", "u2"), ("keyword", "minifloat", "minifloat")])
def test_hardware_has_the_integers_of_a_trained_network(net, scheme, activations, tmp_path):
    made, x = trained(net, scheme=scheme, activations=activations, last="fixed:bits=8")
    export(made, tmp_path / "net")
    found = differences(made, tmp_path / "net", x)
    assert len(found) > 3 and set(found.values()) == {0}


@pytest.mark.parametrize(("net", "scheme"), [("res", "ternary"), ("mobile", "inq"),
                                             ("keyword", "fixed:bits=4")])
def test_verilog_has_the_classes_of_pytorch(net, scheme, tmp_path):
    made, x = trained(net, scheme=scheme, activations="u4")
    export(made, tmp_path / "net")
    samples = x[:6].numpy()
    samples = samples[:, :, None] if samples.ndim == 3 else samples
    found = qhw.simulate(tmp_path / "net", samples.transpose(0, 2, 3, 1), engine="verilator")
    assert found.codes[:, 0].tolist() == made(x[:6]).argmax(1).tolist()


def test_weights_and_names_are_taken_over():
    """Layers have the weights of the float model, which itself stays as it was."""
    torch.manual_seed(1)
    model, x = Res(), torch.rand(64, 1, 12, 12)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    made = prepare(model, x, scheme="ternary", activations="u4", first="fixed:bits=8",
                   last="fixed:bits=6", layers={"layer1.0.conv2": "inq", "layer1.0.relu": "sign"})
    state = model.state_dict()
    assert all(torch.equal(v, state[k]) for k, v in before.items())
    assert all(torch.equal(before[k], made.get_parameter(k)) for k in dict(
        model.named_parameters()))
    layer = made.get_submodule
    assert isinstance(layer("fc"), QuantLinear) and isinstance(layer("stem"), QuantConv2d)
    assert [str(layer(n).scheme) for n in ("stem", "layer1.0.conv1", "layer1.0.conv2", "fc")] == [
        str(parse(s)) for s in ("fixed:bits=8", "ternary", "inq", "fixed:bits=6")]
    assert isinstance(layer("layer1.0.relu"), Sign) and isinstance(layer("layer1.1.relu"), Uniform)
    assert layer("layer1.0.relu_1") is not layer("layer1.0.relu")
    assert not layer("fc").per_channel and layer("stem").per_channel


def test_sums_and_layers_read_codes():
    made = prepare(Res(), torch.rand(32, 1, 12, 12), scheme="ternary", inner=6)
    added = {n: m.bits for n, m in made.named_modules() if n.endswith("_codes")
             and isinstance(m, Uniform)}
    assert added == dict.fromkeys(("layer1.0.bn2_codes", "layer1.1.bn2_codes",
                                   "layer1.1.down.1_codes", "adaptive_avg_pool2d_codes"), 6)
    assert not made.adaptive_avg_pool2d_codes.signed


def test_activations_of_both_signs_stand_behind_the_relu():
    made = prepare(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), torch.rand(8, 4),
                   scheme="ternary", activations="log:bits=2,signed=1")
    assert type(made.get_submodule("1")) is nn.ReLU
    assert isinstance(made.get_submodule("1_codes"), Levels)


@pytest.mark.parametrize(("x", "table"), [
    (torch.arange(256).reshape(2, 128), (0, 255, 1.0, 0)),
    (torch.arange(17.).repeat(2, 1), (0, 16, 1.0, 0)),
    (torch.arange(256.).reshape(2, 128) / 255, (0, 255, 257 / 65536, 0)),
    (torch.linspace(-1, 3, 256).reshape(2, 128), (0, 255, 4112 / 2**18, 64))])
def test_the_input_fits_the_samples(x, table):
    made = prepare(nn.Sequential(nn.Linear(x.shape[1], 2)), x, scheme="ternary").input_codes
    assert (made.lo, made.hi, made.scale, made.zero) == table
    assert ((made(x) - x).abs() <= made.scale / 2 + 1e-3).all()


class Branching(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


@pytest.mark.parametrize(("model", "how", "said"), [
    (nn.Sequential(nn.Linear(4, 4), Branching()), {},
     r"Module '1' \(a Branching\) cannot be traced: .* must not branch"),
    (nn.Sequential(nn.Linear(4, 4), nn.GELU()), {}, "Layer '1': a GELU has no quantized form"),
    (nn.Sequential(nn.Linear(4, 4)), {"layers": {"00": "inq"}},
     "Layer '00': there is none; is it '0'"),
    (nn.Sequential(nn.Linear(5, 4)), {}, "Layer '0' fails on samples of the shape"),
    (nn.Sequential(nn.Linear(4, 4)), {"scheme": "product:length=3"},
     "Layer '0': Pieces of 3 inputs do not divide"),
    (nn.Sequential(nn.Linear(4, 4), nn.ReLU()), {"activations": "u9"},
     "Layer '1': Activation 'u9': it should be u1 to u8")])
def test_what_cannot_be_quantized_is_said_with_its_name(model, how, said):
    with pytest.raises((QhwError, ValueError), match=said) as e:
        prepare(model, torch.rand(8, 4), **{"scheme": "ternary", **how})
    assert "\n" not in str(e.value)


def test_an_input_of_ones_own():
    made = prepare(nn.Sequential(nn.Linear(4, 2)), torch.rand(8, 4), scheme="ternary",
                   input=Input((4,), -8, 7, .25))
    assert made.input_codes.hi == 7
