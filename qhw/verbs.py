"""What one does with a network: the same verbs for Python and for the command line."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .asic.liberty import check_library, library_record, mapped
from .asic.librelane import Asic
from .asic.tinytapeout import TinyTapeout, asic_files
from .board import flash as programmer
from .board.bitstream import bitstream
from .board.built import built_before
from .board.on_board import SIM, infer
from .board.project import project
from .errors import ModelError, QhwError
from .estimator import ERRORS
from .estimator import estimate as estimate_costs
from .fold.files import read_folds
from .fold.goal import Goal, reach
from .graph import Graph
from .link.host import Rates
from .link.link import About
from .loaders import load, locate
from .loaders.samples import read_input
from .lower import EVERY, Folds, lower
from .names import file_name
from .quantization.quantize import quantize
from .report.record import record, shortfalls
from .report.report import report_html
from .simulators import amaranth_sim, netlist_sim, selfcheck, verilator_sim
from .simulators.golden import golden, host
from .simulators.run import Run
from .synthesis.synth import synthesize
from .targets import Target
from .targets.boards import Board, Place, place
from .targets.cost import Cost
from .tools import programs
from .tools.files import MANIFEST, check_folder, write_folder, write_npz
from .verilog.emit import emit, metadata, prefixed

__all__ = ["ENGINES", "Engine", "Goal", "Inference", "Simulation", "build", "buildable",
           "error_report", "estimate", "flash", "quantize", "read_folds", "read_input", "run",
           "simulate", "synth"]

Engine = Literal["golden", "amaranth", "verilator", "netlist"]
ENGINES: tuple[Engine, ...] = ("golden", "amaranth", "verilator", "netlist")
Model = str | Path | Graph


def _folded(model: Model, where: Place, goal: Goal | None, folds: Folds | None,
            cycles: int | None) -> tuple[Graph, dict[str, Any]]:
    """A network ready to become hardware, and what its record has of the goal it is folded to; the
    fastest that fits, if there is a board and nothing else is said."""
    graph = _lowered(model, folds, cycles, where.chip)
    if EVERY in (folds or {}) or goal is None and (where.board is None or folds or cycles):
        return graph, {}
    if where.chip is None:
        raise ModelError("A goal is reached on a chip: give a target or a board")
    graph, found = reach(graph, goal or Goal(), where.chip, where.board, folds)
    return graph, {"goal": found}


def _lowered(model: Model, folds: Folds | None, cycles: int | None, chip: Target | None) -> Graph:
    """A model by name or path, or a graph as it was loaded, ready to become hardware."""
    family = chip.family.carries if chip else ""
    graph = _described(model)
    try:
        return lower(graph, folds, cycles=cycles, family=family)
    except ModelError as e:
        raise ModelError(f"{graph.source}: {e}") from None if graph.source else e


def _described(model: Model) -> Graph:
    """A network as it is described; errors name its file."""
    if isinstance(model, Graph):
        return model
    try:
        return load(model)
    except ModelError as e:
        where = str(locate(model))
        raise e if str(e).startswith(where) else ModelError(f"{where}: {e}") from None


def buildable(graph: Graph, model: Model) -> None:
    """ModelError, which names ``model``, if its graph cannot become hardware for no target in
    particular."""
    try:
        emit(lower(graph))
    except ModelError as e:
        raise e if str(e).startswith(str(model)) else ModelError(f"{model}: {e}") from None


def estimate(model: Model, target: str | None = None, *, board: str | None = None,
             goal: Goal | None = None, folds: Folds | None = None,
             cycles: int | None = None) -> dict[str, Any]:
    """The record of a network with its predicted cost on a target, without synthesis."""
    where = place(target, board)
    chip = where.needed
    graph, found = _folded(model, where, goal, folds, cycles)
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
    graph, found = _folded(model, where, goal, folds, cycles)
    if liberty:
        found["library"] = library_record(mapped(graph, chip, liberty), liberty)
    return _flat(record(graph, chip, estimate=estimate_costs(graph, chip),
                        measured=synthesize(graph, chip),
                        tools={"yosys": programs.yosys_version()}, **found), "measured")


def _flat(known: dict[str, Any], which: str) -> dict[str, Any]:
    """A record with the figures in question at its top, and what does not fit."""
    return {**known[which], **known, "shortfalls": shortfalls(known)}


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
    described = _described(model)
    graph, found = _folded(prefixed(described, prefix), where, goal, folds, cycles)
    chip = where.chip
    if measure and chip is None:
        raise ModelError("Synthesis needs a target")
    files, added = asic_files(graph, chip, asic) if asic else (emit(graph, chip), {})
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
    known["check"] = selfcheck.check(graph, chip, described, inline=asic is not None,
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
    graph = _lowered(model, None, None, where.chip)
    folder = Path(output or Path("build", file_name(f"{graph.name}-{board}")))
    before = built_before(folder, graph, where.board, chosen=output is not None, baud=baud,
                          goal=goal, folds=folds, cycles=cycles)
    known = before or build(model, folder, board=board, goal=goal, folds=folds, cycles=cycles,
                            baud=baud, **more)
    flashed = programmer.flash(where.board, folder / known["place"]["bitstream"], keep=keep)
    return {**known, "flashed": flashed, "built": before is None}


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
    found = _simulated(graph, x, "verilator", trace=True, progress=progress, chip=chip)
    if found.matches != len(x):
        raise QhwError(f"{graph.name}: the Verilog differs from the golden on "
                       f"{len(x) - found.matches} of {len(x)} samples")
    known: dict[str, Any] = {"simulation": {
        "engine": "verilator", "samples": len(x), "matches": found.matches,
        "cycles": found.cycles, "seconds": round(found.seconds, 2), "activity": found.activity}}
    if labels is not None and (correct := found.correct(labels)) is not None:
        known["accuracy"] = {"correct": correct, "samples": len(x)}
    return known


@dataclass(frozen=True, eq=False)
class Simulation:
    """What an engine says of N samples."""

    y: np.ndarray
    """(N, *shape) float64, the network's real output."""
    codes: np.ndarray
    """(N, *shape) int64, what the hardware puts out."""
    cycles: int | None
    seconds: float
    matches: int
    """Samples whose integers equal the golden's, at every layer that was traced."""
    trace: dict[str, np.ndarray]
    """(N, *shape) int64 of every hardware layer, if asked for."""
    activity: dict[str, dict[str, int]] = field(default_factory=dict)
    """Of the cycles, in how many each layer's output ``moved``, was ``blocked``, was ``idle``; with
    the compiled Verilog's trace."""
    goal: dict[str, Any] | None = None
    """What the search for folds found, if there was one."""

    def correct(self, labels: np.ndarray) -> int | None:
        """Samples whose class is right, if the network tells classes or their scores."""
        if self.codes.shape[1:] == (1,):
            return int((self.codes[:, 0] == labels).sum())
        return int((self.y.argmax(axis=1) == labels).sum()) if self.y.ndim == 2 else None

    def write(self, path: Path) -> None:
        """As an .npz file: ``y``, ``codes`` and ``layer.NAME``."""
        write_npz(path, {"y": self.y, "codes": self.codes,
                         **{f"layer.{name}": values for name, values in self.trace.items()}})


