"""Compiled RTL simulation: Verilator and a C++ compiler turn the generated Verilog into a program.

Python writes the input and reads the output; the program runs thousands of samples alone. Compiled
simulators are cached by content, so a network is compiled once."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from ..design.beats import from_bytes, to_bytes
from ..design.cycles import predict
from ..design.top import layout, stages, unit_names
from ..errors import ToolError
from ..exact.num import Int
from ..graph import Graph
from ..targets import Target
from ..tools import cache, programs
from ..tools.processes import scratch, started
from ..verilog.design import Design
from .run import Run
from .waves import recorded

__all__ = ["compiled", "drive", "harness", "program", "simulate"]

FLAGS = ["-std=gnu++20", "-DVERILATOR=1", "-DVM_COVERAGE=0", "-DVM_SC=0", "-DVM_TIMING=0",
         "-DVM_TRACE_FST=0", "-DVM_TRACE_SAIF=0"]
QUIET, TRACED = ["-DVM_TRACE=0", "-DVM_TRACE_VCD=0"], ["-DVM_TRACE=1", "-DVM_TRACE_VCD=1"]
"""The C++ compiler's flags without and with a waveform."""
VERILATE = ["--cc", "--prefix", "Vtop", "-O3", "--x-assign", "fast", "--x-initial", "fast",
            "--noassert", "-Wno-fatal", "-Wno-lint", "-Wno-style", "--Mdir", "."]
OFTEN, ONCE = "-O2", "-O0"
"""The C++ compiler's optimization of code that runs every cycle, and of code that runs once."""
SMALL, LARGE = 100_000, 3_000_000
"""Most bytes of C++ that are compiled as one part, because Verilator's headers take the longest;
and most bytes that are optimized, because more would take minutes to hours."""
ACTIVITY = ("moved", "blocked", "idle")
RUNTIME = ("verilated.cpp", "verilated_threads.cpp")
WAVES = ("verilated_vcd_c.cpp",)
HARNESS = Path(__file__).with_name("harness.cpp")


def simulate(graph: Graph, codes: np.ndarray, *, target: Target | None = None,
             stalls: int | None = None, trace: bool = False, waves: Path | None = None,
             progress: Callable[[int], None] = lambda done: None) -> Run:
    """Simulates a lowered graph's Verilog, compiled.

    Parameters
    ----------
    graph : the lowered graph
    codes : input codes (N, *shape)
    target : the chip, or None
    stalls : seed of random stalls at both ends, a number; None for no stalls
    trace : whether to keep every layer's output
    waves : VCD file for the waveform of every signal, or None
    progress : called with the number of samples done
    """
    return drive(program(graph, target, taps=trace, waves=waves is not None), graph, codes,
                 stalls=stalls, trace=trace, waves=waves, progress=progress)


def program(graph: Graph, target: Target | None = None, *, taps: bool = False,
            waves: bool = False, level: str = OFTEN) -> Path:
    """Builds the simulator of a lowered graph's Verilog, cached by content; returns its path.

    Parameters
    ----------
    graph : the lowered graph
    target : the chip, or None
    taps : whether every layer's output is visible
    waves : whether the program writes a waveform
    level : the C++ compiler's optimization of code that runs every cycle
    """
    design = Design.of(graph, target, taps=taps)
    return compiled({**design.files, **harness(design)}, design.name, level,
                    waves=waves)


