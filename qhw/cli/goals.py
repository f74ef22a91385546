"""Options of all commands that make hardware: the target or board, and how to fold."""

from math import inf
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from ..errors import QhwError
from .completion import boards, targets
from .options import Cycles, Fold, folds, grouped
from .terminal import out

if TYPE_CHECKING:
    from ..fold.goal import Goal, Reached
    from ..graph import AnyFolds, Spatial

__all__ = ["To", "needed_board", "placed", "print_goal"]


class To(TypedDict):
    """Arguments of the verbs for the target and the fold."""

    target: str | None
    board: str | None
    goal: "Goal | None"
    folds: "AnyFolds | None"
    cycles: int | None
    """Most cycles between two inferences."""


def _to(target: Annotated[str | None, typer.Option(
            autocompletion=targets,
            help="chip to build for; sets memory placement and cost; see `qhw targets`")
        ] = None,
        board: Annotated[str | None, typer.Option(
            autocompletion=boards,
            help="board to build for; folds are chosen to fit its chip; see `qhw boards`")] = None,
        fit: Annotated[bool, typer.Option(
            "--fit", help="the fastest folds that fit the target")] = False,
        fps: Annotated[float | None, typer.Option(
            help="inferences/s to reach, with the least hardware")] = None,
        clock: Annotated[float | None, typer.Option(
            metavar="MHZ", help="clock in MHz for --fps, for the registers of products, also with "
                                "--spatial, and for a board's bitstream (default: the "
                                "oscillator's for --fps, the fastest for the bitstream)")] = None,
        max_luts: Annotated[int | None, typer.Option(min=0, help="limit of LUTs")] = None,
        max_brams: Annotated[int | None, typer.Option(min=0, help="limit of block RAMs")] = None,
        max_dsps: Annotated[int | None, typer.Option(min=0, help="limit of DSP blocks")] = None,
        spatial: Annotated[bool | None, typer.Option(
            "--spatial/--no-spatial", help="make logic of all weights, for one inference a cycle; "
                                           "with a rate or limits, only in layers where it is "
                                           "better, or in none (default: where it is better)"
            )] = None,
        cycles: Cycles = None, fold: Fold = None) -> To:
    """Makes the verbs' arguments from the options."""
    from ..fold.goal import Goal
    from ..lower.fold import EVERY
    limits = {"luts": max_luts, "brams": max_brams, "dsps": max_dsps}
    chosen = fit or fps is not None or any(n is not None for n in limits.values())
    asked = folds(fold)
    mixed = bool(spatial and (chosen or cycles is not None))
    if spatial and not mixed:
        asked = {EVERY: _logic(clock, target, board), **(asked or {})}
    if mixed and not (target or board):
        raise QhwError("--spatial with a rate or limits needs costs: add --target or "
                       "--board")
    searched = chosen or bool(cycles and (target or board)) or bool(board and (clock or not asked))
    if clock is not None and not searched and not spatial:
        raise QhwError("--clock needs --fps, --cycles, --fit, limits, a board, or --spatial")
    if spatial is False and not searched:
        raise QhwError("--no-spatial needs --fps, --cycles, --fit, limits, or a board")
    goal = (Goal(fps=fps, clock_mhz=clock, cycles=cycles, spatial=mixed or spatial, **limits)
            if searched else None)
    return {"target": target, "board": board, "goal": goal, "folds": asked,
            "cycles": None if goal else cycles}


def _logic(clock: float | None, target: str | None, board: str | None) -> "Spatial":
    """Weights as logic, with as many adders between registers as a clock leaves time for."""
    from ..graph import Spatial
    from ..targets.boards import place
    from ..targets.timing import adders_within
    if clock is None:
        return Spatial()
    if not 0 < clock < inf:
        raise QhwError(f"--clock must be more than 0 MHz, and {clock:g} is not")
    return Spatial(adders_within(clock, place(target, board).needed.delays))


placed = grouped("to", _to)
"""Adds the target and fold options to a command, which receives them as ``to``."""


def needed_board(to: To) -> str:
    """Returns the board's name; BadParameter if no board, or both a board and a target, are
    given."""
    if to["target"] is not None or to["board"] is None:
        raise typer.BadParameter("name the board", param_hint="--board")
    return to["board"]


def print_goal(known: "Reached | None") -> None:
    """Prints the result of the search for folds."""
    if known is None:
        return
    cycles, bound = known.cycles, known.bound
    rate = f", {known.fps:.10g} a second at {known.clock_mhz:g} MHz" if known.fps else ""
    if "cycles" in bound:
        best = ("no folds that fit are faster" if known.exact else
                f"no folds that fit take less than {bound['cycles']}")
    else:
        best = ("no folds take less hardware" if known.exact else
                f"no folds take less than {bound['hardware'] / known.hardware:.1%} of it")
    out.print(f"Folded for an inference every {cycles} cycles{rate}; {best}")
    if known.limits["luts"] is not None:
        kept = known.reserve.luts
        out.print(f"The estimate may be {known.limits['luts']} LUTs: {known.margin:.0%}"
                  f" is left for its error" + (f", and {kept} for the link" if kept else ""))
