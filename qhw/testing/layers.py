"""Laws of layers."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from ..exact.num import Int
from ..targets import targets
from ..tools.files import write_npz
from ..verbs import estimate, simulate
from ..verbs.simulation import Engine

__all__ = ["LayerLaws"]

SAMPLES = 40


class LayerLaws:
    """Laws that hold for every layer; a subclass sets ``table`` and defines ``wanted``."""

    table: str
    """The layer as ``model.toml`` has it, an inline table such as ``{ name = "y", type = "abs" }``.
    """
    shape: tuple[int, ...] = (8,)
    """The input's shape without the batch."""
    codes: Int = Int(-16, 15)
    """Interval of the input's codes."""
    scale: float = 0.25
    """Worth of a step of the input."""
    arrays: ClassVar[Mapping[str, np.ndarray]] = {}
    """Arrays of ``weights.npz``, by name."""

    def wanted(self, x: np.ndarray) -> np.ndarray:
        """Computes the layer in reals, (samples, any) from (samples, *shape); exact where doubles
        are."""
        raise NotImplementedError

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        """A network of the layer alone."""
        folder = tmp_path / "law"
        folder.mkdir()
        (folder / "model.toml").write_text(
            f'schema = 1\nname = "law"\nlayer = [{self.table}]\n\n[input]\n'
            f"shape = {list(self.shape)}\nrange = [{self.codes.lo}, {self.codes.hi}]\n"
            f"scale = {self.scale}\n", encoding="utf-8")
        write_npz(folder / "weights.npz", self.arrays)
        return folder

    def samples(self) -> np.ndarray:
        """Makes codes, (samples, *shape): the corners, then random ones."""
        lo, hi = self.codes.lo, self.codes.hi
        rng = np.random.default_rng(0)
        x = rng.integers(lo, hi + 1, (SAMPLES, *self.shape))
        x[0], x[1] = lo, hi
        flat = x.reshape(SAMPLES, -1)
        flat[2] = np.where(np.arange(flat.shape[1]) % 2, lo, hi)
        return x

    def test_the_golden_is_the_formula(self, path: Path) -> None:
        """The reals that the golden's integers stand for are those of ``wanted``."""
        x = self.samples()
        found = simulate(path, x).y
        want = np.asarray(self.wanted(x * self.scale), float)
        assert np.array_equal(np.reshape(found, want.shape), want)

    @pytest.mark.parametrize("engine", ["amaranth", "verilator"])
    @pytest.mark.parametrize("stalls", [None, 3])
    def test_every_simulator_is_the_golden(self, path: Path, engine: Engine,
                                           stalls: int | None) -> None:
        """The integers are the same at every boundary, with and without pauses at both ends.

        Parameters
        ----------
        path, engine, stalls : the network, the simulator, and the seed of pauses or None"""
        x = self.samples()
        ran = simulate(path, x, engine=engine, trace=True, stalls=stalls)
        assert ran.matches == len(x)

    def test_it_has_a_price_on_every_chip(self, path: Path) -> None:
        """The estimate of each unit is there."""
        for chip in targets():
            assert all(layer.cost for layer in estimate(path, target=chip.name).layers)
