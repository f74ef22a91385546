"""Two networks in one design: the tools take them together, and each answers as it does alone."""

import json
import re
import subprocess
from fractions import Fraction
from pathlib import Path
from shutil import which

import numpy as np
import pytest
from typer.testing import CliRunner

from qhw.cli.app import app
from qhw.design.beats import to_bytes
from qhw.design.top import layout, prefixed
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Graph, Node, Spatial
from qhw.layers import Add, Dense, Input, Quantize
from qhw.lower import lower
from qhw.schemes.fixed import Fixed
from qhw.simulators import verilator_sim
from qhw.simulators.golden import golden
from qhw.tools import programs
from qhw.verbs import build
from qhw.verilog.design import Design

SAMPLES = 12
NAMES = ("left", "right")
FOLDS = {"fc1": (2, 4), "fc2": Spatial(), "fc3": (1, 2)}


def network(seed):
    """Networks of one name with layers of the same names: products whose weights are in files, in
    the Verilog and in adders, and a branch with a queue."""
    rng, codes = np.random.default_rng(seed), Int.of_bits(4, signed=True)
    nodes = [Node("input", Input((12,), codes))]
    for k, (outputs, inputs) in enumerate(((8, 12), (8, 8), (8, 8)), 1):
        weights = Fixed(4).quantize(rng.normal(size=(outputs, inputs)) / 4, per_channel=False)
        nodes += [Node(f"fc{k}", Dense(Fixed(4), weights), (nodes[-1].name,)),
                  Node(f"act{k}", Quantize(codes, Fraction(1)), (f"fc{k}",))]
    return Graph("net", (*nodes, Node("sum", Add(), ("act1", "act3")),
                         Node("act4", Quantize(codes, Fraction(1)), ("sum",))))


def ports(seed):
    """(direction, name, bits) of a network's top module."""
    return Design.of(prefixed(lower(network(seed), FOLDS), NAMES[seed])).ports


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    """A folder with what two builds wrote and a module ``both`` with one of each; the beats that
    each gets and has to give."""
    folder, sent, wanted = tmp_path_factory.mktemp("both"), {}, {}
    lines, heads = [], ["input clk", "input rst"]
    for seed, prefix in enumerate(NAMES):
        out = folder / prefix
        known = build(network(seed), out, folds=FOLDS, prefix=prefix, check=False)
        for file in known["files"]:
            if file.endswith((".v", ".hex")):
                assert not (folder / file).exists()
                (out / file).rename(folder / file)
        assert json.loads((out / "metadata.json").read_text())["module"] == prefix
        found = ports(seed)
        heads += [f"{way} [{bits - 1}:0] {prefix}_{port}" for way, port, bits in found
                  if port not in ("clk", "rst")]
        joined = ", ".join(f".{port}({port if port in ('clk', 'rst') else f'{prefix}_{port}'})"
                           for _, port, _ in found)
        lines.append(f"  {prefix} {prefix} ({joined});")
        graph = lower(network(seed), FOLDS)
        codes = np.random.default_rng(seed).integers(-8, 8, (SAMPLES, 12))
        exact = golden(graph, codes)[graph.hardware.output.name]
        sent[prefix], wanted[prefix] = (
            [int.from_bytes(beat.tobytes(), "little")
             for beat in to_bytes(values, port.codes, port.lanes)]
            for values, port in zip((codes, exact), layout(graph), strict=True))
    (folder / "both.v").write_text("\n".join(
        [f"module both ({', '.join(heads)});", *lines, "endmodule", ""]))
    return folder, sent, wanted


def verilog(folder):
    return sorted(path.name for path in folder.glob("*.v"))


def answers(said):
    found = {name: [] for name in NAMES}
    for name, value in re.findall(r"^(left|right) ([0-9a-f]+)$", said, re.MULTILINE):
        found[name].append(int(value, 16))
    return found


def test_they_share_no_name(design):
    folder, _, wanted = design
    assert wanted["left"] != wanted["right"]
    defined = [re.findall(r"^module (\w+)", (folder / f"{name}.v").read_text(), re.MULTILINE)
               for name in NAMES]
    for name, modules in zip(NAMES, defined, strict=True):
        assert all(module == name or module.startswith(f"{name}_") for module in modules)
        kinds = {"ram", "rom_file", "adders0"}
        assert {f"{name}_qhw_{kind}" for kind in kinds} <= set(modules)
    assert len(list(folder.glob("*.hex"))) >= 4
    contents = [(folder / f"{name}_fc1_weights_words.hex").read_text() for name in NAMES]
    assert contents[0] != contents[1]


