"""Samples and labels: what is taken as it is, and what is refused."""

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.loaders.samples import read_input

X = np.arange(12.0).reshape(4, 3)


def read(tmp_path, limit=None, **arrays):
    np.savez(tmp_path / "samples.npz", **arrays)
    return read_input(tmp_path / "samples.npz", limit)


@pytest.mark.parametrize("y", [np.array([1, 0, 2, 1]), np.array([[1], [0], [2], [1]]),
                               np.array([1.0, 0.0, 2.0, 1.0]), np.array([1, 0, 2, 1], np.uint8)])
def test_labels_are_whole_numbers_one_a_sample(tmp_path, y):
    x, labels = read(tmp_path, x=X, y=y)
    assert np.array_equal(x, X) and labels.shape == (4,) and labels.tolist() == [1, 0, 2, 1]


def test_the_first_samples_with_their_labels(tmp_path):
    x, labels = read(tmp_path, 2, x=X, y=np.array([5, 6, 7, 8]))
    assert x.tolist() == X[:2].tolist() and labels.tolist() == [5, 6]


def test_without_labels(tmp_path):
    assert read(tmp_path, x=X)[1] is None


def test_an_array_alone(tmp_path):
    np.save(tmp_path / "x.npy", X)
    x, labels = read_input(tmp_path / "x.npy")
    assert np.array_equal(x, X) and labels is None


@pytest.mark.parametrize(("arrays", "says"), [
    ({"a": X, "b": X}, r"there is no array x \(it has a, b\)"),
    ({"x": X[0]}, r"x must be \(samples, \*shape\), not \(3,\)"),
    ({"x": X[:0]}, r"x must be \(samples, \*shape\), not \(0, 3\)"),
    ({"x": X > 3}, None),
    ({"x": X + 1j}, "x must be integer or floating point, not complex128"),
    ({"x": np.where(X == 7, np.inf, X)}, r"x\[2, 1\] is inf, not finite"),
    ({"x": np.where(X == 0, np.nan, X)}, r"x\[0, 0\] is nan, not finite"),
    ({"x": X, "y": np.arange(3)}, r"each of the 4 samples x, and have the shape \(3,\)"),
    ({"x": X, "y": np.zeros((4, 2), int)}, r"have the shape \(4, 2\)"),
    ({"x": X, "y": np.array([0, 1, 0.5, 1])}, "y must be whole numbers, and are float64"),
    ({"x": X, "y": np.array(list("abcd"))}, "y must be whole numbers, and are <U1"),
])
def test_what_is_no_input(tmp_path, arrays, says):
    if says is None:
        assert read(tmp_path, **arrays)[0].dtype == bool
    else:
        with pytest.raises(ModelError, match=says):
            read(tmp_path, **arrays)
