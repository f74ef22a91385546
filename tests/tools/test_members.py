"""Catalogues that are found by scanning."""

import os
import subprocess
import sys

import pytest

from qhw.tools.members import members


def test_every_module_in_the_order_of_names(tmp_path, monkeypatch):
    """Packages too; no other files."""
    folder = tmp_path / "catalogue"
    (folder / "c").mkdir(parents=True)
    for name in ("__init__.py", "b.py", "a.py", "c/__init__.py"):
        (folder / name).write_text(f"name = {name!r}")
    (folder / "notes.txt").write_text("none")
    monkeypatch.syspath_prepend(tmp_path)
    found = members("catalogue")
    assert [m.__name__ for m in found] == ["catalogue.a", "catalogue.b", "catalogue.c"]
    assert [m.name for m in found] == ["a.py", "b.py", "c/__init__.py"]
    for name in ("", ".a", ".b", ".c"):
        sys.modules.pop(f"catalogue{name}")


class Package:
    """An installed package that adds members: a folder with modules and entry points."""

    def __init__(self, folder, name="acme"):
        self.folder, self.name = folder, name
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("")
        (folder / f"{name}-1.2.dist-info").mkdir()
        (folder / f"{name}-1.2.dist-info/METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")

    def adds(self, module, text, **groups):
        (self.folder / self.name / f"{module}.py").write_text(text)
        with (self.folder / f"{self.name}-1.2.dist-info/entry_points.txt").open("a") as file:
            for group, name in groups.items():
                file.write(f"[{group.replace('__', '.')}]\n{name} = {self.name}.{module}\n")
        return self


PROGRAM = """
import qhw
from qhw.tools.members import faults
{}
for fault in faults():
    print(fault)
"""


def python(folder, text):
    """Runs a program of a new process in which the package is installed; its lines."""
    found = subprocess.run([sys.executable, "-c", PROGRAM.format(text)], text=True, cwd=folder,
                           capture_output=True, env={**os.environ, "PYTHONPATH": str(folder)})
    assert not found.returncode, found.stderr
    return found.stdout.splitlines()


SCHEME = '''
"""Threes."""
from dataclasses import dataclass
from qhw.schemes.fixed import Fixed
@dataclass(frozen=True)
class Threes(Fixed):
    name = "{}"
'''


def test_a_scheme_of_another_package(tmp_path):
    """In the order of names, also if its module is what is imported first."""
    Package(tmp_path).adds("one", SCHEME.format("dozen"), qhw__schemes="dozen")
    for first in ("", "import acme.one\n"):
        lines = python(tmp_path, f"{first}names = list(qhw.list_schemes())\n"
                                 "print('dozen' in names, names == sorted(names))\n"
                                 "print(qhw.scheme('dozen:bits=3').text)")
        assert lines == ["True True", "dozen:bits=3"]


def test_a_name_that_is_taken(tmp_path):
    """The scheme of qhw stays, and the fault names both."""
    Package(tmp_path).adds("one", SCHEME.format("ternary"), qhw__schemes="ternary")
    known, fault = python(tmp_path, "print(qhw.scheme('ternary').__class__.__module__)")
    assert known == "qhw.schemes.ternary"
    assert fault == ("'ternary' of acme 1.2 is left out of qhw.schemes: TypeError: 'ternary' is "
                     "defined twice: in qhw.schemes.ternary.Ternary and in acme.one.Threes")


def test_boards_with_one_name(tmp_path):
    text = ("from dataclasses import replace\nfrom qhw.boards.icesugar import BOARD as found\n"
            "BOARD = replace(found, about='mine'{})\n")
    Package(tmp_path).adds("one", text.format(""), qhw__boards="one").adds(
        "two", text.format(", name='two'"), qhw__boards="two")
    names, about, fault = python(
        tmp_path, "names = [b.name for b in qhw.list_boards()]\n"
                  "print(names.count('icesugar'), names.count('two'))\n"
                  "print(next(b.about for b in qhw.list_boards() if b.name == 'icesugar'))")
    assert (names, about) == ("1 1", "Muse Lab iCESugar v1.5")
    assert fault.endswith("'icesugar' is in qhw.boards.icesugar already")


