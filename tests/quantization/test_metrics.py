"""Measures of answers, held against counts by hand and against pairs of samples."""

import sys

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.quantization.metrics import METRICS, metric
from tests.seeds import rotating

SCORES = np.array([[1., 5, 3, 2, 0, 4], [5, 4, 3, 2, 1, 0], [0, 0, 0, 0, 0, 0], [6, 5, 4, 3, 2, 9]])


@pytest.mark.parametrize(("name", "labels", "wanted"), [
    ("top-1", [1, 0, 0, 5], 1), ("top-1", [5, 1, 1, 0], 0), ("top-1", [1, 0, 5, 6], .5),
    ("top-5", [0, 4, 4, 4], .75), ("top-5", [4, 5, 5, 4], 0), ("top-5", [-1, 6, 0, 5], .5)])
def test_shares_of_right_classes(name, labels, wanted):
    """The first among equals is the larger; a label that is no class is wrong."""
    assert METRICS[name](SCORES, np.array(labels)) == wanted


def test_the_class_alone_is_right_or_wrong():
    labels = np.array([3, 1, 2])
    assert METRICS["top-1"](np.array([[3.], [0], [2]]), labels) == 2 / 3
    with pytest.raises(ModelError, match="metric top-5: it needs a score of each class"):
        METRICS["top-5"](np.array([[3.], [0], [2]]), labels)


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("seed", rotating(5))
def test_the_area_is_the_share_of_pairs_in_order(seed, columns):
    rng = np.random.default_rng(seed)
    scores, labels = rng.integers(0, 6, (30, columns)) * 1., rng.integers(0, 2, 30)
    labels[:2] = 0, 1
    of = scores[:, -1] - (scores[:, 0] if columns == 2 else 0)
    pairs = [(a > b) + (a == b) / 2 for a in of[labels == 1] for b in of[labels == 0]]
    assert METRICS["auc"](scores, labels) == pytest.approx(np.mean(pairs), rel=1e-12)


def test_the_area_of_three_classes_is_the_mean_against_all_others():
    scores = np.array([[3., 0, 0], [0, 3, 0], [0, 0, 3], [2, 2, 0]])
    assert METRICS["auc"](scores, np.array([0, 1, 2, 2])) == pytest.approx((1 + 1 + .75) / 3)
    with pytest.raises(ModelError, match="all samples are of one class"):
        METRICS["auc"](scores[:, :2], np.array([1, 1, 1, 1]))


def test_the_mean_squared_error():
    outputs = np.arange(6.).reshape(3, 2, 1)
    assert METRICS["mse"](outputs, np.zeros((3, 2))) == 55 / 6
    with pytest.raises(ModelError, match=r"outputs are \(3, 2, 1\), and y is \(3,\)"):
        METRICS["mse"](outputs, np.zeros(3))


def test_a_function_of_ones_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "of_mine_1.py").write_text(
        "def most(outputs, labels):\n    return outputs.max() - labels.sum()\n"
        "def none(outputs, labels):\n    return 0 / 0\n"
        "def far(outputs, labels):\n    return float('inf')\n")
    known = metric("of_mine_1:most:min")
    assert (known.kind, known(SCORES, np.ones(4)), known.loss(5)) == ("error", 5, 5)
    assert metric("of_mine_1:most").loss(5) == -5
    assert known.file == tmp_path / "of_mine_1.py"
    with pytest.raises(ModelError, match="metric of_mine_1:none: division by zero"):
        metric("of_mine_1:none")(SCORES, np.ones(4))
    with pytest.raises(ModelError, match="it is inf"):
        metric("of_mine_1:far")(SCORES, np.ones(4))
    for wrong in ("of_mine_1:other", "of_mine_2:most"):
        with pytest.raises(ModelError, match=f"Metric '{wrong}'"):
            metric(wrong)(SCORES, np.ones(4))


@pytest.mark.parametrize("text", ["top-2", "", "a:", "a:b:max", "a:b:min:c", ":min", "a:b c"])
def test_what_is_no_metric(text):
    with pytest.raises(ModelError, match="it is one of top-1, top-5, auc, mse"):
        metric(text)


def test_nothing_missing_is_all():
    assert METRICS["top-1"].said(1) == "100.00%"
    assert METRICS["top-1"].said(.999999) == "99.99%"
    assert METRICS["mse"].said(.000012345678) == "1.2346e-05"