def simulate(model: Model, x: np.ndarray, *, engine: Engine = "golden", trace: bool = False,
             stalls: int | None = None, target: str | None = None, board: str | None = None,
             goal: Goal | None = None, folds: Folds | None = None, cycles: int | None = None,
             progress: Callable[[int], None] = lambda done: None) -> Simulation:
    """Exact inference on samples (N, *shape): reals are the model's input, integers its codes.

    ``stalls`` is a seed for random pauses at both ends of the hardware. The netlist is that of the
    target's cells.
    """
    where = place(target, board)
    if engine == "netlist" and where.chip is None:
        raise ModelError("A netlist is one of a chip's cells: give a target or a board")
    graph, found = _folded(model, where, goal, folds, cycles)
    return replace(_simulated(graph, x, engine, trace=trace, stalls=stalls, progress=progress,
                              chip=where.chip), **found)


def _simulated(graph: Graph, x: np.ndarray, engine: Engine, *, trace: bool,
               progress: Callable[[int], None], stalls: int | None = None,
               chip: Target | None = None) -> Simulation:
    """A lowered graph on samples."""
    begin = time.perf_counter()
    exact = golden(graph, x)
    first, last = graph.hardware.nodes[0].name, graph.hardware.output.name
    seconds, activity = time.perf_counter() - begin, dict[str, dict[str, int]]()
    if engine == "golden":
        codes, taken = exact[last], None
        traced = {n: v for n, v in exact.items() if n != first} if trace else {}
    else:
        run = _engine(engine, chip)(graph, exact[first], stalls=stalls, trace=trace,
                                    progress=progress)
        codes, taken, traced, activity = run.codes, run.cycles, run.trace, run.activity
        seconds = time.perf_counter() - begin - seconds
    equal = _equal(codes, exact[last])
    for name, values in traced.items():
        equal &= _equal(values, exact[name])
    return Simulation(host(graph, codes), codes, taken, seconds, int(equal.sum()), traced,
                      activity)


def _engine(name: Engine, chip: Target | None) -> Callable[..., Run]:
    """What simulates hardware."""
    if name == "amaranth":
        return amaranth_sim.simulate
    if name == "verilator":
        return partial(verilator_sim.simulate, target=chip)
    assert chip
    return partial(netlist_sim.simulate, target=chip)


def _equal(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a == b).reshape(len(a), -1).all(axis=1)


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
    graph, found = (_folded(model, where, goal, folds, cycles) if port == SIM else
                    (_lowered(model, folds, None, where.chip), dict[str, Any]()))
    got = infer(graph, x, where.board, port, baud=baud, patience=patience, progress=progress,
                clock_mhz=goal.clock_mhz if goal else None)
    matches = int(_equal(got.codes, golden(graph, x)[graph.hardware.output.name]).sum()
                  ) if check else 0
    return Inference(host(graph, got.codes), got.codes, got.cycles, got.rates.seconds, matches, {},
                     checked=check, about=got.about, rates=got.rates, **found)
