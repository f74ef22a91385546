"""The files of a network behind a bus, as other tools take them."""

import shutil
import subprocess

import pytest

import qhw
from qhw.bus import WRAPS
from qhw.bus.wrap import bus_name, wrapped
from qhw.errors import ModelError
from qhw.lower import lower
from qhw.tools import programs
from qhw.verilog.design import Design
from tests.networks import random_network


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("name", ["digits-ternary", "random"])
def test_verilator_and_yosys_take_the_verilog(name, wrap, tmp_path):
    """Without a warning, and with every module."""
    graph = lower(random_network(3, most=40, layers=2) if name == "random" else qhw.load(name))
    design = Design.of(graph)
    files = {**design.files, **wrapped(graph, design, None, wrap)}
    for file, text in files.items():
        (tmp_path / file).write_text(text)
    verilog, top = sorted(f for f in files if f.endswith(".v")), bus_name(design, wrap)
    verilator, environment, _ = programs.verilator()
    programs.run([*verilator, "--lint-only", "-Wall", "--top-module", top, *verilog],
                 cwd=tmp_path, env=environment)
    programs.run_yosys([*(f"read_verilog {file}" for file in verilog),
                        f"hierarchy -check -top {top}", "proc", "check -assert"], tmp_path)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs a C compiler")
@pytest.mark.parametrize("seed", range(4))
def test_the_driver_is_strict_c99(seed, tmp_path):
    graph = lower(random_network(seed, most=40, layers=2))
    for file, text in wrapped(graph, Design.of(graph), None, "axi-lite").items():
        (tmp_path / file).write_text(text)
    driver, = tmp_path.glob("*_driver.c")
    subprocess.run(["gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic",
                    "-ffreestanding", "-c", driver.name], cwd=tmp_path, check=True)


def test_build_writes_them(tmp_path):
    known = qhw.build("digits-binary", tmp_path / "out", wrap="wishbone", check=False)
    assert {"digits_binary_wb.v", "digits_binary.h", "digits_binary_driver.c"} <= set(known.files)
    assert "digits_binary_wb.v" in (tmp_path / "out/digits_binary.core").read_text()


def test_refusals(tmp_path):
    from qhw.asic.librelane import Asic
    with pytest.raises(ModelError, match="for FPGAs and for no ASIC flow"):
        qhw.build("digits-binary", tmp_path / "out", target="asic", asic=Asic(), wrap="wishbone")
    assert not (tmp_path / "out").exists()
