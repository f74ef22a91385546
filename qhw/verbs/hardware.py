"""``build``: writes a network's Verilog, checked against the golden, and on a board its
bitstream."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..asic.librelane import Asic, Clocked
from ..asic.tinytapeout import Tapeout, TinyTapeout, asic_files
from ..board.bitstream import OnBoard, bitstream
from ..board.project import Project, project
from ..bus import Wrap
from ..bus.wrap import bus_name, wrapped
from ..design.top import prefixed
from ..errors import ModelError, QhwError
from ..estimator import estimate as estimate_costs
from ..fold.goal import Goal
from ..graph import AnyFolds, Graph
from ..report.record import Accuracy, Activity, Record, Simulated
from ..report.recording import record
from ..report.report import report_html
from ..report.rows import Comparison
from ..simulators import selfcheck
from ..simulators.testbench import benches
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
          board: str | None = None, goal: Goal | None = None, folds: AnyFolds | None = None,
          cycles: int | None = None, baud: int | None = None, measure: bool = False,
          x: np.ndarray | None = None, labels: np.ndarray | None = None,
          asic: Asic | TinyTapeout | None = None, prefix: str | None = None,
          wrap: Wrap | None = None, check: bool = True,
          progress: Callable[[int], None] = lambda done: None, command: str | None = None,
          comparison: Comparison | None = None) -> Record:
    """Writes Verilog, weights, metadata and report to a folder; returns the record.

    For a board it also makes a bitstream, at the clock of ``goal`` or the fastest that timing
    allows.

    Parameters
    ----------
    model, output : network (path, name or graph), and folder to write
    target, board : name of the chip, or of the board
    goal, folds, cycles : rate and limits, folds by layer, or cycles of an inference
    baud : rate of the link in baud
    measure : whether the report has the synthesized cost too
    x, labels : samples (N, *shape) for the compiled Verilog, and their classes (N,)
    asic : options of an open ASIC flow
    prefix : prefix of module and memory file names; the network's name by default
    wrap : bus of a processor, for which registers and a driver in C are written too
    check, progress : whether the Verilog is checked, and a function told the samples done
    command, comparison : the command line and a comparison of schemes, for the record

    Raises
    ------
    ModelError : if the network cannot be built
    QhwError : if the compiled Verilog differs from the golden, or the golden from the file's own
        framework, or the folder has other files

    Examples
    --------
    >>> made = qhw.build("digits-binary", "built", target="ice40up5k", check=False)
    >>> made.layers[0].cost.luts > 0, made.cycles, made.folder.name
    (True, 128, 'built')
    """
    check_folder(Path(output))
    _possible(wrap, asic)
    where = place(target, board, baud)
    given = described(model)
    graph, reached = folded(prefixed(given, prefix), where, goal, folds, cycles)
    chip = where.chip
    if measure and chip is None:
        raise ModelError("Synthesis needs a target")
    design = Design.of(graph, chip)
    known, texts = _designed(graph, design, chip, asic, measure)
    known = replace(known, goal=reached, command=command, comparison=comparison,
                    check=selfcheck.check(graph, chip, given, inline=asic is not None,
                                          progress=progress) if check else None)
    if x is not None:
        known = _proven(known, graph, x, labels, chip, progress)
    texts |= {} if asic else _around(design, wrap, x)
    if where.board:
        made, there = _on_board(graph, where.board, goal or Goal(), known.estimate or Cost())
        texts |= made
        known = replace(known, place=there)
    return _written(known, Path(output), texts)


def _possible(wrap: Wrap | None, asic: Asic | TinyTapeout | None) -> None:
    if wrap and asic:
        raise ModelError("Registers on a bus are written for FPGAs and for no ASIC flow; leave one "
                         "of both out")


def _around(design: Design, wrap: Wrap | None, x: np.ndarray | None) -> dict[str, str]:
    """The registers on a bus, if there is one, and the testbenches."""
    if not wrap:
        return dict(benches(design.graph, design, x))
    return {**wrapped(design.graph, design, design.target, wrap),
            **benches(design.graph, design, x, bus=bus_name(design, wrap))}


def _designed(graph: Graph, design: Design, chip: Target | None, asic: Asic | TinyTapeout | None,
              measure: bool) -> tuple[Record, dict[str, str | bytes]]:
    """The record of a folded graph, and its files; ModelError if it does not fit the chip."""
    files, flow = asic_files(graph, chip, asic) if asic else (design.files, None)
    known = record(graph, chip, estimate=estimate_costs(graph, chip) if chip else None,
                   measured=synthesize(graph, chip) if chip and measure else None,
                   tools={"yosys": programs.yosys_version()} if measure else {})
    if missing := known.missing():
        raise ModelError(f"{graph.name}: {missing[0]}; fold it smaller, or build it for another "
                         f"target or for none")
    known = replace(known, asic=flow if isinstance(flow, Clocked) else None,
                    tinytapeout=flow if isinstance(flow, Tapeout) else None)
    return known, {**files, "metadata.json": json.dumps(metadata(graph).json(), indent=2) + "\n"}


def _written(known: Record, output: Path, texts: Mapping[str, str | bytes]) -> Record:
    """The record of a folder that has the files, its report and its manifest."""
    known = replace(known, files=tuple(sorted([*texts, "report.json", "report.html", MANIFEST])))
    write_folder(output, {**texts, "report.json": json.dumps(known.json(), indent=2) + "\n",
                          "report.html": report_html(known)})
    return replace(known, folder=output)


def _on_board(graph: Graph, board: Board, goal: Goal, estimate: Cost
              ) -> tuple[Mapping[str, str | bytes], OnBoard | Project]:
    """Makes the bitstream or the project, with its record; ModelError if it is slower than the
    goal."""
    make = bitstream if board.open_tools else project
    made, known = make(graph, board, clock_mhz=goal.clock_mhz, estimate=estimate)
    if goal.fps and known.inferences_per_second < goal.fps:
        raise ModelError(f"{graph.name}: {board.name} reaches {known.clock_mhz:g} MHz and "
                         f"{known.inferences_per_second:.10g} inferences/s, fewer than "
                         f"{goal.fps:.10g}; add --clock {known.clock_mhz:g}")
    return made, known


def _proven(known: Record, graph: Graph, x: np.ndarray, labels: np.ndarray | None,
            chip: Target | None, progress: Callable[[int], None]) -> Record:
    """With what samples through the compiled Verilog say."""
    found = simulated(graph, x, "verilator", trace=True, progress=progress, chip=chip)
    if found.matches != len(x):
        raise QhwError(f"{graph.name}: the Verilog differs from the golden on "
                       f"{len(x) - found.matches} of {len(x)} samples")
    correct = None if labels is None else found.correct(labels)
    return replace(
        known,
        simulation=Simulated("verilator", len(x), found.matches, found.cycles,
                             round(found.seconds, 2),
                             {name: Activity(**of) for name, of in found.activity.items()}),
        accuracy=None if correct is None else Accuracy(correct, len(x)))
