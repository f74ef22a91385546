"""Activation functions with parameters, against ONNX Runtime and ONNX's reference."""

import pytest

from tests.loaders.onnx.onnx_cases import agrees, runs_of


@pytest.mark.parametrize(("case", "opset"), runs_of("curves"))
def test_every_attribute_in_every_version(case, opset, tmp_path):
    agrees(case, opset, tmp_path)
