"""``flash`` and ``run``: a network on a board, and answers from it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..board import flash as programmer
from ..board.on_board import SIM, infer
from ..fold.goal import Goal, Reached
from ..graph import AnyFolds
from ..layers.heads import labelled
from ..link.host import Rates
from ..link.link import About
from ..names import file_name
from ..report.record import Record
from ..simulators.golden import host, outputs
from ..targets.boards import place
from ..tools.typed import Maybe
from .built import Asked, built_before
from .hardware import build
from .networks import Model, folded, lowered
from .simulation import Simulation, equal

__all__ = ["Inference", "Ran", "flash", "run"]


def flash(model: Model, *, board: str, output: str | Path | None = None, keep: bool = False,
          goal: Goal | None = None, folds: AnyFolds | None = None, cycles: int | None = None,
          baud: int | None = None, check: bool = True, command: str | None = None) -> Record:
    """Programs a board; returns the record with ``flashed``, the command that ran, and ``built``,
    whether a build was needed.

    A build in the folder ``output`` is used if it matches the arguments. Without ``output``,
    ``build/NAME-BOARD`` is built if needed.

    Parameters
    ----------
    model : path or name of the network, or a graph
    board : name of the board
    output : folder of a build
    keep : whether to write flash memory, which survives power-off
    goal : rate and limits of the folds
    folds : folds by layer
    cycles : cycles of an inference
    baud : rate of the link in baud
    check : whether the Verilog is checked against the golden
    command : the command line, for the record

    Raises
    ------
    QhwError : if the build in ``output`` differs from the arguments, which it names
    ToolError : if no programmer of the board is installed, or it fails

    Examples
    --------
    >>> qhw.flash("digits-binary", board="icebreaker", keep=True)   # doctest: +SKIP
    """
    where = place(None, board, baud)
    assert where.board
    programmer.check(where.board)
    graph = lowered(model, None, None, where.chip)
    folder = Path(output or Path("build", file_name(f"{graph.name}-{board}")))
    before = built_before(folder, graph, where.board, chosen=output is not None,
                          asked=Asked(baud, goal or Goal(), folds or {}, cycles))
    known = before or build(model, folder, board=board, goal=goal, folds=folds, cycles=cycles,
                            baud=baud, check=check, command=command)
    assert known.place
    assert known.place.bitstream
    flashed = programmer.flash(where.board, folder / known.place.bitstream, keep=keep)
    return replace(known, flashed=flashed, built=before is None, folder=folder)


@dataclass(frozen=True)
class Ran:
    """The result of ``qhw run``, which it prints as JSON."""

    samples: int
    cycles: int | None
    """Cycles of a simulated board."""
    seconds: float
    samples_per_second: float
    matches_golden: bool | None
    """None if nothing was compared."""
    network: str
    """Identity of the network on the board, in hex."""
    window: int
    """Samples that the board takes before it answers."""
    baud: int
    rates: Rates
    goal: Maybe[Reached] = None
    correct: Maybe[int] = None
    """Samples whose class is right."""


@dataclass(frozen=True, eq=False)
class Inference(Simulation):
    """A board's answers to N samples, and the record of the run."""

    checked: bool = False
    """Whether it was compared with the golden; if not, nothing matches."""
    about: About | None = None
    """The board's identification."""
    rates: Rates | None = None
    """Counts of the transfer."""

    def ran(self, labels: np.ndarray | None) -> Ran:
        """Makes the result of ``qhw run``; ``labels`` (N,) are the true classes, or None."""
        about, rates, samples = self.about, self.rates, len(self.codes)
        assert about
        assert rates
        return Ran(samples, self.cycles, self.seconds, samples / max(self.seconds, 1e-9),
                   self.matches == samples if self.checked else None, about.network.hex(),
                   about.window, about.baud, rates, self.goal,
                   None if labels is None else self.correct(labels))


def run(model: Model, x: np.ndarray, *, port: str, board: str, baud: int | None = None,
        check: bool = False, patience: float = 10.0, goal: Goal | None = None,
        folds: AnyFolds | None = None, cycles: int | None = None,
        progress: Callable[[int], None] = lambda done: None) -> Inference:
    """Infers on the board at a serial port, or at ``sim`` on a simulated one.

    Parameters
    ----------
    model : path or name of the network, or a graph
    x : samples (N, *shape)
    port : path of the serial port, or ``sim``
    board : name of the board
    baud : rate of the link in baud
    check : whether to compare every answer with the golden
    patience : seconds after which a silent board counts as gone
    goal : rate and limits of the folds
    folds : folds by layer
    cycles : cycles of an inference
    progress : called with the number of samples done

    Raises
    ------
    ModelError : if the samples do not fit the model
    QhwError : if the board is silent, or has another network

    Examples
    --------
    >>> qhw.run("digits-binary", x, port="/dev/ttyUSB1", board="icebreaker",
    ...         check=True).matches                                 # doctest: +SKIP
    """
    where = place(None, board)
    assert where.board
    graph, reached = (folded(model, where, goal, folds, cycles) if port == SIM else
                      (lowered(model, folds, None, where.chip), None))
    got = infer(graph, x, where.board, port, baud=baud, patience=patience, progress=progress,
                clock_mhz=goal.clock_mhz if goal else None)
    matches = int(equal(got.codes, outputs(graph, x)).sum()) if check else 0
    return Inference(host(graph, got.codes), got.codes, got.cycles, got.rates.seconds, matches, {},
                     checked=check, about=got.about, rates=got.rates, goal=reached,
                     labelled=labelled(graph))
