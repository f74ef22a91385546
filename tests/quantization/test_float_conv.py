"""Convolutions with float weights, plain and depthwise, into hardware."""

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.quantization import quantize as module
from qhw.schemes import parse
from qhw.schemes.fixed import Fixed

TOML = """
schema = 1
name = "images"
input = { shape = [5, 6, 2], bits = 4, signed = true, scale = 0.25 }
layer = [
    { name = "conv", type = "conv", units = 4, kernel = [3, 3], pads = PADS, scheme = "float" },
    { name = "act", type = "quantize", bits = 4, scale = 0.5 },
    { name = "depth", type = "conv", units = 4, kernel = [2, 2], groups = 4, scheme = "float" },
    { name = "sign", type = "quantize", bits = 3, signed = true, scale = 0.25 },
    { name = "flat", type = "flatten" },
    { name = "fc", type = "dense", units = 3, scheme = "float" },
]
""".replace("PADS", "[1, 1, 1, 1]")
X = np.random.default_rng(0).integers(-8, 8, (20, 5, 6, 2))


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("images"), np.random.default_rng(1)
    (folder / "model.toml").write_text(TOML)
    np.savez(folder / "weights.npz", **{
        "conv.weight": rng.normal(size=(4, 18)) / 4, "conv.bias": rng.normal(size=4),
        "depth.weight": rng.normal(size=(4, 4)) / 2, "fc.weight": rng.normal(size=(3, 80))})
    return folder


def test_hardware_wants_a_scheme(images):
    with pytest.raises(ModelError, match="Layer 'conv': its weights are floats; choose a scheme "
                                         "with qhw quantize"):
        qhw.estimate(images, "ecp5-25k")


def test_the_built_network_is_the_quantized_one(images, tmp_path):
    """The weights are those that the scheme makes of the file's, and RTL is golden on them."""
    known = qhw.quantize(images, "fixed", tmp_path / "q", layers={"depth": "shiftcnn"}, x=X)
    made, arrays = qhw.load(tmp_path / "q"), np.load(images / "weights.npz")
    assert [row["weights"] for row in known["layers"]] == [72, 16, 240]
    for name, scheme in {"conv": "fixed", "depth": "shiftcnn", "fc": "fixed"}.items():
        want = parse(scheme).quantize(arrays[f"{name}.weight"], per_channel=True)
        assert np.array_equal(made.by_name[name].op.weights.codes, want.codes)
        assert made.by_name[name].op.scheme == parse(scheme)
    assert made.by_name["conv"].op.bias.tolist() == arrays["conv.bias"].tolist()
    assert made.by_name["depth"].op.groups == 4
    assert qhw.simulate(tmp_path / "q", X, engine="verilator", trace=True).matches == len(X)


def test_schemes_are_shown_windows_of_one_group_alone(images, monkeypatch):
    seen = {}

    def fit(self, w, x, *, per_channel=True):
        seen[w.shape] = x
        return self.quantize(w, per_channel=per_channel)
    monkeypatch.setattr(Fixed, "fit", fit)
    graph = qhw.load(images)
    module.quantized(graph, dict.fromkeys(("conv", "depth"), Fixed(4)), module.look(graph, X))
    assert list(seen) == [(4, 18)]
    assert (seen[4, 18][0, 8:10] == X[0, 0, 0] / 4).all()       # the middle tap sees a pixel
