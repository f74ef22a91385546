"""The golden against exact rationals: random descriptions, every layer type and weight format.

``python -m sim.proof.descriptions`` runs thousands of them, and prints what is refused and why.
"""

import numpy as np
import pytest

from sim.proof.descriptions import judge as judging
from sim.proof.descriptions.generate import draw
from sim.proof.descriptions.judge import judge
from tests.seeds import rotating

ALWAYS, PART = range(120), 20
SEEDS = [*ALWAYS, *rotating(60)]


@pytest.mark.parametrize("first", range(0, len(SEEDS), PART))
def test_the_golden_is_exact(first, tmp_path):
    verdicts = {seed: judge(draw(seed), tmp_path) for seed in SEEDS[first:first + PART]}
    assert not {k: v for k, v in verdicts.items() if v[0] not in ("exact", "refused")}
    assert sum(kind == "exact" for kind, _ in verdicts.values()) >= PART // 4


def test_every_layer_and_format_is_drawn(tmp_path):
    """In networks that are read, so that each of them is held against rationals."""
    layers, schemes = set(), set()
    for seed in ALWAYS:
        drawn = draw(seed)
        if judge(drawn, tmp_path)[0] == "exact":
            layers |= {layer["type"] for layer in drawn.text["layer"]}
            schemes |= {s if isinstance(s, str) else s["name"]
                        for layer in drawn.text["layer"] if (s := layer.get("scheme"))}
    assert layers >= {"dense", "conv", "max_pool", "average_pool", "add", "concat", "batch_norm",
                      "shift_norm", "relu", "quantize", "requantize", "sign", "ternary", "hwgq",
                      "log", "minifloat", "residual", "block_float", "flatten", "argmax"}
    assert schemes >= {"fixed", "binary", "ternary", "affine", "po2", "shiftcnn", "inq", "dfp",
                       "minifloat", "balanced", "dorefa", "ttq"}


def test_a_difference_is_seen(tmp_path, monkeypatch):
    """One output of one sample that is off by a millionth of the largest is wrong."""
    simulate = judging.qhw.simulate

    def off(graph, x):
        run = simulate(graph, x)
        run.y.flat[-1] += max(np.abs(run.y).max(), 1) * 1e-6
        return run

    monkeypatch.setattr(judging.qhw, "simulate", off)
    kinds = {judge(draw(seed), tmp_path)[0] for seed in range(10)}
    assert kinds == {"wrong", "refused"}
