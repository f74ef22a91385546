"""Runs samples through a network on a bus, by a C program on a RISC-V processor.

    python -m sim.system.runner

The processor is PicoRV32 (of the package ``pythondata-cpu-picorv32``), the program is compiled by
Zig's C compiler with the driver that ``qhw build --wrap`` writes, and Verilator simulates both.
Cycles go into the table of docs/guides/bus.md."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import qhw
from qhw.bus import WRAPS, Wrap
from qhw.bus.wrap import bus_name, c_name, wrapped
from qhw.design.cycles import predict
from qhw.graph import Graph
from qhw.lower import lower
from qhw.simulators.golden import golden
from qhw.simulators.selfcheck import of_codes
from qhw.simulators.selfcheck import samples as corners
from qhw.tools import programs
from qhw.verilog.design import Design

from ..pages import fill

__all__ = ["Ran", "ran"]

HERE = Path(__file__).parent
WORDS = 1 << 16
"""Words of the processor's memory."""
TARGET = ("-target", "riscv32-freestanding-none", "-mcpu=generic_rv32+m")
MAKE = {"MAKEFLAGS": "CFG_CXXFLAGS_PCH_I=-include"}
"""The wheel's makefile leaves this empty, and large designs need it."""


@dataclass(frozen=True)
class Ran:
    """What the program reported."""

    samples: int
    wrong: int
    """Elements of answers that differ from the golden's."""
    processor: int
    """Most cycles of a sample, from the first instruction of the driver to its last."""
    network: int
    """Cycles of the last sample in the network."""
    interrupts: int


def ran(graph: Graph, wrap: Wrap, folder: Path, codes: np.ndarray | None = None,
        wanted: np.ndarray | None = None) -> Ran:
    """Runs samples of a lowered graph; RuntimeError if a program fails or an access is refused.

    Parameters
    ----------
    graph, wrap : the lowered graph and the bus
    folder : where files go
    codes : input codes (samples, *shape); by default corners and random ones
    wanted : answers to compare with (samples, outputs); by default the golden's
    """
    import pythondata_cpu_picorv32 as picorv32
    design = Design.of(graph)
    x = corners(graph)[:6] if codes is None else codes
    first, last = graph.hardware.nodes[0].name, graph.hardware.output.name
    exact = golden(of_codes(graph), x, (first, last))
    answers = exact[last].reshape(len(x), -1) if wanted is None else wanted
    facts = {"network": design.name, "name": c_name(design), "top": bus_name(design, wrap),
             "wrap": wrap, "words": WORDS, "samples": x.reshape(len(x), -1).tolist(),
             "wanted": answers.tolist(),
             "patience": len(x) * (2000 * (x[0].size + answers.shape[1])
                                   + 10 * predict(graph).latency) + 20_000}
    templates = Environment(loader=FileSystemLoader(HERE), undefined=StrictUndefined)
    files = {**design.files, **wrapped(graph, design, None, wrap),
             "main.c": templates.get_template("main.c.jinja").render(facts),
             "system.sv": templates.get_template("system.sv.jinja").render(facts)}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    _firmware(folder, design.name)
    return _simulated(folder, len(x), Path(picorv32.data_location) / "picorv32.v")


def _firmware(folder: Path, network: str) -> None:
    """Compiles the program to ``firmware.hex``."""
    zig = (sys.executable, "-m", "ziglang")
    _run([*zig, "cc", *TARGET, "-Os", "-std=c99", "-Wall", "-Wextra", "-Werror", "-ffreestanding",
          "-fno-builtin", "-nostdlib", "-static", "-Wl,-T," + str(HERE / "link.ld"),
          "main.c", f"{network}_driver.c", "-o", "firmware.elf"], folder)
    _run([*zig, "objcopy", "-O", "binary", "firmware.elf", "firmware.bin"], folder)
    code = (folder / "firmware.bin").read_bytes()
    words = np.frombuffer(code + bytes(-len(code) % 4), "<u4")
    (folder / "firmware.hex").write_text("".join(f"{word:08x}\n" for word in words))


def _simulated(folder: Path, samples: int, cpu: Path) -> Ran:
    verilator, environment, _ = programs.verilator()
    _run([*verilator, "--binary", "--timing", "-Wno-lint", "-Wno-fatal", "-O3", "-CFLAGS",
          "-fcoroutines", "--top-module", "system", "system.sv", str(cpu),
          *(path.name for path in sorted(folder.glob("*.v")))], folder,
         {**os.environ, **environment, **MAKE})
    said = _run([str(folder / "obj_dir/Vsystem")], folder)
    found = dict(re.findall(r"^report (\d) (\d+)$", said, re.MULTILINE))
    irqs, = re.findall(r"^irqs (\d+)$", said, re.MULTILINE)
    return Ran(samples, int(found["0"]), int(found["1"]), int(found["2"]), int(irqs))


def _run(words: list[str], folder: Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError(f"{words[0]} {words[1:4]}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


NETWORKS = ("digits-ternary", "digits-binary", "digits-fixed4")


def main() -> None:
    lines = ["| network | bus | words in, out | cycles in the network | cycles of the processor |",
             "|---|---|--:|--:|--:|"]
    for name in NETWORKS:
        graph = lower(qhw.load(name))
        for wrap in WRAPS:
            with TemporaryDirectory(prefix="qhw-system-") as folder:
                found = ran(graph, wrap, Path(folder))
            if found.wrong:
                raise SystemExit(f"{name} on {wrap}: {found.wrong} answers are wrong")
            i, o = Design.of(graph).streams
            sizes = ", ".join(str(port.beats * -(-port.width // 32)) for port in (i, o))
            lines.append(f"| {name} | {wrap} | {sizes} | {found.network} | {found.processor} |")
            print(lines[-1], flush=True)
    fill("guides/bus.md", "system", lines)


if __name__ == "__main__":
    main()
