"""A small network."""

import pytest

import qhw
from tests.tiny import write_tiny


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Its float layers quantized."""
    folder = tmp_path_factory.mktemp("asic")
    qhw.quantize(write_tiny(folder / "float"), "ternary", folder / "tiny")
    return folder / "tiny"
