"""Gate-level simulation: synthesis makes a netlist of a chip's cells, which is compiled and run.

Every cell is replaced by a model: Yosys's if there is one, otherwise ours in ``cells``."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from ..errors import ToolError
from ..graph import Graph
from ..targets import Target
from ..tools import cache, programs
from ..tools.processes import scratch
from ..verilog.design import Design
from . import verilator_sim
from .run import Run

__all__ = ["flat", "netlist", "program", "simulate"]

CELLS = Path(__file__).parent.parent / "targets" / "cells"

def simulate(graph: Graph, codes: np.ndarray, *, target: Target, stalls: int | None = None,
             trace: bool = False, progress: Callable[[int], None] = lambda done: None) -> Run:
    """Simulates a lowered graph's netlist.

    Parameters
    ----------
    graph : the lowered graph
    codes : input codes (N, *shape)
    target : the chip
    stalls : seed of random stalls at both ends, a number; None for no stalls
    trace : whether to keep every layer's output
    progress : called with the number of samples done
    """
    return verilator_sim.drive(program(graph, target, taps=trace), graph, codes, stalls=stalls,
                               trace=trace, progress=progress)


def program(graph: Graph, target: Target, *, taps: bool = False) -> Path:
    """Builds the simulator of a lowered graph's netlist, cached by content; returns its path.

    Parameters
    ----------
    graph : the lowered graph
    target : the chip
    taps : whether every layer's output is visible
    """
    design = Design.of(graph, target, taps=taps)
    verilog = flat(netlist(design.files, design.name, target), design.name, target)
    return verilator_sim.compiled(
        {f"{design.name}.v": verilog, **verilator_sim.harness(design)}, design.name)


def netlist(files: Mapping[str, str], top: str, target: Target) -> str:
    """Synthesizes and flattens a design; returns RTLIL, cached by content.

    Parameters
    ----------
    files : Verilog by file name
    top : name of the top module
    target : the chip
    """
    return _kept("netlist.il", files, [
        *(f"read_verilog -overwrite {file}" for file in files if file.endswith(".v")),
        f"hierarchy -top {top}",
        f"{target.family.synth} -top {top}",
        f"flatten {top}",
        "delete t:$scopeinfo",
        f"select -module {top}",
        "write_rtlil -selected netlist.il"])


def flat(rtlil: str, top: str, target: Target) -> str:
    """Replaces the cells of a netlist by their models; returns one Verilog module, cached by
    content.

    ToolError if a cell has no model.

    Parameters
    ----------
    rtlil : the netlist
    top : name of the top module
    target : the chip
    """
    models = target.family.models
    if models is None:
        raise ToolError(f"Target {target.name}: there are no models of its cells, so its netlist "
                        f"cannot be simulated")
    files = {file: (CELLS / file).read_text(encoding="utf-8")
             for file in models if not file.startswith("+/")}
    return _kept("flat.v", {"netlist.il": rtlil, **files}, [
        *(f"read_verilog -defer -overwrite {file}" for file in models),
        "read_rtlil netlist.il",
        "setundef -zero -params", "setundef -zero",
        f"hierarchy -check -top {top}",
        "proc",
        "flatten",
        "opt_expr -undriven", "opt_merge",
        "setundef -zero t:$memwr_v2",    # a port that no process drives never writes
        "memory_collect", "opt_mem",
        "simplemap t:$mem_v2 %n", "opt_expr -mux_bool", "opt_merge",
        "rename -hide w:* c:*", "rename -enumerate",    # long names take compilers long
        "opt_clean -purge",
        "write_verilog -noattr flat.v"])


def _kept(result: str, files: Mapping[str, str], commands: Sequence[str]) -> str:
    """The file that a Yosys script makes of others, unless the cache has it."""
    def make(folder: Path) -> None:
        with scratch("qhw-netlist-") as work:
            for file, text in files.items():
                (work / file).write_text(text, encoding="utf-8")
            programs.run_yosys(commands, work)
            (folder / result).write_bytes((work / result).read_bytes())

    key = cache.name(programs.yosys_version(), *commands, *files, *files.values())
    return (cache.entry("netlist", key, make) / result).read_text(encoding="utf-8")
