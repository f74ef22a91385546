"""A scheme for each layer, from the samples to the files."""

import json
from contextlib import contextmanager

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.fold.goal import MARGIN
from tests.tiny import tiny_samples

X, _ = tiny_samples(60)
SCHEMES = ("fixed:bits=6", "ternary", "binary")


@pytest.fixture
def labels(tiny):
    """The classes that the float network gives."""
    from qhw.quantization.quantize import float_answers
    return float_answers(qhw.load(tiny), X)[:, 0].astype(int)


def uniform(tiny, folder):
    return {s: qhw.estimate(_quantized(tiny, s, folder / f"{k}"), "ice40hx8k", cycles=8)["luts"]
            for k, s in enumerate(SCHEMES)}


def _quantized(tiny, scheme, folder):
    qhw.quantize(tiny, scheme, folder)
    return folder


def test_the_mix_within_a_budget(tiny, labels, tmp_path):
    """It costs what the estimate says, is no less accurate than any uniform one that fits, and the
    files say so."""
    costs = uniform(tiny, tmp_path)
    room = (costs["fixed:bits=6"] + costs["ternary"]) // 2
    known = qhw.mix(tiny, tmp_path / "mix", "ice40hx8k", budget={"luts": int(room * (1 + MARGIN))},
                    schemes=SCHEMES, cycles=8, calibration=X, classes=labels, x=X[:20],
                    labels=labels[:20])
    best = known.choice.chosen
    assert best.luts == qhw.estimate(tmp_path / "mix", "ice40hx8k", cycles=8)["luts"] <= room
    for m in known.choice.measured:
        if m.uniform:
            assert m.luts == costs[m.schemes["fc1"]] and m.fits == (m.luts <= room)
    assert known.choice.uniform.accuracy <= best.accuracy
    assert [row.scheme.split(":")[0] for row in known.layers] == [
        s.split(":")[0] for s in best.schemes.values()]
    assert json.loads((tmp_path / "mix" / "quantized.json").read_text()) == known
    for kind in ("png", "svg", "html"):
        assert (tmp_path / "mix" / f"sensitivity.{kind}").stat().st_size > 1000
    assert known.samples == 20


def test_an_accuracy_by_the_least_hardware(tiny, labels, tmp_path):
    known = qhw.mix(tiny, tmp_path / "mix", "ice40hx8k", accuracy=.8, schemes=SCHEMES, cycles=8,
                    calibration=X, classes=labels)
    good = [m for m in known.choice.measured if m.accuracy >= .8]
    assert known.choice.chosen.luts == min(m.luts for m in good)
    assert known.choice.chosen is known.choice.measured[0]


def test_samples_of_the_accuracy_choose_nothing(tiny, labels, tmp_path):
    """Whatever they are, the choice and the files are the same; other calibration samples make
    another choice."""
    made = set()
    for k, x in enumerate((None, X[:5], np.zeros_like(X[:7]))):
        known = qhw.mix(tiny, tmp_path / f"{k}", "ice40hx8k", budget={"luts": 5000}, cycles=8,
                        schemes=SCHEMES[1:], calibration=X[20:], classes=labels[20:], x=x,
                        labels=None if x is None else np.zeros(len(x), int))
        with np.load(tmp_path / f"{k}" / "weights.npz") as arrays:
            made.add((str(known.choice), (tmp_path / f"{k}" / "model.toml").read_text(),
                      *(arrays[name].tobytes() for name in sorted(arrays))))
    other = qhw.mix(tiny, tmp_path / "other", "ice40hx8k", budget={"luts": 5000}, cycles=8,
                    schemes=SCHEMES[1:], calibration=X[20:] // 9, classes=labels[20:])
    assert len(made) == 1 and other.choice != known.choice


def test_refusals_and_interruptions_leave_nothing(tiny, tmp_path):
    with pytest.raises(ModelError, match=r"no mix .* at least \d+ LUTs are needed"):
        qhw.mix(tiny, tmp_path / "q", "ice40hx8k", budget={"luts": 5}, schemes=["binary"],
                calibration=X)
    with pytest.raises(ModelError, match="add --calibrate"):
        qhw.mix(tiny, tmp_path / "q", "ice40hx8k", budget={"luts": 5000})
    with pytest.raises(ModelError, match="needs a budget or an accuracy"):
        qhw.mix(tiny, tmp_path / "q", "ice40hx8k", calibration=X)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").write_text("mine")
    with pytest.raises(Exception, match="was not written by qhw"):
        qhw.mix(tiny, tmp_path / "mine", "ice40hx8k", budget={"luts": 5000}, calibration=X)
    counts = []

    @contextmanager
    def bar(total):
        def done(count):
            counts.append((count, total))
            if count == 3:
                raise KeyboardInterrupt
        yield done
    with pytest.raises(KeyboardInterrupt):
        qhw.mix(tiny, tmp_path / "q", "ice40hx8k", budget={"luts": 5000}, schemes=SCHEMES,
                calibration=X, bar=bar)
    assert [c for c, _ in counts] == [1, 2, 3] and not (tmp_path / "q").exists()
