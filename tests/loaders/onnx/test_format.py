"""Which files are ONNX models."""

import pytest

from qhw.errors import ModelError
from qhw.loaders import load


def test_other_protocol_buffers_are_no_onnx_models(tmp_path):
    """Not without a graph, nor with a field that a model does not have."""
    path = tmp_path / "saved_model.pb"
    for content in (b"\x08\1\x12\2ab", b"\x3a\2ab\x7a\1a", b"\x3a\7ab", b"\x08"):
        path.write_bytes(content)
        with pytest.raises(ModelError, match="a file of no format that is known"):
            load(path)
