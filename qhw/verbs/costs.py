"""``estimate`` and ``synth``: the resources of a network on a chip, predicted and measured."""

from dataclasses import replace
from pathlib import Path

from ..asic.liberty import check_library, library_record, mapped
from ..estimator import estimate as estimate_costs
from ..estimator.errors import ErrorReport, error_report
from ..fold.goal import Goal
from ..graph import AnyFolds
from ..report.record import Record
from ..report.recording import record
from ..synthesis.synth import synthesize
from ..targets.boards import place
from ..tools import programs
from .networks import Model, folded

__all__ = ["ErrorReport", "error_report", "estimate", "synth"]


def estimate(model: Model, target: str | None = None, *, board: str | None = None,
             goal: Goal | None = None, folds: AnyFolds | None = None,
             cycles: int | None = None) -> Record:
    """Predicts a network's cost on a target, without synthesis; returns the record.

    Parameters
    ----------
    model : path or name of the network, or a graph
    target : name of the chip
    board : name of the board
    goal : rate and limits of the folds
    folds : folds by layer
    cycles : cycles of an inference

    Raises
    ------
    ModelError : if the network cannot be built, or there is no such target or board

    Examples
    --------
    >>> known = qhw.estimate("digits-binary", "ice40up5k", folds={"fc1": (4, 8)})
    >>> known.layer("fc1").pe, known.total.dsps, known.cycles
    (4, 0, 256)
    """
    where = place(target, board)
    chip = where.needed
    graph, reached = folded(model, where, goal, folds, cycles)
    known = record(graph, chip, estimate=estimate_costs(graph, chip))
    return replace(known, goal=reached, shortfalls=known.missing())


def synth(model: Model, target: str | None = None, *, board: str | None = None,
          goal: Goal | None = None, folds: AnyFolds | None = None,
          cycles: int | None = None, liberty: Path | None = None) -> Record:
    """Predicts a network's cost and measures it by synthesis; returns the record.

    Parameters
    ----------
    model : path or name of the network, or a graph
    target : name of the chip
    board : name of the board
    goal : rate and limits of the folds
    folds : folds by layer
    cycles : cycles of an inference
    liberty : Liberty file of an ASIC's cells, for the area

    Raises
    ------
    ModelError : if the network cannot be built, or there is no such target or board
    ToolError : if Yosys fails

    Examples
    --------
    >>> known = qhw.synth("digits-binary", "ice40up5k")          # doctest: +SKIP
    >>> known.measured == known.total, known.shortfalls          # doctest: +SKIP
    (True, ())
    """
    where = place(target, board)
    chip = where.needed
    if liberty:
        check_library(liberty, chip)
    graph, reached = folded(model, where, goal, folds, cycles)
    library = library_record(mapped(graph, chip, liberty), liberty) if liberty else None
    known = record(graph, chip, estimate=estimate_costs(graph, chip),
                   measured=synthesize(graph, chip), tools={"yosys": programs.yosys_version()})
    return replace(known, goal=reached, library=library, shortfalls=known.missing())
