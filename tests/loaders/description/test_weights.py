"""Arrays beside a description."""

import zipfile

import numpy as np
import pytest

from qhw import limits
from qhw.errors import ModelError
from qhw.loaders.description.weights import Weights, open_npz, open_samples
from qhw.verbs import read_input


def test_an_archive_that_unpacks_to_too_much(tmp_path, monkeypatch):
    """Forty megabytes of zeros in forty kilobytes, where forty are too many; and a header that asks
    for four gigabytes."""
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, x=np.zeros((40, 1 << 20), np.uint8))
    monkeypatch.setattr(limits, "ARCHIVE_BYTES", 1 << 25)
    with pytest.raises(ModelError, match=r"bomb\.npz: it unpacks to \d+ bytes"):
        read_input(path)
    head = (b"{'descr': '|u1', 'fortran_order': False, 'shape': (4294967296, 1), }").ljust(117)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00v\x00" + head + b"\n" + bytes(1000))
    with pytest.raises(ModelError, match=r"bomb\.npz: 'x' has the shape .* too few"):
        read_input(path)

ARRAYS = {"real": np.array([[1.5, -2]]), "whole": np.array([3, 4], np.uint8),
          "bits": np.array([True]), "words": np.array(["a"]), "one": np.float32(2),
          "zero": np.array([0., 1]), "nan": np.array([[1, np.nan]])}


@pytest.fixture
def weights(tmp_path):
    np.savez(tmp_path / "weights.npz", **ARRAYS)
    return Weights(tmp_path / "weights.npz")


def test_arrays_in_one_of_their_shapes(weights):
    assert "real" in weights and "reel" not in weights
    assert weights.real("real", (1, 2)).tolist() == [[1.5, -2]]
    assert weights.real("real", (7,), (-1, 2)).dtype == np.float64
    assert weights.integer("whole", (-1,)).dtype == np.int64
    assert weights.real("whole", (2,)).tolist() == [3, 4]
    assert weights.positive("one", (), (2,)) == 2


@pytest.mark.parametrize(("ask", "name", "shapes", "says"), [
    ("real", "none", [(1,)], "there is no array none"),
    ("real", "real", [(2,), (-1, 3)],
     r"real must have the shape \(2,\) or \(any, 3\), not \(1, 2\)"),
    ("real", "bits", [(1,)], "bits must be real numbers, not bool"),
    ("real", "words", [(1,)], "words must be real numbers, not <U1"),
    ("real", "nan", [(1, 2)], r"nan\[0, 1\] is nan, not finite"),
    ("positive", "zero", [(2,)], r"zero must be positive, not 0\.0"),
    ("positive", "real", [(1, 2)], r"real must be positive, not -2\.0"),
    ("integer", "real", [(1, 2)], "real must be integers, not float64"),
    ("integer", "bits", [(1,)], "bits must be integers, not bool")])
def test_arrays_that_do_not_fit(weights, ask, name, shapes, says):
    with pytest.raises(ModelError, match=rf"weights\.npz: {says}"):
        getattr(weights, ask)(name, *shapes)


def test_an_array_that_nobody_took_is_misspelt(weights):
    for name in ARRAYS.keys() - {"real"}:
        weights.used.add(name)
    with pytest.raises(ModelError, match=r"weights\.npz: real belongs to no layer"):
        weights.all_used()
    weights.real("real", (1, 2))
    weights.all_used()


def member(shape="(2,)", descr="'<f8'", data=bytes(16), version=(1, 0), fortran=False):
    """A member of an archive, as numpy writes it or not."""
    head = f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n".encode()
    size = len(head).to_bytes(2 if version == (1, 0) else 4, "little")
    return b"\x93NUMPY" + bytes(version) + size + head + data


def archive(tmp_path, *contents, name="x"):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        for k, content in enumerate(contents):
            file.writestr(f"{name}{k}.npy", content)
    return tmp_path / "a.npz"


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
@pytest.mark.parametrize(("fortran", "want"), [
    (False, [[0, 1, 2], [3, 4, 5]]), (True, [[0, 2, 4], [1, 3, 5]])])
def test_a_member_by_rows_or_columns(tmp_path, version, fortran, want):
    content = member("(2, 3)", "'|u1'", bytes(range(6)), version, fortran)
    assert open_npz(archive(tmp_path, content))["x0"].tolist() == want


def test_an_empty_archive_and_arrays_of_nothing(tmp_path):
    assert open_npz(archive(tmp_path)) == {}
    found = open_npz(archive(tmp_path, member("(0, 3)", data=b""), member("()", data=bytes(8))))
    assert found["x0"].shape == (0, 3) and found["x1"].shape == ()


@pytest.mark.parametrize(("content", "says"), [
    (b"hello", "its member 'x0' is no array"),
    (member(version=(3, 0)), r"'x0' is an array of \.npy version 3\.0, which is not supported"),
    (member(descr="'|O'"), "'x0' holds Python objects"),
    (member("(3,)"), r"'x0' has 16 bytes of data for the shape \(3,\) of float64"),
    (member("(20,)"), r"'x0' has the shape \(20,\), for which its \d+ bytes are too few"),
    (member("(1,)"), r"'x0' has 9 bytes of data for the shape \(1,\) of float64"),
    (member("(-1,)"), r"'x0' has the shape \(-1,\)"),
    (member(str((1,) * 17), data=bytes(8)), r"'x0' has the shape \(1, 1, .*are too few"),
    (member(descr="open('x')"), "the header of 'x0' cannot be read")])
def test_members_that_are_none(tmp_path, content, says):
    with pytest.raises(ModelError, match=rf"a\.npz: {says}"):
        open_npz(archive(tmp_path, content))


def test_archives_beyond_the_limits(tmp_path, monkeypatch):
    path = archive(tmp_path, member(), member())
    monkeypatch.setattr(limits, "ARCHIVE_MEMBERS", 2)
    assert len(open_npz(path)) == 2
    monkeypatch.setattr(limits, "ARCHIVE_MEMBERS", 1)
    with pytest.raises(ModelError, match="it has 2 members, more than 1"):
        open_npz(path)


def test_what_is_no_archive(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"a\.npz: this is no \.npz archive"):
        open_npz(tmp_path / "a.npz")
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as file:
        file.writestr("x.npy", member())
        file.writestr("x", member())
    with pytest.raises(ModelError, match="two of its members have one name"):
        open_npz(tmp_path / "b.npz")


def test_samples_of_an_array_alone(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(3))
    assert open_samples(tmp_path / "x.npy")["x"].tolist() == [0, 1, 2]
    np.savez(tmp_path / "x.npz", y=np.arange(2))
    assert open_samples(tmp_path / "x.npz")["y"].tolist() == [0, 1]
