"""Arrays beside a description."""

import zipfile

import numpy as np
import pytest

from qhw import limits
from qhw.errors import ModelError
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
