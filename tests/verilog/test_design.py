"""What a design knows of its modules is what Yosys reads in their text."""

import ast
import json
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

import qhw
from qhw.graph import Spatial
from qhw.link.link import Link
from qhw.lower import EVERY, lower
from qhw.targets import target
from qhw.tools import programs
from qhw.verilog import printed
from qhw.verilog.design import Design

from ..whole.test_two import FOLDS, network

LINK = Link(12_000_000)
PACKAGE = Path(qhw.__file__).parent


def mixed():
    """Words in files, in the Verilog and in adders, and a branch with a queue."""
    return lower(network(0), FOLDS)


def constants(family=""):
    return lower(network(1), {EVERY: Spatial()}, family=family)


DESIGNS = {
    "plain": lambda: Design.of(mixed()),
    "taps": lambda: Design.of(mixed(), taps=True),
    "link": lambda: Design.of(mixed(), target("ice40hx8k"), link=LINK),
    "blocks": lambda: Design.of(mixed(), target("ecp5-25k")),
    "constant": lambda: Design.of(constants()),
    "cells": lambda: Design.of(constants("ice40"), target("ice40hx8k"), link=LINK),
    "digits": lambda: Design.of(lower(qhw.load("digits-ternary")), target("asic")),
}


@pytest.fixture(scope="module", params=DESIGNS)
def design(request):
    return DESIGNS[request.param]()


def modules(design, folder, *passes, files=None):
    """What Yosys reads, by module; simulators' part of the text."""
    for file, text in (files or design.files).items():
        (folder / file).write_text(text)
    programs.run_yosys([f"read_verilog -nosynthesis {design.name}.v", *passes, "proc",
                        "memory_collect", "write_json read.json"], folder)
    return json.loads((folder / "read.json").read_text())["modules"]


def integer(value):
    """A parameter as Yosys writes it: bits, or text with a space behind if it is like bits."""
    return int(value, 2) if value and set(value) <= {"0", "1"} else value


def described(design):
    """Ports, instances and parameters of every module, by module."""
    return {module.name: ([tuple(port) for port in module.ports],
                          {one.name: (one.module, dict(one.parameters))
                           for one in module.instances}, set(module.parameters))
            for module in design.modules}


def read(found):
    """The same of what Yosys read."""
    return {name: (
        [(port["direction"], key, len(port["bits"])) for key, port in module["ports"].items()],
        {key: (cell["type"], {k: integer(v) for k, v in cell["parameters"].items()})
         for key, cell in module["cells"].items() if not cell["type"].startswith("$")},
        set(module.get("parameter_default_values", ()))) for name, module in found.items()}


def test_modules_are_those_that_yosys_reads(design, tmp_path):
    """All of them, with their ports in order and their widths, instances and parameters."""
    assert read(modules(design, tmp_path)) == described(design)


def test_a_port_that_differs_is_seen(tmp_path):
    design = DESIGNS["plain"]()
    *others, last = design.modules
    ports = (*last.ports[:-1], last.ports[-1]._replace(bits=2))
    wrong = replace(design, modules=(*others, replace(last, ports=ports)))
    assert read(modules(design, tmp_path)) != described(wrong)


@pytest.mark.parametrize("how", ["files", "one file"])
def test_memories_are_those_that_yosys_builds(design, how, tmp_path):
    """Width, depth, and the words of those in files, which are the same in one file."""
    files = {f"{design.name}.v": design.one_file} if how == "one file" else None
    found = modules(design, tmp_path, f"hierarchy -check -top {design.name}", files=files)
    assert len(list(tmp_path.glob("*.hex"))) == (len(design.contents) if files is None else 0)
    for module in design.modules:
        for memory in module.memories:
            cell, = [cell for cell in found[found[module.name]["cells"][memory.name]["type"]]
                     ["cells"].values() if cell["type"] == "$mem_v2"]
            made = {key: integer(value) for key, value in cell["parameters"].items()}
            assert (made["WIDTH"], made["SIZE"]) == (memory.width, memory.depth)
            if memory.file:
                words = [int(word, 16) for word in design.contents[memory.file].split()]
                assert len(words) == memory.depth
                assert made["INIT"] == sum(word << k * memory.width
                                           for k, word in enumerate(words))
    assert [memory.file for memory in design.memories if memory.file] == list(design.contents)


def test_there_are_designs_with_all_of_it():
    made = {name: make() for name, make in DESIGNS.items()}
    assert made["plain"].contents and made["plain"].queues
    assert set(made["plain"].memory_kinds) == {
        f"net_qhw_{kind}" for kind in ("ram", "rom", "rom_file")}
    assert not made["constant"].cells and made["cells"].cells == "ice40"
    assert any(port.name.startswith("tap_") for port in made["taps"].ports)


def test_units_are_instances_of_the_network(design):
    inside = {one.name for one in design.network.instances}
    assert set(design.instances) == {unit.name for unit in design.units}
    assert set(design.instances.values()) == inside
    assert design.network.name == design.name + "_network" * bool(design.link)
    assert [unit for unit in design.units if unit.kind == "queue"] == list(design.queues)


def test_streams_are_the_networks_ports(design):
    bits = {port.name: port.bits for port in design.network.ports}
    assert [bits["s_axis_tdata"], bits["m_axis_tdata"]] == [port.width for port in design.streams]


def test_it_is_made_once_and_stays():
    graph = mixed()
    design = Design.of(graph, target("ecp5-25k"))
    assert Design.of(graph, target("ecp5-25k")) is design is not Design.of(graph)
    assert design.files is design.files
    with pytest.raises(FrozenInstanceError):
        design.taps = True


def test_a_build_makes_once_what_it_writes_and_measures(tmp_path, monkeypatch):
    made = []

    def counted(top, name, **more):
        made.append(name)
        return printed(top, name, **more)

    monkeypatch.setattr("qhw.verilog.design.printed", counted)
    qhw.build(network(0), tmp_path / "out", target="ice40hx8k", folds=FOLDS, measure=True,
              check=False)
    assert made == ["net"]


def test_one_file_reads_no_other(design):
    assert "$readmemh" not in design.one_file
    assert ("$readmemh" in design.files[f"{design.name}.v"]) >= bool(design.contents)


READS = {
    "asic/liberty.py": "a cell library",
    "asic/tinytapeout.py": "the author's name",
    "board/flash.py": "what programmers print",
    "verilog/module.py": "the name of a signal of Amaranth's",
    "verilog/modules.py": "a component's docstring",
}
"""Files whose rooms have generated Verilog at hand and that use regular expressions, and what these
read: never the Verilog."""


def test_nobody_reads_our_own_verilog():
    """Whoever wants to know something of generated Verilog asks the design."""
    rooms = ("asic", "board", "design", "link", "simulators", "synthesis", "verilog", "verbs")
    using = {str(path.relative_to(PACKAGE)) for room in rooms
             for path in (PACKAGE / room).rglob("*.py")
             if any(isinstance(node, ast.Import) and any(a.name == "re" for a in node.names)
                    or isinstance(node, ast.ImportFrom) and node.module == "re"
                    for node in ast.walk(ast.parse(path.read_text())))}
    assert using == set(READS)
