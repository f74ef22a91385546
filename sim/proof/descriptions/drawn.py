"""A drawn description: its text, its arrays and its samples."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

__all__ = ["Drawn"]


@dataclass
class Drawn:
    """A description, its arrays, its samples, and what its layers are shaped like."""

    seed: int
    text: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    x: np.ndarray = field(default_factory=lambda: np.zeros(0))
    taken: list[str] = field(default_factory=list)
    """Layers whose weights are of a scheme that is not decoded here."""

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.toml").write_text(tomli_w.dumps(self.text), encoding="utf-8")
        np.savez(folder / "weights.npz", **self.arrays)
        np.savez(folder / "x.npz", x=self.x)
        return folder
