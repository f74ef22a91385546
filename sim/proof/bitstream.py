"""What a bitstream computes: ``python -m sim.proof.bitstream MODEL...`` places and routes networks
for iCE40, unpacks the bits into gates again, and compares these with the golden.

A network is behind shift registers, so that few pins do. Unpacking takes ``icebox_vlog`` of the
IceStorm project, which is on PATH, or whose file ``ICEBOX_VLOG`` names.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from importlib.resources import files as resources
from pathlib import Path

import numpy as np

import qhw
from qhw.design.top import layout
from qhw.graph import Graph
from qhw.lower import lower
from qhw.simulators import netlist_sim, verilator_sim
from qhw.simulators.golden import golden
from qhw.targets import target
from qhw.tools import programs
from qhw.verbs import read_input
from qhw.verilog.design import Design

PINS = {"clk": "J3", "rst": "B5", "i_bit": "B4", "i_shift": "A2", "i_push": "A1", "i_ready": "C5",
        "o_valid": "C4", "o_last": "B3", "o_pop": "C3", "o_shift": "B12", "o_bit": "B10"}
DEVICE = ["--hx8k", "--package", "ct256"]
CHIP = "ice40hx8k"
HARNESS = Path(__file__).with_name("serial.cpp")
SERIAL = """
module serial(
  input clk, rst, i_bit, i_shift, i_push, o_pop, o_shift, output i_ready, o_valid, o_last, o_bit
);
  reg [{i}-1:0] in = 0;
  reg [{o}-1:0] out = 0;
  wire [{o}-1:0] data;
  assign o_bit = out[0];
  always @(posedge clk) begin
    if (i_shift) in <= {{i_bit, in}} >> 1;
    if (o_pop) out <= data; else if (o_shift) out <= out >> 1;
  end
  {name} network(
    .clk(clk), .rst(rst), .s_axis_tdata(in), .s_axis_tvalid(i_push), .s_axis_tready(i_ready),
    .s_axis_tlast(1'b0), .m_axis_tdata(data), .m_axis_tvalid(o_valid), .m_axis_tready(o_pop),
    .m_axis_tlast(o_last));
endmodule
"""


def icebox_vlog() -> str | None:
    """The program that unpacks."""
    return os.environ.get("ICEBOX_VLOG") or shutil.which("icebox_vlog")


def bits(graph: Graph, folder: Path) -> Path:
    """The bitstream of a lowered graph behind shift registers."""
    chip, (i_port, o_port) = target(CHIP), layout(graph)
    design = Design.of(graph, chip)
    files = {**design.files, "serial.v": SERIAL.format(
        name=design.name, i=i_port.width, o=o_port.width)}
    for file, text in files.items():
        (folder / file).write_text(text)
    programs.run_yosys([*(f"read_verilog {file}" for file in files if file.endswith(".v")),
                        f"{chip.family.synth} -top serial", "delete t:$scopeinfo",
                        "write_json netlist.json"], folder)
    (folder / "pins.pcf").write_text("".join(f"set_io {n} {pin}\n" for n, pin in PINS.items()))
    programs.run([programs.needed("nextpnr-ice40"), *DEVICE, "--json", "netlist.json", "--pcf",
                  "pins.pcf", "--asc", "placed.asc", "--quiet"], cwd=folder, what="nextpnr")
    programs.run([programs.needed("icepack"), "placed.asc", "placed.bin"], cwd=folder)
    return folder / "placed.bin"


def unpacked(bitstream: Path) -> str:
    """The gates that a bitstream makes of the chip, as Verilog; ``pins.pcf`` beside it names them.
    """
    folder, program = bitstream.parent, icebox_vlog()
    assert program
    programs.run([programs.needed("icepack"), "-u", bitstream.name, "unpacked.asc"], cwd=folder)
    text = programs.run([sys.executable, program, "-s", "-n", "serial", "-p", "pins.pcf",
                         "unpacked.asc"], cwd=folder)
    head, ports, body = re.split(r"(?<=module serial )(\(.*?\);)", text, maxsplit=1,
                                 flags=re.DOTALL)
    names = re.findall(r"(?:input|output) (\w+)", ports)
    declared = rf"^wire ({'|'.join(names)})(?: = \w+)?;$"
    return head + ports + re.sub(declared, "", body, flags=re.MULTILINE)


def program(graph: Graph, verilog: str) -> Path:
    """The simulator of unpacked gates."""
    with tempfile.TemporaryDirectory(prefix="qhw-bits-") as name:
        folder = Path(name)
        (folder / "chip.v").write_text(verilog)
        programs.run_yosys(["read_verilog chip.v", "hierarchy -top serial", "proc",
                            "write_rtlil chip.il"], folder)
        rtlil = (folder / "chip.il").read_text()
    harness = verilator_sim.harness(Design.of(graph)) | {"harness.cpp": HARNESS.read_text()}
    return verilator_sim.compiled(
        {"serial.v": netlist_sim.flat(rtlil, "serial", target(CHIP)), **harness}, "serial")


def matches(graph: Graph, x: np.ndarray) -> int:
    """Samples on which the bitstream equals the golden."""
    exact = golden(graph, x)
    first, last = graph.hardware.nodes[0].name, graph.hardware.output.name
    with tempfile.TemporaryDirectory(prefix="qhw-bits-") as name:
        simulator = program(graph, unpacked(bits(graph, Path(name))))
    got = verilator_sim.drive(simulator, graph, exact[first]).codes
    return int((got == exact[last]).reshape(len(x), -1).all(axis=1).sum())


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=["digits-binary", "digits-ternary"])
    parser.add_argument("--cycles", type=int, help="fold for an inference every so many cycles")
    given = parser.parse_args(argv)
    if not icebox_vlog():
        parser.error("icebox_vlog is missing: install fpga-icestorm, or name it in ICEBOX_VLOG")
    x, _ = read_input(resources("qhw.models") / "digits" / "test.npz")
    wrong = 0
    for model in given.models:
        equal = matches(lower(qhw.load(model), cycles=given.cycles), x.astype(np.int64))
        print(f"{model} on {CHIP}: the bitstream equals the golden on {equal} of {len(x)} samples")
        wrong += equal != len(x)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