def test_yosys_synthesizes_both(design):
    folder, *_ = design
    said = programs.run_yosys([
        *(f"read_verilog {file}" for file in verilog(folder)), "hierarchy -check -top both",
        "synth_ice40 -top both", "stat -json", "tee -o cells.json stat -json"], folder)
    assert said
    cells = json.loads((folder / "cells.json").read_text())["design"]["num_cells_by_type"]
    assert cells["SB_LUT4"] > 100


def test_verilator_simulates_both(design):
    folder, sent, wanted = design
    files = {path.name: path.read_text() for path in folder.iterdir() if path.is_file()
             and path.suffix in (".v", ".hex")}
    harness = Path(__file__).with_name("both.cpp").read_text()
    count = sum(map(len, wanted.values()))
    program = verilator_sim.compiled(
        {**files, "both.cpp": f"#define WANTED {count}\n{harness}"}, "both")
    lines = [f"{name} {beat:x}" for name, beats in sent.items() for beat in beats]
    said = subprocess.run([program], cwd=program.parent, input="\n".join(lines), text=True,
                          capture_output=True, check=True).stdout
    assert answers(said) == wanted


BENCH = """
module bench;
  reg clk = 0, rst = 1;
  always #5 clk = !clk;
  initial begin repeat (3) @(negedge clk); rst = 0; end
  initial begin #1000000 $finish; end
{parts}
  always @(negedge clk) if (left_got == {left_wanted} && right_got == {right_wanted}) $finish;
  both both (.clk(clk), .rst(rst), {joined});
endmodule
"""
PART = """
  reg [{i}:0] {name}_beats [0:{last}];
  integer {name}_at = 0, {name}_got = 0;
  initial $readmemh("{name}.beats", {name}_beats);
  wire [{i}:0] {name}_s_axis_tdata = {name}_beats[{name}_at];
  wire {name}_s_axis_tvalid = !rst && {name}_at <= {last};
  wire {name}_s_axis_tlast = 0, {name}_m_axis_tready = 1;
  wire {name}_s_axis_tready, {name}_m_axis_tvalid, {name}_m_axis_tlast;
  wire [{o}:0] {name}_m_axis_tdata;
  always @(posedge clk) begin
    if ({name}_s_axis_tvalid && {name}_s_axis_tready) {name}_at <= {name}_at + 1;
    if (!rst && {name}_m_axis_tvalid) begin
      {name}_got <= {name}_got + 1;
      $display("{name} %0h", {name}_m_axis_tdata);
    end
  end
"""


@pytest.mark.skipif(which("iverilog") is None, reason="Icarus Verilog is not installed")
def test_icarus_simulates_both(design):
    folder, sent, wanted = design
    parts, joined = [], []
    for name in NAMES:
        (folder / f"{name}.beats").write_text("".join(f"{beat:x}\n" for beat in sent[name]))
        bits = {port: bits for _, port, bits in ports(NAMES.index(name))}
        parts.append(PART.format(name=name, last=len(sent[name]) - 1,
                                 i=bits["s_axis_tdata"] - 1, o=bits["m_axis_tdata"] - 1))
        joined += [f".{name}_{port}({name}_{port})" for port in bits if "axis" in port]
    bench = BENCH.format(parts="".join(parts), joined=", ".join(joined), **{
        f"{name}_wanted": len(wanted[name]) for name in NAMES})
    (folder / "bench.sv").write_text(bench)
    subprocess.run(["iverilog", "-g2005", "-o", "bench.vvp", "-s", "bench", *verilog(folder),
                    "bench.sv"], cwd=folder, check=True)
    said = subprocess.run(["vvp", "-n", "bench.vvp"], cwd=folder, check=True, capture_output=True,
                          text=True).stdout
    assert answers(said) == wanted


def test_a_prefix_must_be_a_name(tmp_path):
    with pytest.raises(ModelError, match="Prefix 'a b': it is no legal module name; try a_b_c86"):
        build(network(0), tmp_path / "out", prefix="a b", check=False)
    for wrong in ("module", "", "1a", "a__b", "a_", "qhw_x", "aux", "x" * 100, "\u00e9", "clk"):
        with pytest.raises(ModelError, match="it is no legal module name"):
            build(network(0), tmp_path / "out", prefix=wrong, check=False)
    assert not (tmp_path / "out").exists()


def test_the_command_takes_a_prefix(tmp_path):
    done = CliRunner().invoke(app, ["build", "digits-ternary", "-o", str(tmp_path / "out"),
                                    "--json", "--no-check", "--prefix", "eye"])
    assert done.exit_code == 0, done.exception
    named = [file for file in json.loads(done.stdout)["files"] if file.endswith((".v", ".hex"))]
    assert "eye.v" in named and all(file.startswith("eye") for file in named) and len(named) > 2
