"""What a folder holds that was built before, and whether it answers what is asked now."""

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from ..errors import ModelError, QhwError
from ..fold.goal import Goal
from ..graph import Graph
from ..link.link import identity
from ..lower.fold import Folds
from ..targets.boards import Board
from ..tools.files import check_whole
from ..tools.outside import json_of
from .clock import Clock

__all__ = ["built_before", "differences"]

LIMITS = {"luts": "LUTs", "brams": "block RAMs", "dsps": "DSP blocks"}


def built_before(folder: Path, graph: Graph, board: Board, *, chosen: bool, **asked: Any
                 ) -> dict[str, Any] | None:
    """The record of what a folder holds if it answers what is asked, as ``differences`` takes it;
    None if it is to be built: nothing is there, or nobody has ``chosen`` this folder. QhwError says
    what differs in one that was."""
    if not folder.exists() or folder.is_dir() and not any(folder.iterdir()):
        return None
    known = _record(folder)
    wrong = differences(known, graph, board, **asked)
    if wrong and chosen:
        raise QhwError(f"{folder}: {'; '.join(wrong)}; build it anew, or name another folder")
    return None if wrong else known


def _record(folder: Path) -> dict[str, Any]:
    """The record of a folder with a bitstream; QhwError if qhw did not write it, or if bitstream or
    record are not as they were written."""
    check_whole(folder, ["report.json"])
    known: Any = json_of(folder / "report.json")
    placed = known.get("place") or {}
    if not placed.get("bitstream"):
        raise QhwError(f"{folder}: {known['name']} was built there for no board that qhw programs")
    check_whole(folder, [placed["bitstream"]])
    return known


def differences(known: Mapping[str, Any], graph: Graph, board: Board, *, baud: int | None = None,
                goal: Goal | None = None, folds: Folds | None = None, cycles: int | None = None
                ) -> list[str]:
    """What of a record is not as it is asked for: the network, which is lowered but need not be
    folded, the board, and each of the others that is given."""
    return list(_differences(known, graph, board, baud, goal or Goal(), folds or {}, cycles))


def _differences(known: Mapping[str, Any], graph: Graph, board: Board, baud: int | None,
                 goal: Goal, folds: Folds, cycles: int | None) -> Generator[str]:
    placed = known["place"]
    if placed["board"] != board.name:
        yield f"it is for {placed['board']} and not for {board.name}"
        return
    if placed.get("network") != identity(graph).hex():
        yield f"its network {known['name']} computes something else than {graph.name}"
    if baud and placed["baud"] != baud:
        yield f"its link has {placed['baud']} baud and not {baud}"
    if goal.clock_mhz and not _at(placed, board, goal.clock_mhz):
        yield f"its clock is {placed['clock_mhz']:g} MHz and not {goal.clock_mhz:g}"
    if goal.fps and placed["inferences_per_second"] < goal.fps:
        yield (f"it makes {placed['inferences_per_second']:.10g} inferences/s and not "
               f"{goal.fps:.10g}")
    most = min(filter(None, (goal.cycles, cycles)), default=None)
    if most and known["cycles_per_inference"] > most:
        yield f"an inference takes {known['cycles_per_inference']} cycles and not {most}"
    for kind, word in LIMITS.items():
        limit = getattr(goal, kind)
        if limit is not None and known["estimate"][kind] > limit:
            yield f"its estimate is {known['estimate'][kind]} {word} and not {limit}"
    for name, asked in folds.items():
        folded = known["settings"]["folds"].get(name)
        if folded is None or tuple(folded) != asked:
            yield f"layer {name!r} is not known to be folded like that"


def _at(placed: Mapping[str, Any], board: Board, mhz: float) -> bool:
    try:
        return Clock.below(board, mhz).hz == placed["clock_hz"]
    except ModelError:
        return False
