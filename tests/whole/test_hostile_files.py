"""Files that are not what they should be, as commands read them: one line and exit status 1."""

import os
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

import qhw
from qhw.errors import QhwError
from qhw.loaders.onnx.graph import inspect_onnx
from qhw.verbs import read_folds, read_input
from tests.command import fails

MODEL = "digits-ternary"


def npz(path, **arrays):
    np.savez(path, **arrays)
    return path


X = np.zeros((2, 64), np.int64)


def simulated(path):
    x, _ = read_input(path)
    return qhw.simulate(MODEL, x)


def refused(how, path, says):
    with pytest.raises(QhwError, match=re.escape(says)) as caught:
        how(path)
    assert len(str(caught.value).splitlines()) == 1 and len(str(caught.value)) < 600


def test_an_npy_file_is_x(tmp_path):
    np.save(tmp_path / "x.npy", X)
    assert simulated(tmp_path / "x.npy").matches == 2


@pytest.mark.parametrize(("x", "says"), [
    (np.full((2, 64), np.nan), "x[0, 0] is nan, not finite"),
    (np.where(np.arange(128) == 70, np.inf, 0).reshape(2, 64), "x[1, 6] is inf, not finite"),
    (X.astype(object), "holds Python objects"), (X.astype(complex), "not complex128"),
    (X.astype(str), "not <U"), (X.astype("M8[s]"), "not datetime64"),
    (X.astype([("a", "i4")]), "must be integer or floating point"),
    (np.full((2, 64), 1 << 63, np.uint64), "Input codes must be in 0..16"),
    (np.full((2, 64), -(1 << 62)), "Input codes must be in 0..16"),
    (np.float64(3), "x must be (samples, *shape), not ()"), (X[:0], "x must be"),
    (X[:, :3], "Input must be (samples, 64)")], ids=lambda v: str(v)[:20])
def test_samples_that_are_none(tmp_path, x, says):
    refused(simulated, npz(tmp_path / "x.npz", x=x), says)


def test_truth_is_the_codes_0_and_1(tmp_path):
    assert simulated(npz(tmp_path / "x.npz", x=X.astype(bool))).matches == 2


@pytest.mark.parametrize(("y", "says"), [
    (np.zeros(3), "one number for each of the 2 samples"),
    (np.zeros((2, 10)), "one number for each of the 2 samples"),
    (np.array([.5, 1]), "whole numbers"), (np.array(["a", "b"]), "whole numbers")],
    ids=lambda v: str(v)[:20])
def test_labels_that_are_none(tmp_path, y, says):
    refused(read_input, npz(tmp_path / "x.npz", x=X, y=y), says)


def test_files_that_are_none(tmp_path):
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", b"no array")
    refused(read_input, path, "its member 'x' is no array")
    fails("simulate", MODEL, "--input", tmp_path, says="this is a folder, not a file")
    os.mkfifo(tmp_path / "pipe")
    for how in (read_input, read_folds, inspect_onnx):
        refused(how, tmp_path, "this is a folder, not a file")
        refused(how, tmp_path / "nothing", "there is no such file")
        refused(how, tmp_path / "pipe", "no regular file")
        refused(how, Path("/dev/zero"), "no regular file")


@pytest.mark.parametrize(("text", "says"), [
    ("[" * 100_000, "nested more than"), ('{"fc1": ' * 70 + "1" + "}" * 70, "nested more than"),
    ('{"fc1": {"pe": ' + "9" * 5000 + ', "simd": 1}}', "fold.json"),
    ('{"fc1": {"pe": ' + "9" * 50 + ', "simd": 1}}', "an integer has 167 bits"),
    ('{"fc1": {"pe": 1, "simd": 1}, "fc1": {"pe": 2, "simd": 2}}', "'fc1' is there twice"),
    ('{"fc1": {"pe": 1, "simd": 1, "sind": 2}}', "should have pe and simd or"),
    ('{"fc1": {"pe": 1}}', "should have pe and simd or"), ('{"fc1": 3}', "should be an object"),
    ("[]", "it should be an object"), ("", "fold.json"), ("\x00", "fold.json"),
    ('{"fc1": {"pe": 1e400, "simd": 1}}', "inf is no whole number"),
    ('{"fc1": {"pe": true, "simd": 1}}', "True is no whole number"),
    ('{"fc1": {"spatial": false}}', "spatial can only be true"),
    ('{"fc1": {"pe": 0, "simd": 1}}', "0 is no whole number of at least 1")],
    ids=lambda v: v[:20])
def test_folds_that_are_none(tmp_path, text, says):
    path = tmp_path / "fold.json"
    path.write_text(text)
    refused(read_folds, path, says)
