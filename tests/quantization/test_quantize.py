"""A float network into every scheme and into mixtures, end to end."""

import json
from importlib.resources import files

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.loaders.description.writer import written
from qhw.lower import lower
from qhw.schemes import parse, schemes
from qhw.simulators.golden import host, outputs
from qhw.verbs import read_input
from tests.quantization.nets import residual, samples

FLOAT = 538
"""Right answers of digits-float, of 540."""
POINT = 5.4
WITHIN = {"shiftcnn": 1, "affine": 1, "dfp": 1, "minifloat": 1, "inq": 2, "codebook": 2}
"""Points of accuracy that may be lost without training."""
MIXED = [{"fc1": "fixed:bits=8", "fc2": "binary", "fc3": "fixed:bits=8"},
         {"fc1": "shiftcnn:terms=2,bits=4", "fc2": "ternary", "fc3": "inq"},
         {"fc1": "codebook", "fc2": "sketch", "fc3": "dfp"},
         {"fc1": "affine", "fc2": "ttq", "fc3": "po2"},
         {"fc1": "minifloat", "fc2": "balanced", "fc3": "alternating"}]


@pytest.fixture(scope="module")
def digits():
    x, labels = read_input(files("qhw.models") / "digits" / "test.npz")
    return x.astype(np.int64), labels


def right(folder, digits):
    """Right answers of the compiled RTL, which are the golden's at every layer and sample."""
    x, labels = digits
    found = qhw.simulate(folder, x, engine="verilator", trace=True)
    assert found.matches == len(x)
    return int((found.codes[:, 0] == labels).sum())


@pytest.mark.slow(but=3)
@pytest.mark.parametrize("name", schemes)
def test_digits_in_every_scheme(name, digits, tmp_path):
    known = qhw.quantize("digits-float", name, tmp_path / "q", x=digits[0], labels=digits[1])
    assert known["float_correct"] == FLOAT
    assert right(tmp_path / "q", digits) == known["correct"]
    if name in WITHIN:
        assert known["correct"] >= FLOAT - POINT * WITHIN[name]


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("layers", MIXED, ids=lambda m: "-".join(parse(s).name for s in m.values()))
def test_digits_mixed(layers, digits, tmp_path):
    known = qhw.quantize("digits-float", "fixed", tmp_path / "q", layers=layers, x=digits[0],
                         labels=digits[1])
    assert [row["scheme"] for row in known["layers"]] == [str(parse(s)) for s in layers.values()]
    assert right(tmp_path / "q", digits) == known["correct"]


def test_what_is_reported(tmp_path):
    """Two bits for each of 64 * 64 + 64 * 32 + 32 * 10 weights; the errors are the weights'."""
    known = qhw.quantize("digits-float", "ternary", tmp_path / "q")
    assert known["bits_per_weight"] == 2 and known["weights"] == 6464
    before, after = qhw.load("digits-float"), qhw.load(tmp_path / "q")
    squares = 0.0
    for name in ("fc1", "fc2", "fc3"):
        dense = after.by_name[name].op
        real = np.reshape(dense.weights.scale, (-1, 1)) * dense.integers
        squares += float(np.square(before.by_name[name].op.weight - real).sum())
    assert np.isclose(known["mse"], squares / 6464)
    assert json.loads((tmp_path / "q" / "quantized.json").read_text()) == known
    assert after.by_name["fc3"].op.weights.scale.shape == ()     # for the argmax behind it


@pytest.mark.parametrize(("scheme", "layers", "message"), [
    ("quaternary", {}, "should be a scheme"),
    ("fixed:bit=3", {}, "Scheme fixed has no parameter 'bit'"),
    ("fixed:bits", {}, "'bits' should be like bits=4"),
    ("fixed:bits=20", {}, "2 to 16 bits, not 20"),
    ("fixed:bits=many", {}, "bits should be a whole number"),
    ("fixed", {"fc9": "binary"}, "no layer with float weights has this name"),
    ("product:length=7", {}, "layer 'fc1': Pieces of 7 inputs do not divide the 64 there are")])
def test_what_cannot_be(scheme, layers, message, tmp_path):
    with pytest.raises(ModelError, match=message):
        qhw.quantize("digits-float", scheme, tmp_path / "q", layers=layers)
    assert not (tmp_path / "q").exists()


