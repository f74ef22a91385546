"""``build``: a folder with a network's Verilog, proven, and on a board with its bitstream."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..asic.librelane import Asic
from ..asic.tinytapeout import TinyTapeout, asic_files
from ..board.bitstream import bitstream
from ..board.project import project
from ..design.top import prefixed
from ..errors import ModelError, QhwError
from ..estimator import estimate as estimate_costs
from ..fold.goal import Goal
from ..graph import Graph
from ..lower import Folds
from ..report.record import record, shortfalls
from ..report.report import report_html
from ..simulators import selfcheck
from ..synthesis.synth import synthesize
from ..targets import Target
from ..targets.boards import Board, place
from ..targets.cost import Cost
from ..tools import programs
from ..tools.files import MANIFEST, check_folder, write_folder
from ..verilog.about import metadata
from ..verilog.design import Design
from .networks import Model, described, folded
from .simulation import simulated

__all__ = ["build"]


def build(model: Model, output: str | Path, *, target: str | None = None,
          board: str | None = None, goal: Goal | None = None, folds: Folds | None = None,
          cycles: int | None = None, baud: int | None = None, measure: bool = False,
          x: np.ndarray | None = None, labels: np.ndarray | None = None,
          asic: Asic | TinyTapeout | None = None, prefix: str | None = None, check: bool = True,
          progress: Callable[[int], None] = lambda done: None, **more: Any) -> dict[str, Any]:
    """Verilog, weights, metadata and report in the folder ``output``; returns the record.

    On a board there is also a bitstream, of the network behind a serial line, at the clock of
    ``goal`` or the fastest that place and route allows. With ``measure`` the report has the
    synthesized cost too. Samples ``x`` go through the compiled Verilog, must equal the golden at
    every layer, and tell the report where streams stall, and with ``labels`` how many classes are
    right. ``asic`` asks for what an open ASIC flow needs. Modules' and memory files' names begin
    with ``prefix``, or the network's name. ``more`` joins the record as it is.

    Without ``check`` the Verilog is written unproven; with it, QhwError if the compiled Verilog
    differs from the golden, or the golden from the file's own framework.
    """
    check_folder(Path(output))
    where = place(target, board, baud)
    given = described(model)
    graph, found = folded(prefixed(given, prefix), where, goal, folds, cycles)
    chip = where.chip
    if measure and chip is None:
        raise ModelError("Synthesis needs a target")
    files, added = asic_files(graph, chip, asic) if asic else (
        Design.of(graph, chip).files, {})
    texts: dict[str, str | bytes] = {**files}
    texts["metadata.json"] = json.dumps(metadata(graph), indent=2) + "\n"
    costs = estimate_costs(graph, chip) if chip else None
    known = record(graph, chip, estimate=costs,
                   measured=synthesize(graph, chip) if chip and measure else None,
                   tools={"yosys": programs.yosys_version()} if measure else {},
                   **added, **found, **more)
    if missing := shortfalls(known):
        raise ModelError(f"{graph.name}: {missing[0]}; fold it smaller, or build it for another "
                         f"target or for none")
    known["check"] = selfcheck.check(graph, chip, given, inline=asic is not None,
                                     progress=progress) if check else None
    if x is not None:
        known |= _proven(graph, x, labels, chip, progress)
    if where.board and costs:
        made, known["place"] = _on_board(graph, where.board, goal or Goal(), costs)
        texts |= made
    known["files"] = sorted([*texts, "report.json", "report.html", MANIFEST])
    texts["report.json"] = json.dumps(known, indent=2) + "\n"
    texts["report.html"] = report_html(known)
    write_folder(Path(output), texts)
    return known


def _on_board(graph: Graph, board: Board, goal: Goal, costs: Mapping[str, Cost]
              ) -> tuple[Mapping[str, str | bytes], dict[str, Any]]:
    """The bitstream or the project, with what is known of it; ModelError if it is slower than the
    goal."""
    make = bitstream if board.open_tools else project
    made, known = make(graph, board, clock_mhz=goal.clock_mhz,
                       estimate=sum(costs.values(), Cost()))
    if goal.fps and known["inferences_per_second"] < goal.fps:
        raise ModelError(f"{graph.name}: at the {known['clock_mhz']:g} MHz that {board.name} "
                         f"reaches it makes {known['inferences_per_second']:.10g} inferences/s and "
                         f"not {goal.fps:.10g}; ask for them at this --clock")
    return made, known


def _proven(graph: Graph, x: np.ndarray, labels: np.ndarray | None, chip: Target | None,
            progress: Callable[[int], None]) -> dict[str, Any]:
    """What the record says of samples through the compiled Verilog."""
    found = simulated(graph, x, "verilator", trace=True, progress=progress, chip=chip)
    if found.matches != len(x):
        raise QhwError(f"{graph.name}: the Verilog differs from the golden on "
                       f"{len(x) - found.matches} of {len(x)} samples")
    known: dict[str, Any] = {"simulation": {
        "engine": "verilator", "samples": len(x), "matches": found.matches,
        "cycles": found.cycles, "seconds": round(found.seconds, 2), "activity": found.activity}}
    if labels is not None and (correct := found.correct(labels)) is not None:
        known["accuracy"] = {"correct": correct, "samples": len(x)}
    return known
