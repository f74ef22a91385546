"""Convolutional and branched descriptions: real meaning, golden and gates, with every scheme."""

import numpy as np
import pytest
import tomli_w

import qhw
from qhw.lower import lower
from qhw.schemes import schemes
from qhw.simulators.golden import evaluate, golden


def description(folder, scheme, *, groups=1, maximum=True):
    """conv, norm, quantize, pool; a branch around a convolution; channels joined; dense."""
    rng = np.random.default_rng(2)
    arrays = {"c1.weight": rng.normal(size=(4, 9 * 2)), "c2.weight": rng.normal(
        size=(4, 9 * 4 // groups)), "fc.weight": rng.normal(size=(3, 3 * 3 * 8)),
        "bn.gamma": np.array([1., -.5, .75, 1]), "bn.beta": np.linspace(-1, 1, 4),
        "bn.mean": np.linspace(-3, 3, 4), "bn.variance": np.full(4, 30.), "fc.bias": rng.normal(
            size=3)}
    layers = [
        {"name": "c1", "type": "conv", "units": 4, "scheme": scheme, "kernel": [3, 3],
         "pads": [1, 1, 1, 1]},
        {"name": "bn", "type": "batch_norm"},
        {"name": "p1", "type": "max_pool" if maximum else "average_pool", "kernel": [2, 2],
         "stride": [2, 2]},
        {"name": "q1", "type": "quantize", "bits": 3, "scale": .5},
        {"name": "c2", "type": "conv", "units": 4, "scheme": "ternary", "kernel": [3, 3],
         "pads": [1, 1, 1, 1], "groups": groups},
        {"name": "q2", "type": "quantize", "bits": 3, "scale": .5},
        {"name": "sum", "type": "add", "inputs": ["q1", "q2"]},
        {"name": "q3", "type": "quantize", "bits": 3, "scale": .75},
        {"name": "both", "type": "concat", "inputs": ["q3", "q1"]},
        {"name": "q4", "type": "quantize", "bits": 3, "scale": .5},
        {"name": "flat", "type": "flatten"},
        {"name": "fc", "type": "dense", "units": 3, "scheme": scheme, "per_channel": False},
        {"name": "class", "type": "argmax"}]
    if not maximum:     # whose scale must be known exactly
        layers.insert(2, {"name": "q0", "type": "quantize", "bits": 3, "scale": .5})
    folder.mkdir()
    (folder / "model.toml").write_text(tomli_w.dumps({
        "schema": 1, "name": "images", "input": {"shape": [6, 6, 2], "bits": 3, "signed": True},
        "layer": layers}))
    np.savez(folder / "weights.npz", **arrays)
    return qhw.load(folder)


def samples():
    return np.random.default_rng(3).integers(-4, 4, (6, 6, 6, 2))


def agree(graph):
    x, lowered = samples(), lower(graph)
    real, exact = evaluate(graph, x), golden(lowered, x)
    for name in ("q1", "q2", "q3", "q4", "class"):
        assert np.array_equal(exact[name], real[name]), name
    for stalls in (None, 1):
        assert qhw.simulate(graph, x, engine="verilator", trace=True, stalls=stalls
                            ).matches == len(x)


@pytest.mark.slow(but=3)
@pytest.mark.parametrize("scheme", [n for n, s in schemes.items() if not s().factorized])
def test_every_scheme_convolves(tmp_path, scheme):
    agree(description(tmp_path / "net", scheme))


@pytest.mark.slow(but=1)
@pytest.mark.parametrize(("groups", "maximum"), [(2, True), (4, True), (1, False)])
def test_groups_and_means(tmp_path, groups, maximum):
    agree(description(tmp_path / "net", "fixed", groups=groups, maximum=maximum))