@pytest.mark.parametrize(("text", "reason"), [
    ("import nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
    ("1 / 0", "ZeroDivisionError: division by zero"),
    ("raise SystemExit(3)", "SystemExit: 3"),
    ("x =", "SyntaxError: invalid syntax (one.py, line 1)"),
    ("", "acme.one has no BOARD")])
def test_a_member_that_fails_to_load_breaks_nothing_else(tmp_path, text, reason):
    """It is named where its name is asked for."""
    Package(tmp_path).adds("one", text, qhw__boards="one", qhw__schemes="one")
    lines = python(tmp_path, """
for ask in (lambda: qhw.estimate("digits-ternary", board="one"), lambda: qhw.scheme("one")):
    try:
        ask()
    except qhw.QhwError as e:
        print(e)
print(len(qhw.list_boards()))""")
    assert f"'one' of acme 1.2 is left out of qhw.boards: {reason}" in lines[0]
    assert f"qhw.schemes: {reason}" in lines[1] or not text
    assert int(lines[2]) > 10


def test_two_versions_of_a_package_are_one(tmp_path):
    """As an old installation leaves its metadata behind."""
    board = "from qhw.boards.icesugar import BOARD as b\nfrom dataclasses import replace\n"
    Package(tmp_path).adds("one", f"{board}BOARD = replace(b, name='one')", qhw__boards="one")
    old = tmp_path / "acme-1.1.dist-info"
    old.mkdir()
    for file in (tmp_path / "acme-1.2.dist-info").iterdir():
        (old / file.name).write_text(file.read_text().replace("1.2", "1.1"))
    assert python(tmp_path, "print([b.name for b in qhw.list_boards()].count('one'))") == ["1"]


def test_a_package_that_is_gone_is_a_fault(tmp_path):
    """Its metadata stays behind."""
    Package(tmp_path).adds("one", "", qhw__targets="chip")
    (tmp_path / "acme/one.py").unlink()
    (tmp_path / "acme/__init__.py").unlink()
    (tmp_path / "acme").rmdir()
    assert python(tmp_path, "print(len(qhw.list_targets()) > 5)") == [
        "True", "'chip' of acme 1.2 is left out of qhw.targets: ModuleNotFoundError: No module "
                "named 'acme'"]


def test_results_belong_to_the_source_of_plugins(tmp_path):
    """A changed file of a package, or a new one, makes another name of the source."""
    program = "from qhw.tools.store import source\nprint(source())"
    package = Package(tmp_path)
    without, = python(tmp_path, program)
    package.adds("one", SCHEME.format("dozen"), qhw__schemes="dozen")
    first, = python(tmp_path, program)
    (tmp_path / "acme/helper.py").write_text("X = 1\n")
    second, = python(tmp_path, program)
    (tmp_path / "acme/helper.py").write_text("X = 2\n")
    third, = python(tmp_path, program)
    assert len({without, first, second, third}) == 4
    assert python(tmp_path, program) == [third]


def test_a_chip_of_a_family_of_another_package(tmp_path):
    """Its prices are those of the family that it is like; a family without is named."""
    text = """
from dataclasses import replace
from qhw.targets.ecp5 import TARGETS as known
like, other = (replace(known[0].family, name=name, like=like) for name, like in (
    ("mine", known[0].family.name), ("alone", "")))
TARGETS = (replace(known[0], name="mine-25k", family=like),
           replace(known[0], name="alone-25k", family=other))
"""
    Package(tmp_path).adds("one", text, qhw__targets="mine")
    same, fault = python(tmp_path, """
luts = [qhw.estimate("digits-ternary", target=t).cost.luts for t in ("mine-25k", "ecp5-25k")]
print(luts[0] == luts[1])
try:
    qhw.estimate("digits-ternary", target="alone-25k")
except qhw.QhwError as e:
    print(e)""")
    assert same == "True" and fault.startswith("Family 'alone' has no prices")
