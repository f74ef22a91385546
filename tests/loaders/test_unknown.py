"""Files of no format that is known."""

import pytest

from qhw.errors import ModelError
from qhw.loaders import formats, load
from qhw.loaders.unknown import called


@pytest.mark.parametrize(("content", "says"), [
    (b"PK\3\4" + bytes(30), "a zip archive, such as PyTorch and Keras write"),
    (b"\x89HDF\r\n\x1a\n" + bytes(30), "an HDF5 file"),
    (b"\x80\4\x95" + bytes(30), "a Python pickle"),
    (b"", "an empty file"),
    (b"hello\n", "a text file"),
])
@pytest.mark.parametrize("suffix", ["", ".onnx", ".pt"])
def test_what_is_no_network_is_called_by_its_name(tmp_path, content, says, suffix):
    path = tmp_path / f"net{suffix}"
    path.write_bytes(content)
    with pytest.raises(ModelError) as e:
        load(path)
    line = str(e.value)
    assert f"{path}: this is {says}" in line and "\n" not in line
    assert all(f.what in line for f in formats())

@pytest.mark.parametrize(("head", "what"), [
    (b"PK\3\4", "a zip archive, such as PyTorch and Keras write"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, such as Keras writes"),
    (b"\x80\2", "a Python pickle"), (b"\x80\5", "a Python pickle"), (b"\x80\6", ""),
    (b"\x93NUMPY", "a numpy array"), (b"\x1f\x8b", "a gzip archive"), (b"\x89PNG", "a picture"),
    (b"\x7fELF", "a program"), (b"", "an empty file"), (b"a\tb\r\n\f \xff", "a text file"),
    (b"a\0", ""), (b"\x89HDF\0", "")])
def test_beginnings(head, what):
    assert called(head, text=True) == what
    assert called(head, text=False) == ("" if what == "a text file" else what)
