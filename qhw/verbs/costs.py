"""``estimate`` and ``synth``: what a network takes of a chip, predicted and measured."""

import json
from pathlib import Path
from typing import Any

from ..asic.liberty import check_library, library_record, mapped
from ..estimator import ERRORS
from ..estimator import estimate as estimate_costs
from ..fold.goal import Goal
from ..lower import Folds
from ..report.record import record, shortfalls
from ..synthesis.synth import synthesize
from ..targets.boards import place
from ..tools import programs
from .networks import Model, folded

__all__ = ["error_report", "estimate", "synth"]


def estimate(model: Model, target: str | None = None, *, board: str | None = None,
             goal: Goal | None = None, folds: Folds | None = None,
             cycles: int | None = None) -> dict[str, Any]:
    """The record of a network with its predicted cost on a target, without synthesis."""
    where = place(target, board)
    chip = where.needed
    graph, found = folded(model, where, goal, folds, cycles)
    return _flat(record(graph, chip, estimate=estimate_costs(graph, chip), **found), "estimate")


def error_report() -> dict[str, Any]:
    """How far estimates are from synthesis: relative errors' median and 95th percentile by target,
    and how many block RAM and DSP counts are exact, on networks that no price was fitted to."""
    return json.loads(ERRORS.read_text(encoding="utf-8"))


def synth(model: Model, target: str | None = None, *, board: str | None = None,
          goal: Goal | None = None, folds: Folds | None = None,
          cycles: int | None = None, liberty: Path | None = None) -> dict[str, Any]:
    """The record of a network with its predicted cost and what synthesis measures; for an ASIC also
    with its area in the cells of a Liberty file."""
    where = place(target, board)
    chip = where.needed
    if liberty:
        check_library(liberty, chip)
    graph, found = folded(model, where, goal, folds, cycles)
    if liberty:
        found["library"] = library_record(mapped(graph, chip, liberty), liberty)
    return _flat(record(graph, chip, estimate=estimate_costs(graph, chip),
                        measured=synthesize(graph, chip),
                        tools={"yosys": programs.yosys_version()}, **found), "measured")


def _flat(known: dict[str, Any], which: str) -> dict[str, Any]:
    """A record with the figures in question at its top, and what does not fit."""
    return {**known[which], **known, "shortfalls": shortfalls(known)}
