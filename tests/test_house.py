"""The rooms of the package and of its proofs: which may look into which, and how large each is.

A room is a folder, or a file that stands beside the folders of ``qhw``. It imports from rooms on
lower floors alone, so that there is no circle among rooms.
"""

import ast
import importlib
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from amaranth.lib import wiring

from qhw.loaders import formats
from qhw.schemes import schemes
from qhw.targets import families, targets
from qhw.targets.boards import boards

ROOT = Path(__file__).parent.parent
FLOOR = {
    "qhw.errors": 0, "qhw.limits": 0, "qhw.version": 0,
    "qhw.tools": 1, "qhw.exact": 1, "qhw.codecs": 1, "qhw.names": 2, "qhw.targets": 2,
    "qhw.pe": 2, "qhw.hw": 2, "qhw.graph": 3, "qhw.schemes": 3, "qhw.adders": 3,
    "qhw.schedule": 3, "qhw.hw.streams": 3, "qhw.hw.storage": 4,
    "qhw.hw.units": 5, "qhw.link.gateware": 5, "qhw.layers": 6, "qhw.engines": 6, "qhw.ops": 7,
    "qhw.loaders.*": 8, "qhw.lower": 8, "qhw.design": 8,
    "qhw.loaders": 9, "qhw.estimator": 9, "qhw.link": 9,
    "qhw.fold": 10, "qhw.verilog": 10,
    "qhw.bus": 11, "qhw.simulators": 11, "qhw.synthesis": 11,
    "qhw.quantization": 12, "qhw.train": 12, "qhw.asic": 12, "qhw.board": 12, "qhw.report": 13,
    "qhw.verbs": 14, "qhw.plugins": 15, "qhw.testing": 15, "qhw.integration": 15,
    "qhw.exploration": 15, "qhw": 16, "qhw.cli": 17,
    "qhw.__main__": 18,
    "sim": 20, "sim.cocotb": 21, "sim.system": 21, "sim.calibrate": 21, "sim.proof.formal": 21,
    "sim.proof.descriptions": 21, "sim.proof.tflites": 21, "sim.proof.oracles": 21, "sim.proof": 22,
    "sim.proof.exporters": 22, "sim.proof.mutations": 22, "sim.bench": 23, "sim.bench.peers": 24,
    "sim.bench.results": 24}
ONE_ROOM = {"qhw.loaders.onnx.handlers": "qhw.loaders.onnx",
            "qhw.loaders.tflite.handlers": "qhw.loaders.tflite",
            "qhw.quantization.calibration": "qhw.quantization",
            "qhw.quantization.activations": "qhw.quantization",
            "qhw.lower.codes": "qhw.lower", "qhw.adders.cells": "qhw.adders"}
"""Folders that are parts of the room around them."""
CATALOGUES = {"qhw/schemes", "qhw/layers", "qhw/ops", "qhw/engines", "qhw/targets", "qhw/hw/units",
              "qhw/lower"}
"""Folders with a file a member, any number."""
MOST_FILES = 15
MOST_LINES = 350
MOST_LINES_OF_A_FUNCTION = 60
LARGEST_ROOM = 0.10
"""Of the package's lines."""
INSIDE = "qhw.tools.hdl"
"""The one module that imports what is private to Amaranth."""
PACKAGE = sorted((ROOT / "qhw").rglob("*.py"))
FILES = [*PACKAGE, *sorted((ROOT / "sim").rglob("*.py"))]
each_file = pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))


def module(path):
    """The dotted name of a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module(path): path for path in FILES}


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def room(name):
    """The room that a module is in."""
    path = MODULES[name]
    if path.parent == ROOT / "qhw":
        return name
    folder = ".".join(path.relative_to(ROOT).parts[:-1])
    return ONE_ROOM.get(folder, folder)


def floor(name):
    """The floor of a module's room; all packages of a room that any may join stand on one."""
    found = room(name)
    return FLOOR[found] if found in FLOOR else FLOOR[f"{found.rpartition('.')[0]}.*"]


