"""``flash`` and ``run``: a network on a board, and answers from it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..board import flash as programmer
from ..board.built import built_before
from ..board.on_board import SIM, infer
from ..fold.goal import Goal
from ..link.host import Rates
from ..link.link import About
from ..lower import Folds
from ..names import file_name
from ..simulators.golden import golden, host
from ..targets.boards import place
from .hardware import build
from .networks import Model, folded, lowered
from .simulation import Simulation, equal

__all__ = ["Inference", "flash", "run"]


def flash(model: Model, *, board: str, output: str | Path | None = None, keep: bool = False,
          goal: Goal | None = None, folds: Folds | None = None, cycles: int | None = None,
          baud: int | None = None, **more: Any) -> dict[str, Any]:
    """Programs a board with the network, with ``keep`` its flash memory. Returns the record with
    ``flashed``, what was run, and ``built``, whether that was needed.

    What lies in the folder ``output`` is programmed if it answers what is asked, and never built
    anew: QhwError says what differs. ``build/NAME-BOARD`` is built if it does not answer."""
    where = place(None, board, baud)
    assert where.board
    programmer.check(where.board)
    graph = lowered(model, None, None, where.chip)
    folder = Path(output or Path("build", file_name(f"{graph.name}-{board}")))
    before = built_before(folder, graph, where.board, chosen=output is not None, baud=baud,
                          goal=goal, folds=folds, cycles=cycles)
    known = before or build(model, folder, board=board, goal=goal, folds=folds, cycles=cycles,
                            baud=baud, **more)
    flashed = programmer.flash(where.board, folder / known["place"]["bitstream"], keep=keep)
    return {**known, "flashed": flashed, "built": before is None}


@dataclass(frozen=True, eq=False)
class Inference(Simulation):
    """What a board says of N samples."""

    checked: bool = False
    """Whether it was compared with the golden; if not, nothing matches."""
    about: About | None = None
    """What the board says of itself."""
    rates: Rates | None = None
    """What the samples took on the line."""


def run(model: Model, x: np.ndarray, *, port: str, board: str, baud: int | None = None,
        check: bool = False, patience: float = 10.0, goal: Goal | None = None,
        folds: Folds | None = None, cycles: int | None = None,
        progress: Callable[[int], None] = lambda done: None) -> Inference:
    """Inference on the board at a serial port, or at ``sim`` on a simulated one, which is folded as
    ``build`` folds it. ``patience`` are the seconds after which a silent board counts as gone."""
    where = place(None, board)
    assert where.board
    graph, found = (folded(model, where, goal, folds, cycles) if port == SIM else
                    (lowered(model, folds, None, where.chip), dict[str, Any]()))
    got = infer(graph, x, where.board, port, baud=baud, patience=patience, progress=progress,
                clock_mhz=goal.clock_mhz if goal else None)
    matches = int(equal(got.codes, golden(graph, x)[graph.hardware.output.name]).sum()
                  ) if check else 0
    return Inference(host(graph, got.codes), got.codes, got.cycles, got.rates.seconds, matches, {},
                     checked=check, about=got.about, rates=got.rates, **found)
