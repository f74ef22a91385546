"""Layers and networks with hostile names: each answers under its own name, and does no harm."""

import json
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from shutil import which

import numpy as np
import pytest

from qhw import verbs
from qhw.cli import terminal
from qhw.design.plan import stages
from qhw.design.top import unit_names
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Dense, Input
from qhw.loaders import load
from qhw.lower import lower
from qhw.names import visible
from qhw.report.pictures import costs, files
from qhw.report.record import Record
from qhw.report.rows import Row, RowLayer
from qhw.schemes.fixed import Fixed
from qhw.simulators import amaranth_sim
from qhw.simulators.golden import golden
from qhw.synthesis.synth import synthesize
from qhw.targets import target
from qhw.tools import programs
from qhw.tools.typed import read
from qhw.verilog.design import Design

from ..hostile import HOSTILE, network
from ..seeds import rotating

FAULTS = Path(__file__).parents[3] / "shared" / "faults"


@pytest.fixture(scope="module")
def lowered():
    return lower(network())


def codes(count):
    return np.random.default_rng(1).integers(0, 2, (count, 2))


def test_every_layer_answers_under_its_name(tmp_path):
    """Every other name: compilers take long for all."""
    x, names = codes(20), HOSTILE[rotating(1)[0] // 1000 % 2::2]
    found = verbs.simulate(network(names), x, engine="verilator", trace=True, stalls=3)
    assert found.matches == len(x)
    exact = golden(lower(network(names)), x)
    assert {name for name in names if name in exact} <= set(found.trace) == set(found.activity)
    found.write(tmp_path / "y.npz")
    written = np.load(tmp_path / "y.npz")
    for name in found.trace:
        assert np.array_equal(written[f"layer.{name}"], exact[name])


def test_amaranth_has_the_same_taps():
    graph = lower(network(["module", "clk", "a b", "a_b", "out_buffer", "\u5c42", "A_B", "tap_x"]))
    run, exact = amaranth_sim.simulate(graph, codes(3), trace=True), golden(graph, codes(3))
    assert {"module", "clk", "a b", "a_b", "out_buffer", "\u5c42", "A_B"} <= set(run.trace)
    assert all(np.array_equal(values, exact[name]) for name, values in run.trace.items())


def test_tools_read_the_verilog(lowered, tmp_path):
    files = Design.of(lowered, taps=True).files
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    verilog = files["hostile.v"]
    assert verilog.isascii()
    words = re.findall(r"^(?:module|  hostile_\w+) (\w+)", verilog, re.MULTILINE)
    assert all(len(word) < 120 and "__" not in word for word in words)
    programs.run_yosys(["read_verilog hostile.v", "hierarchy -check -top hostile"], tmp_path)
    if which("iverilog"):
        subprocess.run(["iverilog", "-g2005", "-tnull", "hostile.v"], cwd=tmp_path, check=True)


def test_units_never_share_a_name(lowered):
    names = unit_names(lowered)
    assert len(names) == len(stages(lowered))
    assert len({called.lower() for called in names.values()}) == len(names)
    assert names["a_b"] == "a_b" and names["join"] == "join" and names["module"] == "module"


def test_synthesis_finds_every_unit():
    graph = lower(network(["module", "class", "class_2", "A", "a", "x; endmodule //", "qhw_ram",
                           "s_axis_tdata"]))
    assert set(synthesize(graph, target("ice40hx8k"))) == {"", *(s.name for s in stages(graph))}


def wide(*names):
    """Products whose weights are in files."""
    weights = Fixed(4).quantize(np.random.default_rng(0).normal(size=(12, 12)), per_channel=False)
    nodes = [Node("input", Input((12,), Int(0, 3)))]
    nodes += [Node(name, Dense(Fixed(4), weights), ("input" if k == 0 else names[k - 1],))
              for k, name in enumerate(names[:1])]
    return nodes


@pytest.mark.parametrize("name", ["CON", "../../etc/x", "x" * 1500, "y;/" * 500, "FC", "con.hex"])
def test_memory_files_have_names_that_any_system_takes(name):
    files = Design.of(lower(Graph(f"net{name}", tuple(wide(name))))).files
    memories = [file for file in files if file.endswith(".hex")]
    assert memories
    for file in files:
        assert re.fullmatch(r"[A-Za-z0-9_]+\.(v|hex)", file) and len(file) <= 200
    verilog, = (text for file, text in files.items() if file.endswith(".v"))
    assert all(f'"{file}"' in verilog for file in memories)


@pytest.mark.parametrize("called", ["module", "small", "table", "endmodule", "a__b", "a b", "1",
                                    "\u56fe", "x" * 300, "[/red]", "qhw_ram", "aux", "std",
                                    "a\nmodule b;"])
def test_networks_with_these_names_build(called, tmp_path):
    graph = network(["fc", "act", "sum", "end"], called)
    known = verbs.build(graph, tmp_path / "out", target="ice40hx8k", check=False)
    assert known["name"] == called
    module = json.loads((tmp_path / "out/metadata.json").read_text())["module"]
    programs.run_yosys([f"read_verilog {module}.v", f"hierarchy -check -top {module}"],
                       tmp_path / "out")


class Elements(HTMLParser):
    """The elements of a page and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.said = set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.said.append(data)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Folders with reports of networks that differ in their names alone, and those of the first."""
    folder = tmp_path_factory.mktemp("built")
    names = [name for name in HOSTILE if 0 < len(name.strip()) < 40]
    names = names[:len(names) // 2 * 2]
    for called, layers in (("<script>alert(2)</script>", names),
                           ("plain", [f"l{k}" for k in range(len(names))])):
        verbs.build(network(layers, called), folder / called[:5], target="ice40hx8k", check=False)
    return folder, names


def test_a_page_shows_them_as_text(built):
    folder, names = built
    hostile, plain = (Elements((folder / name / "report.html").read_text())
                      for name in ("<scri", "plain"))
    assert hostile.tags == plain.tags
    said = "".join(hostile.said)
    assert all(visible(name) in said for name in (*names, "<script>alert(2)</script>"))


def test_a_terminal_shows_them_as_text(built, monkeypatch):
    folder, names = built
    known = read(Record, json.loads((folder / "<scri/report.json").read_text()))
    assert set(names) <= {layer.name for layer in known.layers}
    console = terminal.Terminal(width=400, record=True, file=StringIO())
    monkeypatch.setattr(terminal, "out", console)
    terminal.print_costs(replace(known, shortfalls=("[/red] is too large",)))
    said = console.export_text()
    shown = [line for name in (*names, "[/red] is too large") for line in name.splitlines()]
    assert not {visible(line) for line in shown if visible(line) not in said}
    assert not set("\x1b\u202e\r") & set(said)


def test_pictures_take_them():
    rows = [Row(scheme="[/red] $x$ _", luts=90 - k, brams=0, dsps=0,
                layers=tuple(RowLayer(name, None, 3, 0, 0, 0, 0) for name in names))
            for k, names in enumerate([["$\\foo$", "_a", "\u5c42", "\x1b", "others"], HOSTILE])]
    figure = costs(rows, "$\\title$ \x1b \u5c42")
    assert {"svg", "png"} == {file.split(".")[1] for file in files("costs", figure)}
    assert [text.get_text() for text in figure.legends[0].get_texts()][:5] == [
        "$\\foo$", " _a", "\u5c42", "\\x1b", "others"]


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800", "x" * 5000])
def test_names_that_no_file_can_have_are_refused(name):
    with pytest.raises(ModelError, match=r"Layer '.*': its name (is|has)"):
        network(["fc", name, "sum", "end"])


@pytest.mark.skipif(not FAULTS.is_dir(), reason="../shared/faults is not beside the project")
@pytest.mark.parametrize("case", ["14-reserved-names", "14b-unicode-names", "14d-conv_window",
                                  "14e-long-names"])
def test_files_with_such_names(case):
    data = np.load(FAULTS / case / "data.npz")
    found = verbs.simulate(load(FAULTS / case / "model.onnx"), data["x"][:20], engine="verilator",
                           trace=True, stalls=1)
    assert found.matches == len(data["x"][:20])
    assert np.allclose(found.y, data["want"][:20].reshape(found.y.shape), rtol=1e-12, atol=0)