def drive(simulator: Path, graph: Graph, codes: np.ndarray, *, stalls: int | None = None,
          trace: bool = False, waves: Path | None = None,
          progress: Callable[[int], None] = lambda done: None) -> Run:
    """Runs a compiled simulator of a lowered graph.

    Parameters
    ----------
    simulator : the program
    graph : the lowered graph
    codes : input codes (N, *shape)
    stalls : seed of random stalls at both ends, a number; None for no stalls
    trace : whether to keep every layer's output
    waves : VCD file for the waveform of every signal, of a simulator compiled for it; it is written
        of a failed simulation too
    progress : called with the number of samples done
    """
    i_port, o_port = layout(graph)
    interval, latency = predict(graph)
    quiet = 1000 + 4 * (latency + interval)
    with scratch() as folder:
        beats, answer = folder / "input", folder / "output"
        beats.write_bytes(to_bytes(codes, i_port.codes, i_port.lanes).tobytes())
        command = [simulator, beats, answer, len(codes), 0 if stalls is None else stalls + 1, quiet]
        with recorded(waves, folder) as wave:
            cycles, activity = _run([*command, *wave], simulator.parent, progress)

        def read(path: Path, interval: Int, lanes: int, shape: tuple[int, ...],
                 vector: int = 0) -> np.ndarray:
            data = np.fromfile(path, np.uint8).reshape(-1, -(-interval.width * lanes // 8))
            return from_bytes(data, interval, lanes, shape, vector)

        called = unit_names(graph)
        tapped = {s.name: read(Path(f"{answer}.{called[s.name]}"), s.y.integer, s.o_lanes,
                               s.y.shape, s.o.vector)
                  for s in stages(graph) if s.node and trace}
        return Run(read(answer, o_port.codes, o_port.lanes, graph.answer.shape), cycles, tapped,
                   {name: activity[tap] for name, tap in called.items() if tap in activity})


def _run(command: Sequence[Any], folder: Path,
         progress: Callable[[int], None]) -> tuple[int, dict[str, dict[str, int]]]:
    """The cycles a simulator counted, of all and by tap; it is ended if we are."""
    cycles, complaint, activity = 0, "", dict[str, dict[str, int]]()
    with started([str(word) for word in command], cwd=folder, text=True, stdout=subprocess.PIPE,
                 stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        for line in process.stdout:
            if line.startswith("cycles "):
                cycles = int(line.split()[1])
            elif line.startswith("tap "):
                _, name, *counts = line.split()
                activity[name] = dict(zip(ACTIVITY, map(int, counts), strict=True))
            elif line.strip().isdigit():
                progress(int(line))
            else:
                complaint += line.strip() + " "
        complaint += process.stderr.read().strip()
    if process.returncode:
        raise ToolError("The simulated hardware failed: "
                        f"{complaint.strip() or process.returncode}")
    return cycles, activity


def compiled(files: Mapping[str, str], top: str, level: str = OFTEN, *,
             waves: bool = False) -> Path:
    """Compiles Verilog with a C++ harness to a program, cached by content.

    Parameters
    ----------
    files : texts by file name; the harness finds the module ``top`` as the class ``Vtop``
    top : name of the top module
    level : the C++ compiler's optimization of code that runs every cycle
    waves : whether the harness finds ``VM_TRACE`` set and every signal traced
    """
    verilate, _, include = programs.verilator()
    cxx = [*programs.cxx(), *FLAGS, *(TRACED if waves else QUIET)]
    options = [*VERILATE, "--trace-vcd"] if waves else VERILATE
    key = cache.name(*verilate, str(include), *cxx, level, ONCE, str(LARGE), *options, top,
                     *files, *files.values())
    runtime = _runtime(cxx, include, (*RUNTIME, *WAVES) if waves else RUNTIME)
    return cache.entry("verilator", key, lambda folder: _compile(
        folder, files, options, top, cxx, runtime, level)) / "simulator"


def _compile(folder: Path, files: Mapping[str, str], options: list[str], top: str, cxx: list[str],
             runtime: list[Path], level: str) -> None:
    """Verilog to C++ to a program, with no make and no Perl."""
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    verilate, env, include = programs.verilator()
    verilog = [file for file in files if file.endswith(".v")]
    programs.run([*verilate, *options, "--top-module", top, *verilog], cwd=folder, env=env)
    sources = sorted(folder.glob("*.cpp"))
    small = sum(path.stat().st_size for path in sources) <= SMALL
    often = [path for path in sources if small or "__Slow" not in path.stem]
    parts = {"often": often} if small else {
        "often": often, "once": [path for path in sources if path not in often]}
    for part, paths in parts.items():
        (folder / f"{part}.cc").write_text("".join(f'#include "{p.name}"\n' for p in paths))
    large = sum(path.stat().st_size for path in often) > LARGE
    levels = {"often": ONCE if large else level, "once": ONCE}
    common = [*cxx, f"-I{include}", "-I."]
    with ThreadPoolExecutor(len(parts)) as pool:
        made = [pool.submit(programs.run, [*common, levels[part], "-c", f"{part}.cc"], cwd=folder)
                for part in parts]
        for one in made:
            one.result()
    objects = [f"{part}.o" for part in parts]
    programs.run([*common, *objects, *runtime, "-pthread", "-o", "simulator"], cwd=folder)
    for path in folder.iterdir():
        if path.suffix not in (".hex", ".v") and path.name != "simulator":
            path.unlink()


def _runtime(cxx: list[str], include: Path, sources: Sequence[str]) -> list[Path]:
    """Verilator's own part of every simulator, compiled once."""
    def make(folder: Path) -> None:
        for source in sources:
            programs.run([*cxx, OFTEN, f"-I{include}", "-c", include / source], cwd=folder)

    key = cache.name(*cxx, OFTEN, *sources, str(include),
                     (include / "verilated_config.h").read_text())
    folder = cache.entry("runtime", key, make)
    return [folder / Path(source).with_suffix(".o").name for source in sources]


def harness(design: Design) -> dict[str, str]:
    """Makes the C++ harness of a design without a link, and its description of the ports; texts by
    file name."""
    i_port, o_port = design.streams
    called = unit_names(design.graph)
    tapped = " ".join(f"TAP({called[s.name]}, {-(-s.y.integer.width * s.o_lanes // 8)}, "
                      f"{s.o.beats(s.y.size)})"
                      for s in design.units if s.node and design.taps)
    return {"harness.cpp": HARNESS.read_text(encoding="utf-8"),
            "ports.h": (f"#define S_BYTES {i_port.width // 8}\n"
                        f"#define M_BYTES {o_port.width // 8}\n"
                        f"#define M_BEATS {o_port.beats}\n#define TAPS {tapped}\n")}
