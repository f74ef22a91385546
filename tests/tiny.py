"""A float network of 8 inputs and 3 classes, and samples that it knows how to tell apart."""

from pathlib import Path

import numpy as np

TOML = """
schema = 1
name = "tiny"
layer = [
    { name = "fc1", type = "dense", units = 4, scheme = "float" },
    { name = "act1", type = "quantize", bits = 4, signed = true, scale = 0.25 },
    { name = "fc2", type = "dense", units = 3, scheme = "float" },
    { name = "class", type = "argmax" },
]

[input]
shape = [8]
range = [0, 15]
scale = 0.0625
"""


def write_tiny(folder: Path, seed: int = 0) -> Path:
    """The description, whose weights the seed decides."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    (folder / "model.toml").write_text(TOML)
    np.savez(folder / "weights.npz", **{"fc1.weight": rng.normal(size=(4, 8)),
                                        "fc2.weight": rng.normal(size=(3, 4))})
    return folder


def tiny_samples(count: int = 40) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return rng.integers(0, 16, (count, 8)), rng.integers(0, 3, count)