def test_other_folders_are_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Exception, match="was not written by qhw"):
        qhw.quantize("digits-float", "binary", tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_float_network_says_what_to_do():
    with pytest.raises(ModelError, match="Layer 'fc1': its weights are floats; choose a scheme"):
        qhw.estimate("digits-float", "ecp5-25k")
    with pytest.raises(ModelError, match="no layer of it has float weights"):
        qhw.quantize("digits-binary", "ternary", "/nowhere")


def saved(graph, folder):
    """The description of a real graph."""
    folder.mkdir()
    text, arrays = written(graph)
    (folder / "model.toml").write_text(text)
    (folder / "weights.npz").write_bytes(arrays)
    return folder


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    return saved(residual(codes=Int(0, 255)), tmp_path_factory.mktemp("nets") / "net")


X = (samples(40) * 255).astype(np.int64)


@pytest.mark.parametrize("steps", [
    {"activations": "u8"}, {"activations": "u4", "first_last": 8, "equalize": True},
    {"activations": "hwgq:bits=3", "activation": {"r2": "u3"}, "method": "percentile:99"},
    {"activations": "sign", "fold_norms": True}])
@pytest.mark.parametrize("correct_bias", [False, True])
def test_a_real_network_becomes_one_that_can_be_built(net, tmp_path, steps, correct_bias):
    """Read again, it computes what was measured; the integers are those of the compiled RTL."""
    labels = np.arange(40) % 3
    known = qhw.quantize(net, "fixed:bits=4", tmp_path / "q", calibration=X[:30], x=X,
                         labels=labels, correct_bias=correct_bias, **steps)
    made = lower(qhw.load(tmp_path / "q"))
    assert int((host(made, outputs(made, X)).argmax(1) == labels).sum()) == known["correct"]
    assert known["calibrated"] == 30 and len(known["activations"]) == 6
    assert json.loads((tmp_path / "q" / "quantized.json").read_text()) == known
    bits = [row["bits_per_weight"] for row in known["layers"]]
    assert bits == ([8, 4, 4, 4, 8] if "first_last" in steps else [4] * 5)


def test_the_rtl_is_the_golden_of_a_calibrated_network(net, tmp_path):
    qhw.quantize(net, "fixed:bits=4", tmp_path / "q", calibration=X[:30], activations="u4")
    assert qhw.simulate(tmp_path / "q", X[:3], engine="verilator", trace=True).matches == 3


def test_samples_of_the_accuracy_are_never_calibrated_on(net, tmp_path):
    """Whatever they are, the network is the same bit for bit."""
    made = set()
    for k, x in enumerate((None, X[30:], np.zeros_like(X[:5]))):
        qhw.quantize(net, "bwnh", tmp_path / f"{k}", calibration=X[:30], activations="u4", x=x,
                     labels=None if x is None else np.zeros(len(x), int), correct_bias=True)
        with np.load(tmp_path / f"{k}" / "weights.npz") as arrays:
            made.add((tmp_path / f"{k}" / "model.toml").read_text().encode()
                     + b"".join(arrays[name].tobytes() for name in sorted(arrays)))
    qhw.quantize(net, "bwnh", tmp_path / "other", calibration=X[:30] // 9, activations="u4")
    assert len(made) == 1
    assert (tmp_path / "other" / "model.toml").read_text() != (
        tmp_path / "0" / "model.toml").read_text()


@pytest.mark.parametrize(("options", "said"), [
    ({}, "'r1': its output is real-valued, and hardware needs codes of it; add --activations"),
    ({"activations": "u8"}, "codes for it are chosen by samples; add --calibrate FILE.npz"),
    ({"activations": "u8", "calibration": X, "layers": {"dw": "ffn"}}, "cannot be in groups")])
def test_real_activations_need_a_format_and_samples(net, tmp_path, options, said):
    with pytest.raises(ModelError, match=said):
        qhw.quantize(net, "fixed", tmp_path / "q", **options)
    assert not (tmp_path / "q").exists()


def test_options_that_change_nothing_are_refused(tmp_path):
    with pytest.raises(ModelError, match="its activations are codes already; leave out"):
        qhw.quantize("digits-float", "fixed", tmp_path / "q", activations="u8")
    with pytest.raises(ModelError, match=r"Biases are corrected by samples; add --calibrate"):
        qhw.quantize("digits-float", "fixed", tmp_path / "q", correct_bias=True)
