"""Earlier builds in a folder, and whether they match the arguments."""

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

from ..board.bitstream import OnBoard
from ..board.clock import Clock
from ..errors import ModelError, QhwError
from ..fold.goal import Goal
from ..graph import AnyFolds, Fold, Graph, as_folds
from ..link.link import identity
from ..report.record import Record
from ..targets.boards import Board
from ..targets.cost import SITES
from ..tools.files import check_whole
from ..tools.outside import json_of
from ..tools.typed import read

__all__ = ["Asked", "built_before", "differences"]


@dataclass(frozen=True)
class Asked:
    """The arguments of a build; None or an empty mapping matches any build."""

    baud: int | None = None
    goal: Goal = field(default_factory=Goal)
    folds: AnyFolds = field(default_factory=dict[str, Fold])
    cycles: int | None = None
    """Most cycles between two inferences."""


def built_before(folder: Path, graph: Graph, board: Board, *, chosen: bool, asked: Asked
                 ) -> Record | None:
    """Returns the record of an earlier build if it matches; None if a build is needed.

    A build is needed if the folder is empty, or differs and was not ``chosen``. QhwError names the
    differences of a chosen folder.

    Parameters
    ----------
    folder : folder of the build
    graph : the lowered graph
    board : the board
    chosen : whether the user named the folder
    asked : the other arguments
    """
    if not folder.exists() or folder.is_dir() and not any(folder.iterdir()):
        return None
    known = _record(folder)
    wrong = differences(known, graph, board, asked)
    if wrong and chosen:
        raise QhwError(f"{folder}: {'; '.join(wrong)}; build it anew, or name another folder")
    return None if wrong else known


def _record(folder: Path) -> Record:
    """The record of a folder with a bitstream; QhwError if qhw did not write it, or if bitstream or
    record are not as they were written."""
    check_whole(folder, ["report.json"])
    try:
        known = read(Record, json_of(folder / "report.json"))
    except ValueError as e:
        raise QhwError(f"{folder / 'report.json'}: another version of qhw wrote it: {e}") from None
    if not known.place or not known.place.bitstream:
        raise QhwError(f"{folder}: its build of {known.name} has no bitstream to program")
    check_whole(folder, [known.place.bitstream])
    return known


def differences(known: Record, graph: Graph, board: Board, asked: Asked) -> list[str]:
    """Lists the differences between a build and the arguments.

    Parameters
    ----------
    known : record of the build
    graph : the lowered graph; its folds need not be set
    board : the board
    asked : the other arguments
    """
    return list(_differences(known, graph, board, asked))


def _differences(known: Record, graph: Graph, board: Board, asked: Asked) -> Generator[str]:
    placed, goal = known.place, asked.goal
    assert isinstance(placed, OnBoard)
    if placed.board != board.name:
        yield f"it is for {placed.board} and not for {board.name}"
        return
    if placed.network != identity(graph).hex():
        yield f"its network {known.name} computes something else than {graph.name}"
    if asked.baud and placed.baud != asked.baud:
        yield f"its link has {placed.baud} baud and not {asked.baud}"
    if goal.clock_mhz and not _at(placed, board, goal.clock_mhz):
        yield f"its clock is {placed.clock_mhz:g} MHz and not {goal.clock_mhz:g}"
    if goal.fps and placed.inferences_per_second < goal.fps:
        yield (f"it makes {placed.inferences_per_second:.10g} inferences/s and not "
               f"{goal.fps:.10g}")
    most = min(filter(None, (goal.cycles, asked.cycles)), default=None)
    if most and known.cycles_per_inference > most:
        yield f"an inference takes {known.cycles_per_inference} cycles and not {most}"
    for kind, word in SITES.items():
        limit, estimate = getattr(goal, kind), getattr(known.estimate, kind)
        if limit is not None and estimate > limit:
            yield f"its estimate is {estimate} {word} and not {limit}"
    for name, fold in as_folds(asked.folds).items():
        if known.settings.folds.get(name) != fold.numbers:
            yield f"layer {name!r} is not known to be folded like that"


def _at(placed: OnBoard, board: Board, mhz: float) -> bool:
    try:
        return Clock.below(board, mhz).hz == placed.clock_hz
    except ModelError:
        return False
