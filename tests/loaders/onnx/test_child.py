"""The process that computes constants."""

from pathlib import Path

import onnx

from qhw.loaders.onnx import constants as onnx_constants


def test_the_child_has_no_imports_of_ours():
    text = Path(onnx_constants.onnx_child.__file__).read_text(encoding="utf-8")
    assert "from ." not in text and "import qhw" not in text
    assert onnx.__version__
