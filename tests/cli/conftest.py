"""Digits that commands read."""

import numpy as np
import pytest

from qhw.loaders import shipped


@pytest.fixture
def digits(tmp_path):
    """Eight digits with their labels."""
    with np.load(shipped()["digits-ternary"].parent / "digits" / "test.npz") as file:
        np.savez(tmp_path / "x.npz", x=file["x"][:8], y=file["y"][:8])
    return tmp_path / "x.npz"
