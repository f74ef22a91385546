"""Files of no format that is known."""

import pytest

from qhw.errors import ModelError
from qhw.loaders import formats, load


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
