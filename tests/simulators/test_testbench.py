"""Testbenches beside the Verilog, run by a simulator that nobody here wrote."""

import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

import qhw
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Node
from qhw.layers import Conv, Flatten, Input, Sign
from qhw.lower import lower
from qhw.schemes.binary import Binary
from qhw.simulators.testbench import benches
from qhw.tools import programs
from qhw.verilog.design import Design
from tests.networks import random_network
from tests.seeds import rotating

needs_icarus = pytest.mark.skipif(shutil.which("iverilog") is None,
                                  reason="Icarus Verilog is not installed")


def convolution(called: str = "conv") -> Graph:
    """A window, whose line buffer is a memory without contents at the start."""
    rng = np.random.default_rng(0)
    conv = Conv(Binary(), Binary().quantize(rng.normal(size=(4, 18))),
                Window((3, 3), pads=(1, 1, 1, 1)))
    return Graph("net", (
        Node("input", Input((5, 4, 2), Int(-8, 7))), Node(called, conv, ("input",)),
        Node("sign", Sign(), (called,)), Node("flat", Flatten(), ("sign",)))).check()


NETWORKS = {"digits-ternary": lambda: qhw.load("digits-ternary"), "conv": convolution}


def files(name, folder, x=None):
    """Writes the hardware of a network, by name or a graph, and its testbenches; returns the name
    of the top module."""
    graph = lower(name if isinstance(name, Graph) else NETWORKS[name]())
    design = Design.of(graph)
    for file, text in {**design.files, **benches(graph, design, x)}.items():
        (folder / file).write_text(text, encoding="utf-8")
    return design.name


def icarus(top, folder, *more):
    """Runs the testbench; returns its output and exit status."""
    subprocess.run(["iverilog", "-g2012", "-Wall", "-o", "tb.vvp", f"{top}.v",
                    f"{top}_tb.sv"], cwd=folder, check=True)
    done = subprocess.run(["vvp", "tb.vvp", *more], cwd=folder, text=True, capture_output=True,
                          timeout=60)
    return done.stdout, done.returncode


@needs_icarus
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("more", [(), ("+full",)])
def test_icarus_passes(name, more, tmp_path):
    """With four values a bit: registers and memories without contents are unknown at first."""
    said, status = icarus(files(name, tmp_path), tmp_path, *more)
    assert re.search(r"^PASS: \d samples, \d+ beats equal the golden$", said, re.MULTILINE), said
    assert status == 0


@needs_icarus
def test_a_flipped_bit_of_a_memory_fails(tmp_path):
    top = files("digits-ternary", tmp_path)
    path = tmp_path / f"{top}_fc2_weights_words.hex"
    words = path.read_text().split()
    words[3] = f"{int(words[3], 16) ^ 1:0{len(words[3])}x}"
    path.write_text("\n".join(words))
    said, status = icarus(top, tmp_path)
    assert re.search(r"FAIL: sample \d, beat 0: \w\w instead of \w\w", said), said
    assert status != 0


@needs_icarus
def test_samples_of_ones_own(tmp_path):
    x = np.arange(3 * 64).reshape(3, 64) % 17
    top = files("digits-ternary", tmp_path, x)
    assert len((tmp_path / f"{top}_tb_in.hex").read_text().split()) == 3 * 8
    assert "PASS: 3 samples" in icarus(top, tmp_path)[0]


def lint(top, folder):
    """Verilator's complaints of the module ``top``."""
    command, environment, _ = programs.verilator()
    done = subprocess.run([*command, "--lint-only", "-Wall", f"{top}.v"], cwd=folder,
                          env=environment, text=True, capture_output=True, timeout=120)
    return [line for line in (done.stdout + done.stderr).splitlines() if "%" in line]


@pytest.mark.parametrize("name", NETWORKS)
def test_lint_finds_nothing(name, tmp_path):
    assert lint(files(name, tmp_path), tmp_path) == []


@needs_icarus
@pytest.mark.parametrize("seed", rotating(6))
def test_any_network(seed, tmp_path):
    """Icarus finds the golden's answers, and Verilator nothing to complain of."""
    top = files(random_network(seed, most=60, layers=3), tmp_path)
    said, status = icarus(top, tmp_path)
    assert "PASS" in said and status == 0, said
    assert not lint(top, tmp_path)


def test_a_module_may_be_called_tb():
    """A layer of this name makes the module net_tb."""
    graph = lower(convolution("tb"))
    design = Design.of(graph)
    assert "net_tb" in design.by_name
    made = benches(graph, design)
    assert "module net_tb_2;" in made["net_tb_2.sv"]
    assert "net_tb.sv" not in made


def test_names_are_no_part_of_the_text_around_them():
    """Python's quotes in the network's name; a prefix that YAML reads as a truth value."""
    graph = lower(replace(convolution(), name='a""" + 1 / 0', prefix="on"))
    made = benches(graph, Design.of(graph))
    compile(made["on_tb.py"], "on_tb.py", "exec")
    assert 'toplevel: "on"' in made["on.core"]


def test_the_core_names_every_file(tmp_path):
    top = files("digits-ternary", tmp_path)
    core = (tmp_path / f"{top}.core").read_text()
    for path in tmp_path.iterdir():
        if path.suffix in (".v", ".sv", ".hex"):
            assert path.name in core