@cache
def imports(name):
    """What a module imports of the package and of its proofs: (module, name in it) pairs."""
    found, package = set(), MODULES[name].relative_to(ROOT).parts[:-1]
    for node in ast.walk(tree(MODULES[name])):
        if isinstance(node, ast.ImportFrom):
            base = ".".join((*package[:len(package) - node.level + 1] * bool(node.level),
                             *[node.module] * bool(node.module)))
            found |= {(f"{base}.{a.name}", "") if f"{base}.{a.name}" in MODULES
                      else (base, a.name) for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {(a.name, "") for a in node.names}
    return {(of, n) for of, n in found if of in MODULES}


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_down(name):
    wrong = [of for of, _ in imports(name)
             if room(of) != room(name) and floor(of) >= floor(name)]
    assert not wrong


def test_no_file_imports_itself_by_way_of_others():
    done, path = set(), []

    def visit(name):
        assert name not in path, " -> ".join([*path[path.index(name):], name])
        if name not in done:
            path.append(name)
            for of in sorted({of for of, _ in imports(name)} - {name}):
                visit(of)
            done.add(path.pop())

    for name in MODULES:
        visit(name)


@pytest.mark.parametrize("name", MODULES)
def test_what_is_private_stays_in_its_room(name):
    wrong = [f"{of}.{n}" for of, n in imports(name)
             if room(of) != room(name) and n.startswith("_") and not n.startswith("__")]
    assert not wrong


@pytest.mark.parametrize("name", MODULES)
def test_what_is_private_to_amaranth_is_imported_in_one_place(name):
    inside = [node.module for node in ast.walk(tree(MODULES[name]))
              if isinstance(node, ast.ImportFrom)
              and re.match(r"amaranth\b.*\._", node.module or "")]
    assert not inside or name == INSIDE


@each_file
def test_a_file_fits_in_a_head_and_says_what_it_is_for(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
    assert ast.get_docstring(tree(path))


@each_file
def test_functions_fit_on_a_screen(path):
    long = {node.name: node.end_lineno - node.lineno + 1 for node in ast.walk(tree(path))
            if isinstance(node, ast.FunctionDef)}
    assert {name for name, lines in long.items() if lines > MOST_LINES_OF_A_FUNCTION} == set()


def test_folders_are_seen_in_one_look():
    counts = Counter(path.parent.relative_to(ROOT).as_posix() for path in FILES)
    assert {name for name, count in counts.items()
            if count > MOST_FILES and name not in CATALOGUES} == set()


def test_no_room_is_half_the_house():
    lines = Counter()
    for path in PACKAGE:
        lines[room(module(path))] += len(path.read_text(encoding="utf-8").splitlines())
    assert {name for name, n in lines.items() if n > LARGEST_ROOM * lines.total()} == set()


def constants(path):
    """The texts in a file, and the constants that something is compared with."""
    said, compared = set(), []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            said.add(node.value)
        elif isinstance(node, ast.Compare):
            compared += [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            compared.append(node.value)
    return said, {part.value for side in compared for part in (side, *getattr(side, "elts", ()))
                  if isinstance(part, ast.Constant)}


CELL_WRITERS = {f"qhw.adders.cells.{f.adders.writer.partition(':')[0]}"
                for f in families().values()}
CHIPS = {chip.name for chip in targets()}


@each_file
def test_a_family_is_asked_what_it_does_and_not_what_it_is_called(path):
    """No name of a family but where it is made, and no comparison with one of a chip; names that
    are a chip's too, in a list of chips say, are no family's."""
    if room(module(path)) == "qhw.targets" or module(path) in CELL_WRITERS:
        return
    said, asked = constants(path)
    assert not said & ({*families()} - CHIPS)
    assert not asked & ({*families()} | CHIPS)


MEMBERS = {*schemes, *(f.name for f in formats()), *(b.name for b in boards())} - {"product"}
"""But for a word that is another thing's name too."""


@pytest.mark.parametrize("path", PACKAGE, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_member_of_a_catalogue_is_asked_too(path):
    """Schemes, formats and boards: none is compared by name, so that one more is one file more."""
    assert not constants(path)[1] & MEMBERS


@pytest.mark.parametrize("family", sorted(
    p.stem for p in (ROOT / "qhw/targets").glob("*.py") if "\nTARGETS = " in p.read_text()))
def test_every_family_has_its_test(family):
    text = (ROOT / f"tests/targets/test_{family}.py").read_text()
    assert "(FamilyLaws)" in text or "in_gates" in text


@pytest.mark.parametrize("scheme", sorted(
    p.stem for p in (ROOT / "qhw/schemes").glob("[!_]*.py") if p.stem != "scheme"))
def test_every_scheme_has_its_test_and_its_source(scheme):
    assert "SchemeLaws" in (ROOT / f"tests/schemes/test_{scheme}.py").read_text()
    assert "arXiv" in ast.get_docstring(ast.parse((ROOT / f"qhw/schemes/{scheme}.py").read_text()))


def loose(annotation):
    """Whether a type says ``dict[str, Any]``, or ``Mapping``, anywhere in it."""
    return any(isinstance(n, ast.Subscript) and ast.unparse(n.slice) in ("str, Any", "(str, Any)")
               for n in ast.walk(annotation))


def signatures(body):
    """The types that a file shows: of public functions and methods, fields and aliases."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from signatures(node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            known = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
            if not node.name.startswith("_") or node.name.startswith("__"):
                yield from ((node.lineno, a.annotation) for a in known if a and a.annotation)
                yield from [(node.lineno, node.returns)] * bool(node.returns)
        elif isinstance(node, ast.AnnAssign):
            yield node.lineno, node.annotation
        elif isinstance(node, ast.Assign):
            yield node.lineno, node.value


@pytest.mark.parametrize("path", PACKAGE, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_a_function_takes_and_gives_has_a_type(path):
    """JSON of others is ``Json`` or a TypedDict, our own a dataclass."""
    assert not [line for line, kind in signatures(tree(path).body) if loose(kind)]


@pytest.mark.parametrize(("text", "said"), [
    ("def f(a: dict[str, Any]): ...", True), ("def f() -> list[Mapping[str, Any]]: ...", True),
    ("class A:\n    def __init__(self, *, a: list[dict[str, Any]]): ...", True),
    ("Row = Mapping[str, Any]", True), ("class A:\n    a: dict[str, Any]", True),
    ("def _f(a: dict[str, Any]): ...", False), ("def f(a: dict[str, int]): ...", False)])
def test_a_type_that_says_nothing_is_seen(text, said):
    assert any(loose(kind) for _, kind in signatures(ast.parse(text).body)) == said


@pytest.mark.parametrize("name", sorted(
    name for name in MODULES if re.match(r"qhw\.(hw|pe|link\.gateware)\.", name)))
def test_a_components_first_sentence_can_be_read_in_the_verilog(name):
    """It stands above the module, where no parameter of the constructor has a name."""
    for node in tree(MODULES[name]).body:
        if isinstance(node, ast.ClassDef) and "Component" in ast.unparse(node):
            made = [f for f in node.body if getattr(f, "name", "") == "__init__"]
            given = {a.arg for f in made for a in (*f.args.args, *f.args.kwonlyargs)}
            first = re.split(r"(?<=[.!?])\s", ast.get_docstring(node) or "")[0]
            assert not given & {*re.findall(r"``(\w+)", first)}, node.name


UNPRICED = {"qhw.hw.units.gradient", "qhw.hw.units.lfsr"}
"""Units that stand alone: no operation makes them."""


@pytest.mark.parametrize("name", sorted(
    name for name in MODULES if re.match(r"qhw\.hw\.(units|streams|storage)\.", name)))
def test_a_component_lists_its_parts_beside_its_gates(name):
    made = [thing for thing in vars(importlib.import_module(name)).values()
            if isinstance(thing, type) and issubclass(thing, wiring.Component)
            and thing.__module__ == name]
    assert {c.__name__ for c in made if not hasattr(c, "made_of")} == (
        {c.__name__ for c in made} if name in UNPRICED else set())


@pytest.mark.parametrize("name", sorted(UNPRICED))
def test_what_has_no_price_is_in_no_network(name):
    assert {of for of in MODULES if name in {found for found, _ in imports(of)}} <= UNPRICED


def test_the_estimator_keeps_no_copy_of_a_unit():
    """It maps the tile of the matrix-vector unit, and of the others only their expressions."""
    known = {of for name in MODULES if room(name) == "qhw.estimator" for of, _ in imports(name)}
    assert {of for of in known if room(of) in ("qhw.hw.units", "qhw.hw.streams")} == {
        "qhw.hw.units.matvec"}


@pytest.mark.parametrize("member", sorted(
    path.relative_to(ROOT / "qhw").with_suffix("").as_posix() for path in PACKAGE
    if not path.name.startswith("__")))
def test_every_file_has_its_test_file(member):
    """Of its own name in the folder that mirrors its own, so that a failure names the room."""
    *rooms, name = member.split("/")
    assert ROOT.joinpath("tests", *rooms, f"test_{name.strip('_')}.py").is_file()
