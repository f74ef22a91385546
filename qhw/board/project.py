"""A Vivado project for a network on a board that open place and route does not support."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..design.top import module_name
from ..graph import Graph
from ..targets.boards import Board
from ..targets.cost import Cost
from ..targets.timing import megahertz
from ..tools import programs
from ..tools.processes import scratch
from ..tools.typed import Known
from ..verilog.design import Design
from .clock import Clock
from .top import BoardTop, platform

__all__ = ["Project", "project"]

SHARE = 0.7
"""Fraction of the clock from logic depth that is tried, because wires are not known."""
TEMPLATES = {"{{name}}.il": "{{emit_rtlil()}}"}


@dataclass(frozen=True, eq=False)
class Project(Known):
    """Record of a network on a board that the vendor's tool places: ``place`` in the record."""

    board: str
    bitstream: None
    project: str
    """Name of the script for the vendor's tool."""
    clock_mhz: float
    clock_hz: int
    oscillator_mhz: float
    pll: Mapping[str, int] | None
    """Dividers; None if the oscillator is the clock."""
    baud: int
    inferences_per_second: float
    """At this clock, which is an estimate."""


def project(graph: Graph, board: Board, *, clock_mhz: float | None, estimate: Cost
            ) -> tuple[dict[str, str], Project]:
    """Makes a Vivado project: Verilog, constraints and a script. Place and route is not run.
    Returns files by name and the record.

    Parameters
    ----------
    graph : the lowered graph
    board : the board
    clock_mhz : the clock in MHz; None for the clock that the estimate predicts
    estimate : predicted cost"""
    clock = Clock.below(board, clock_mhz or SHARE * megahertz(estimate.ns, board.chip.delays))
    name = module_name(graph)
    design, pins = Design.of(graph, board.chip, link=clock.link), platform(board)
    for file, text in design.files.items():
        pins.add_file(file, text)
    scripts: dict[str, str] = pins._vivado_file_templates
    pins._vivado_file_templates = TEMPLATES | {  # without Amaranth's Verilog: it needs its Yosys
        file: text for file, text in scripts.items() if file.endswith((".tcl", ".xdc"))}
    top = f"{name}_board"
    plan = pins.prepare(BoardTop(design.name, board, clock.pll), top, emit_src=False)
    made = {file: str(plan.files[file]) for file in (f"{top}.tcl", f"{top}.xdc")}
    made[f"{top}.v"] = _verilog(str(plan.files[f"{top}.il"]))
    mhz = float(clock.mhz)
    return {**design.files, **made}, Project(
        board=board.name, bitstream=None, project=f"{top}.tcl",
        clock_mhz=round(mhz, 4), clock_hz=clock.hz, oscillator_mhz=board.clock_mhz,
        pll=dict(clock.pll.dividers) if clock.pll else None, baud=board.baud,
        inferences_per_second=round(mhz * 1e6 / design.cycles.interval, 1))


def _verilog(rtlil: str) -> str:
    with scratch("qhw-project-") as folder:
        (folder / "top.il").write_text(rtlil, encoding="utf-8")
        programs.run_yosys(["read_rtlil top.il", "proc", "write_verilog -norename top.v"], folder)
        return (folder / "top.v").read_text(encoding="utf-8")
