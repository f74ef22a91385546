"""Layers as tables: windows, names, orders of flattened images, and what is refused."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")

from torch import nn

from qhw.errors import QhwError
from qhw.schemes import parse
from qhw.train import BatchNorm1d, Input, QuantConv1d, QuantConv2d, QuantLinear, Sign, differences
from qhw.train import export as written
from qhw.train.export import described

T = parse("ternary")


def tables(*layers, argmax=False):
    return described(nn.Sequential(*layers), argmax=argmax).layers


@pytest.mark.parametrize(("layer", "keys"), [
    (QuantConv2d(2, 4, (3, 2), T, stride=2, padding=(1, 0), groups=2), {
        "type": "conv", "units": 4, "kernel": [3, 2], "stride": [2, 2], "pads": [1, 0, 1, 0],
        "groups": 2, "scheme": "ternary"}),
    (QuantConv2d(2, 1, (2, 3), T, padding="same", dilation=(1, 2)), {
        "type": "conv", "units": 1, "kernel": [2, 3], "dilation": [1, 2], "pads": [0, 2, 1, 2],
        "scheme": "ternary"}),
    (nn.MaxPool2d(3, 2, 1), {"type": "max_pool", "kernel": [3, 3], "stride": [2, 2],
                             "pads": [1, 1, 1, 1]}),
    (nn.MaxPool2d(4, 3, ceil_mode=True), {"type": "max_pool", "kernel": [4, 4], "stride": [3, 3],
                                          "pads": [0, 0, 1, 1]}),
    (nn.AvgPool2d((2, 4)), {"type": "average_pool", "kernel": [2, 4], "stride": [2, 4]})])
@pytest.mark.filterwarnings("ignore:Using padding='same' with even")
def test_windows(layer, keys):
    table, = tables(Input((2, 9, 9)), layer)
    assert {k: v for k, v in table.items() if k != "name"} == keys


def test_an_image_of_one_dimension_has_one_row():
    found = described(nn.Sequential(Input((3, 8)), QuantConv1d(3, 2, 3, T, padding=1, stride=2),
                                    nn.MaxPool1d(2)), argmax=False)
    assert found.input["shape"] == [1, 8, 3]
    assert found.layers[0]["kernel"] == [1, 3] and found.layers[0]["stride"] == [1, 2]
    assert found.layers[0]["pads"] == [0, 1, 0, 1] and found.layers[1]["kernel"] == [1, 2]


def test_names_are_unique_and_short():
    inner = nn.Sequential(nn.Linear(3, 3), nn.ReLU())
    model = nn.Sequential()
    model.add_module("a_0", nn.Linear(3, 3))
    model.add_module("a", inner)
    model.add_module("x" * 50, nn.ReLU())
    model.add_module("x" * 51, nn.ReLU())
    made = described(model, {"shape": [3], "bits": 4})
    assert [t["name"] for t in made.layers] == ["a_0", "a_0_2", "a_1", "x" * 40, "x" * 38 + "_2",
                                                "class"]


def test_a_norm_behind_a_flattened_image_keeps_its_channels(tmp_path):
    """Hardware's vector is channels last, PyTorch's channels first."""
    torch.manual_seed(6)
    norm = BatchNorm1d(8)
    model = nn.Sequential(Input((2, 2, 2), 0, 15), nn.Flatten(), norm, Sign(),
                          QuantLinear(8, 3, T, channels=2, per_channel=False))
    norm.running_mean.copy_(torch.arange(8.) + 3)
    norm.weight.data.uniform_(-1, 1)
    norm.bias.data.uniform_(-.1, .1)
    written(model, tmp_path / "net")
    assert set(differences(model, tmp_path / "net", torch.randint(0, 16, (300, 2, 2, 2))).values()
               ) == {0}


@pytest.mark.parametrize(("layers", "said"), [
    ((nn.Flatten(), QuantLinear(18, 2, T)), "Layer '2': its inputs are 2 channels"),
    ((nn.Flatten(),), "Layer 'output': it is an image that is flattened"),
    ((nn.AvgPool2d(2, padding=1, count_include_pad=False),), "Layer '1': a mean counts pads"),
    ((QuantConv2d(2, 2, 3, T), nn.Tanh()), "Layer '2': a Tanh cannot be described"),
    ((nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect"),), "Layer '1': pads are zeros"),
    ((Input((2, 3, 3)),), "Layer '1': an Input is the first"),
    ((nn.BatchNorm2d(2, track_running_stats=False),), "Layer '1': a batch norm without")])
def test_what_no_description_has_is_refused_with_its_name(layers, said):
    with pytest.raises(QhwError, match=said):
        tables(Input((2, 3, 3)), *layers)


def test_classes_need_a_vector():
    with pytest.raises(QhwError, match="classes need a vector"):
        tables(Input((2, 3, 3)), QuantConv2d(2, 2, 3, T), argmax=True)
