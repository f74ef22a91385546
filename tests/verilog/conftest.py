"""Verilator's run-time."""

import pytest

from qhw.tools import programs


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    """Verilator's own part, compiled once."""
    folder = tmp_path_factory.mktemp("runtime")
    _, _, include = programs.verilator()
    sources = [include / "verilated.cpp", include / "verilated_threads.cpp"]
    programs.run([*programs.cxx(), "-std=gnu++20", "-O0", f"-I{include}", "-c", *sources],
                 cwd=folder)
    return sorted(folder.glob("*.o"))
