"""What is read is what was written, and what is wrong is said in one line."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int, Rounding
from qhw.graph.fold import PeSimd
from qhw.layers import BatchNorm, Dense, Quantize, Sign
from qhw.loaders import load, shipped
from qhw.ops import Requantize

TOML = """
schema = 1
name = "tiny"

[input]
shape = [2]
bits = 4

[[layer]]
name = "fc1"
type = "dense"
units = 3
scheme = "ternary"

[[layer]]
name = "bn1"
type = "batch_norm"

[[layer]]
name = "act1"
type = "quantize"
bits = 2
scale = "1/3"

[[layer]]
name = "fc2"
type = "dense"
units = 2
scheme = {name = "fixed", bits = 3}
fold = {pe = 2, simd = 3}
"""


def arrays():
    return {
        "fc1.codes": np.array([[1, 0], [3, 1], [0, 3]], np.uint8), "fc1.scale": np.ones(3),
        "bn1.gamma": np.ones(3), "bn1.beta": np.zeros(3), "bn1.mean": np.zeros(3),
        "bn1.variance": np.ones(3), "fc2.weight": np.array([[.3, -.2, .1], [.6, .4, -.3]]),
        "fc2.bias": np.array([.5, -.5])}


@pytest.fixture
def model(tmp_path):
    """Writes a model folder: the text and the arrays, changed as asked."""
    def write(*changes, **changed):
        text = TOML
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "model.toml").write_text(text)
        stored = arrays() | {k.replace("__", "."): v for k, v in changed.items()}
        np.savez(tmp_path / "weights.npz", **{k: v for k, v in stored.items() if v is not None})
        return tmp_path
    return write


def test_everything_is_read(model):
    graph = load(model())
    assert [n.name for n in graph.nodes] == ["input", "fc1", "bn1", "act1", "fc2"]
    fc1, bn1, act1, fc2 = (n.op for n in graph.nodes[1:])
    assert isinstance(fc1, Dense) and fc1.weights.codes.tolist() == [[1, 0], [3, 1], [0, 3]]
    assert isinstance(bn1, BatchNorm) and bn1.epsilon == 1e-5
    assert act1 == Quantize(Int(0, 3), Fraction(1, 3), 0, Rounding.HALF_EVEN)
    assert isinstance(fc2, Dense) and (fc2.scheme.bits, fc2.fold) == (3, PeSimd(2, 3))
    assert fc2.integers.tolist() == [[3, -2, 1], [3, 2, -2]]    # peak .3 and .6
    assert np.allclose(fc2.weights.scale, [.1, .2]) and fc2.bias.tolist() == [.5, -.5]


def test_other_layers_are_read(model):
    graph = load(model(
        ('type = "quantize"\nbits = 2\nscale = "1/3"',
         'type = "requantize"\nrange = [-3, 4]\nshift = 7\nrounding = "half-away"'),
        ('[[layer]]\nname = "fc2"', '[[layer]]\nname = "s"\ntype = "relu"\n\n'
         '[[layer]]\nname = "t"\ntype = "sign"\nscale = 2\n\n[[layer]]\nname = "fc2"'),
        ("shape = [2]", "shape = [1, 2]"), ('[[layer]]\nname = "fc1"',
         '[[layer]]\nname = "flat"\ntype = "flatten"\n\n[[layer]]\nname = "fc1"'),
        ('name = "bn1"\ntype = "batch_norm"', 'name = "bn1"\ntype = "relu"'),
        act1__multiplier=np.array([5, 6, 7]), bn1__gamma=None, bn1__beta=None, bn1__mean=None,
        bn1__variance=None))
    act1, sign = graph.by_name["act1"].op, graph.by_name["t"].op
    assert isinstance(act1, Requantize) and isinstance(sign, Sign)
    assert (act1.multiplier.tolist(), act1.shift, act1.codes, act1.rounding) == (
        [5, 6, 7], 7, Int(-3, 4), Rounding.HALF_AWAY)
    assert sign.scale == 2


@pytest.mark.parametrize(("old", "new", "message"), [
    ("schema = 1", "schema = 2", r"schema: Input should be 1, not 2"),
    ('name = "tiny"', 'name = "ti ny"', r"name: String should match pattern .*, not 'ti ny'"),
    ("shape = [2]", "shape = [0]", "input: shape: 0: Input should be greater than .* 1, not 0"),
    ("shape = [2]", "shape = [2]\nrange = [0, 3]", "There should be either bits or range"),
    ("bits = 4", "range = [3, 3]", "The range should rise"),
    ("units = 3", "units = true", "layer 'fc1': units: Input should be a valid integer"),
    ("units = 3", "", "layer 'fc1': units: Field required"),
    ('scheme = "ternary"', 'scheme = "quaternary"',
     r"layer 'fc1': scheme: .*should be a scheme \(admm, .*, ttq\), not 'quaternary'"),
    ('{name = "fixed", bits = 3}', '{name = "fixed", bits = 17}',
     "layer 'fc2': scheme: .*Fixed point must have 2 to 16 bits, not 17"),
    ('{name = "fixed", bits = 3}', '{name = "fixed", bit = 3}',
     "Scheme fixed has no parameter 'bit'"),
    ('type = "batch_norm"', 'type = "layer_norm"', "layer 'bn1': .*'layer_norm'"),
    ("bits = 2", "bits = 9", "layer 'act1': bits: Input should be less than or equal to 8, not 9"),
    ('scale = "1/3"', 'scale = "1/0"', "layer 'act1': scale: .*finite number or a fraction"),
    ('scale = "1/3"', "scale = nan", "layer 'act1': scale: .*finite"),
    ('scale = "1/3"', "scale = -1", "layer 'act1': scale: .*greater than 0, not -1"),
    ('scale = "1/3"', "scael = 1", "layer 'act1': scael: Extra inputs are not permitted, not 1"),
    ('name = "act1"', 'name = "bn1"', "Layer 'bn1': 2 layers have this name"),
    ('name = "fc2"', 'name = "fc2"\ninputs = ["act9"]',
     "Layer 'fc2': its input 'act9' is no layer"),
    ("schema = 1", "schema = ", "Invalid value"),
])
def test_a_wrong_key_is_named(model, old, new, message):
    with pytest.raises(ModelError, match=message) as e:
        load(model((old, new)))
    assert "model.toml" in str(e.value) and "\n" not in str(e.value)


NAN = np.array([1., np.nan, 1.])


@pytest.mark.parametrize(("changed", "message"), [
    ({"fc1__codes": np.full((3, 2), 2)}, "fc1.codes has 2, which is no code of ternary"),
    ({"fc1__codes": np.ones((3, 2))}, "fc1.codes must be integers, not float64"),
    ({"fc1__codes": np.ones((4, 2), int)},
     r"fc1.codes must have the shape \(3, any\), not \(4, 2\)"),
    ({"fc1__codes": np.ones((3, 5), int)},
     r"Layer 'fc1': its weights are 3 x 5, and its input has shape \(2,\)"),
    ({"fc1__scale": NAN}, r"fc1.scale\[1\] is nan, not finite"),
    ({"fc1__scale": -np.ones(3)}, "fc1.scale must be positive, not -1.0"),
    ({"fc1__scale": np.ones(2)}, r"fc1.scale must have the shape \(\) or \(3,\), not \(2,\)"),
    ({"fc2__weight": np.full((2, 3), np.inf)}, r"fc2.weight\[0, 0\] is inf, not finite"),
    ({"fc1__codes": None}, "there is no array fc1.weight"),
    ({"bn1__mean": None}, "there is no array bn1.mean"),
    ({"bn1__variance": -np.ones(3)}, "bn1.variance must be positive, not -1.0"),
    ({"bn1__gamma": np.ones(4)}, r"bn1.beta must have the shape \(4,\), not \(3,\)"),
    ({"fc3__bias": np.ones(3)}, "fc3.bias belongs to no layer"),
    ({"fc2__bias": np.array([object(), 1])}, "'fc2.bias' holds Python objects"),
    ({"fc2__bias": np.array(["a", "b"])}, "fc2.bias must be real numbers, not <U1"),
])
def test_a_wrong_array_is_named(model, changed, message):
    with pytest.raises(ModelError, match=message) as e:
        load(model(**changed))
    assert "\n" not in str(e.value)


TERNARY = ('type = "quantize"\nbits = 2\nscale = "1/3"', 'type = "ternary"')


@pytest.mark.parametrize(("keys", "changed", "message"), [
    ("high = nan\nlow = 0.0", {}, "layer 'act1': high: .*, not nan"),
    ("high = 0.0\nlow = 0.5", {}, "layer 'act1': The low threshold is above the high one"),
    ("low = -1.0", {"act1__high": np.ones(2)},
     "Layer 'act1': its thresholds are for 2 channels, and its input has 3"),
    ("", {"act1__high": np.ones(3), "act1__low": np.zeros(2)},
     "layer 'act1': There are 3 high thresholds and 2 low ones"),
    ("", {"act1__high": np.ones(0), "act1__low": np.zeros(0)},
     "Layer 'act1': its thresholds are for 0 channels"),
])
def test_thresholds_of_another_layer_are_refused(model, keys, changed, message):
    with pytest.raises(ModelError, match=message):
        load(model((TERNARY[0], f"{TERNARY[1]}\n{keys}"), **changed))


def test_an_infinite_threshold_is_never_passed(model):
    op = load(model((TERNARY[0], f"{TERNARY[1]}\nhigh = inf\nlow = 0.0"))).by_name["act1"].op
    assert op.evaluate(np.array([[-1., 0., 1e300]])).tolist() == [[-1, 0, 0]]


def test_files_that_are_missing_or_cut(model, tmp_path):
    with pytest.raises(ModelError, match="no such folder or file, and no model of this name"):
        load(tmp_path / "nothing")
    folder = model()
    weights = folder / "weights.npz"
    weights.write_bytes(weights.read_bytes()[:300])
    with pytest.raises(ModelError, match=r"weights\.npz: it cannot be read"):
        load(folder)
    weights.unlink()
    with pytest.raises(ModelError, match=r"weights\.npz: there is no such file"):
        load(folder)
    (folder / "model.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ModelError, match=r"model\.toml: it is no text in UTF-8"):
        load(folder)
    (folder / "model.toml").unlink()
    with pytest.raises(ModelError, match=r"model\.toml: there is no such file"):
        load(folder)


def test_another_format_is_refused(tmp_path):
    path = tmp_path / "net.pt"
    path.write_bytes(b"")
    with pytest.raises(ModelError, match=r"net\.pt: this is an empty file, and qhw reads"):
        load(path)


def test_shipped_models_are_found_by_name():
    assert {"digits-binary", "digits-ternary", "digits-fixed4"} <= set(shipped())
    assert load("digits-ternary").name == "digits-ternary"
