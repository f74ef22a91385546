"""A trained network on a board: place and route, and the compiled Verilog on test samples."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from qhw.board.clock import Clock
from qhw.design.cycles import predict
from qhw.errors import QhwError
from qhw.estimator.energy import energy_nj
from qhw.fold.goal import Goal
from qhw.synthesis.synth import cells, read_netlist
from qhw.targets.boards import Place, place
from qhw.tools.store import fingerprint
from qhw.verbs.networks import folded
from qhw.verbs.simulation import simulated
from qhw.verilog.design import Design

from ..fastest import BOARDS
from ..fastest_row import placed
from .data import Samples

__all__ = ["SAMPLES", "Built", "row"]

SAMPLES = 64
"""Test samples through the compiled Verilog, of all classes in the order of the test part."""


class Built:
    """A network folded to a pace for a board, behind the board's link, and its first samples.

    Weights stay in memories: as logic, their size would follow a network's numbers, not its scheme.
    """

    def __init__(self, folder: Path, board: str, cycles: int, data: Samples):
        where: Place = place(None, board)
        assert where.board and where.chip
        self.board, self.chip = where.board, where.chip
        self.graph, _ = folded(folder, where, Goal(cycles=cycles, spatial=False), None, None)
        self.clock = Clock.below(where.board, BOARDS[board])
        self.x, self.y = data.test_x[:SAMPLES], data.test_y[:SAMPLES]

    @property
    def design(self) -> str:
        """A name for all that a run is given: the Verilog, the board, the clock, the samples."""
        made = Design.of(self.graph, self.chip, link=self.clock.link)
        return fingerprint(dict(made.files), self.board.name, float(self.clock.mhz), self.x, self.y)

    @property
    def counted(self) -> dict[str, Any]:
        """The part of a row that needs no run."""
        return {"cycles": predict(self.graph).interval,
                "energy_nj": round(energy_nj(self.graph), 2)}


def row(built: Built) -> dict[str, Any]:
    """Places and routes a network once and simulates it; returns the sizes and rates.

    QhwError if the compiled Verilog differs from the golden, or the network does not fit.
    """
    found = simulated(built.graph, built.x, "verilator", trace=False, progress=lambda done: None,
                      chip=built.chip)
    if found.matches != len(built.x):
        raise QhwError(f"{built.graph.name}: the Verilog differs from the golden on "
                       f"{len(built.x) - found.matches} of {len(built.x)} samples")
    with TemporaryDirectory(prefix="qhw-results-") as folder:
        known = placed(built.graph, built.board, built.clock, Path(folder))
        synthesized = cells(read_netlist(Path(folder))["top"], built.chip)
    return {**{kind: count for kind, (count, _) in known.used.items()}, "ffs": synthesized.ffs,
            "mhz": round(known.fmax_mhz, 1), "right": found.correct(built.y),
            "simulated": len(built.x)}
