"""What starts quickly: commands import what they need and no more, and the package imports its
verbs when they are asked for."""

import ast
import importlib
import inspect
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import qhw
from qhw import pe, verbs

GATES = {"amaranth"}
ARRAYS = {"numpy"}
HEAVY = {"dask", "distributed", "google", "jinja2", "matplotlib", "numba", "onnx", "pyosys",
         "scipy", "serial", "torch"}
STARTS = {
    "import qhw": HEAVY | GATES | ARRAYS | {"pydantic", "rich", "typer"},
    "qhw --help": HEAVY | GATES | ARRAYS,
    "qhw build --help": HEAVY | GATES | ARRAYS,
    "qhw targets": HEAVY | GATES | ARRAYS,
    "qhw boards": HEAVY | GATES | ARRAYS,
    "qhw schemes": HEAVY | GATES,
}
"""What each may not import."""
SHOWN = "; print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"


@pytest.mark.parametrize("start", STARTS)
def test_imports_only_what_it_needs(start):
    program, *words = start.split()
    code = f"import sys; {start}{SHOWN}" if program == "import" else (
        f"import atexit, sys; sys.argv = {['qhw', *words]}; "
        f"atexit.register(lambda: exec({SHOWN[2:]!r}, globals())); "
        f"from qhw.cli import main; main()")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = set(found.stderr.split())
    assert "qhw" in imported
    assert imported & STARTS[start] == set()


@pytest.mark.skipif(not Path(sysconfig.get_path("purelib"), "qhw-clone.pth").exists(),
                    reason="the environment was not made by make, which puts the clone on the path")
def test_a_folder_of_the_same_name_is_not_taken_for_the_package(tmp_path):
    """As where Python runs in the folder that holds a clone named qhw."""
    (tmp_path / "qhw").mkdir()
    found = subprocess.run([sys.executable, "-c", "import qhw; print(qhw.load)"], cwd=tmp_path,
                           capture_output=True, text=True, check=True)
    assert found.stdout.startswith("<function load")


@pytest.mark.parametrize("package", [qhw, pe, verbs], ids=lambda p: p.__name__)
class TestLazy:
    def test_every_name_is_there(self, package):
        for name in package.__all__:
            assert getattr(package, name) is not None
            assert name in dir(package)

    def test_types_are_of_what_is_imported(self, package):
        """The imports that only a type checker sees name the same objects."""
        body = ast.parse(inspect.getsource(package)).body
        block, = (node for node in body if isinstance(node, ast.If))
        at_once = {alias.name for node in body if isinstance(node, ast.ImportFrom)
                   for alias in node.names}
        seen = set()
        for node in block.body:
            home = importlib.import_module("." * node.level + node.module, package.__name__)
            for alias in node.names:
                assert getattr(package, alias.name) is getattr(home, alias.name)
                seen.add(alias.name)
        assert seen == set(package.__all__) - at_once

    def test_other_names_are_refused(self, package):
        with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute"):
            package.nothing  # noqa: B018
