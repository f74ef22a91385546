"""Descriptions written anew: the codes are there, the float weights gone, all else as before."""

import io
import tomllib

import numpy as np
import pytest

from qhw.graph.source import Recoded
from qhw.loaders import format_of
from tests.tiny import write_tiny

CODES = np.arange(32).reshape(4, 8) % 2


@pytest.mark.parametrize("table", [{}, {"table": np.array([3, 1])}])
def test_one_layer_is_recoded(tmp_path, table):
    folder = write_tiny(tmp_path / "tiny")
    layer = Recoded({"name": "binary", "scale": "one"},
                    {"codes": CODES, "scale": np.ones(4), **table})
    found = format_of(folder).recoded(folder, {"fc1": layer})
    before, after = (tomllib.loads(text) for text in (
        (folder / "model.toml").read_text(), found["model.toml"]))
    assert after["layer"][0].pop("scheme") == {"name": "binary", "scale": "one"}
    assert before["layer"][0].pop("scheme") == "float" and before == after
    arrays = np.load(io.BytesIO(found["weights.npz"]))
    assert set(arrays) == {"fc1.codes", "fc1.scale", "fc2.weight", *(f"fc1.{k}" for k in table)}
    assert np.array_equal(arrays["fc1.codes"], CODES)
    assert np.array_equal(arrays["fc2.weight"], np.load(folder / "weights.npz")["fc2.weight"])
