"""The state of this machine: programs, packages, the cache folder, serial ports and their rights.

Every line names a thing with its version and place, or a missing one with its use and the command
that installs it."""

import os
import platform
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from ..errors import QhwError
from ..targets.boards import boards
from ..tools import programs
from ..tools.cache import folder
from ..tools.members import faults, plugins
from ..version import __version__
from .flash import RULES

__all__ = ["Finding", "State", "healthy", "look"]

State = Literal["ok", "missing", "wrong"]
"""``missing`` is optional; ``wrong`` stops ``build`` or ``simulate``."""
PACKAGES = {
    "onnxruntime": ("ONNX files are held against it", "pip install onnxruntime"),
    "tflite-micro": ("TFLite files are held against it", "pip install tflite-micro"),
    "torch": ("training", "pip install qhw[train]"),
    "distributed": ("sweeps on other machines", "pip install qhw[cluster]"),
    "cocotb": ("the cocotb testbench of a build", "pip install cocotb")}
"""Optional packages: their use, and the command that installs them."""


@dataclass(frozen=True)
class Finding:
    """A line of the examination."""

    kind: Literal["python", "program", "package", "folder", "port", "plugin"]
    name: str
    state: State
    found: str
    """The version and the place, or the reason."""
    use: str = ""
    help: str = ""
    """The command or the step that helps; empty if nothing is wrong."""


def healthy(findings: list[Finding]) -> bool:
    """Tells whether ``build`` and ``simulate`` have everything that they need."""
    return all(one.state != "wrong" for one in findings)


def look() -> list[Finding]:
    """Examines this machine; it starts the programs that every build needs, and no others."""
    return [*_python(), *_needed(), *_programs(), *_packages(), _cache(), *_ports(), *_plugins()]


def _python() -> Generator[Finding]:
    yield Finding("python", "Python", "ok", f"{platform.python_version()}, {sys.executable}")
    yield Finding("python", "qhw", "ok", f"{__version__}, {Path(__file__).parent.parent}")


def _needed() -> Generator[Finding]:
    """The programs that every build needs: each is started once."""
    def verilator() -> str:
        command, env, _ = programs.verilator()
        said = programs.run([*command, "--version"], cwd=Path.cwd(), env=env).strip()
        version = _version("verilator") or said.partition(" rev")[0]
        return f"{version}, {command[0]}"

    def compiler() -> str:
        command = programs.cxx()
        return f"{programs.version(*command, '--version')}, {' '.join(command)}"

    asked: dict[str, tuple[Callable[[], str], str]] = {
        "Yosys": (programs.yosys_version, "synthesis and netlists"),
        "Verilator": (verilator, "the check of every build"),
        "C++ compiler": (compiler, "compiled simulation")}
    for name, (version, use) in asked.items():
        try:
            yield Finding("program", name, "ok", version(), use)
        except QhwError as e:
            reason, _, help = str(e).partition(": ")
            yield Finding("program", name, "wrong", reason, use, help)


def _programs() -> Generator[Finding]:
    """Place and route, packers and programmers; they are not started."""
    uses = {name: f"boards with {family.name}" for board in boards()
            for family in [board.chip.family] if family.flow
            for name in (family.flow.nextpnr, family.flow.packer)}
    for board in boards():
        for tool in board.programmers:
            uses[tool.tool] = f"{uses[tool.tool]}, {board.name}" if tool.tool in uses else (
                f"programs {board.name}")
    for name in sorted(programs.PROGRAMS):
        use, help = uses.get(name, ""), programs.PROGRAMS[name][1]
        if found := programs.program(name):
            package = help.removeprefix("pip install ")
            version = _version(package)
            yield Finding("program", name, "ok", f"{version}, {found}" if version else found, use)
        else:
            yield Finding("program", name, "missing", "not on PATH", use, help)


def _packages() -> Generator[Finding]:
    for name, (use, help) in PACKAGES.items():
        version = _version(name)
        yield Finding("package", name, "ok" if version else "missing", version or "not installed",
                      use, "" if version else help)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except (metadata.PackageNotFoundError, ValueError):
        return ""


def _cache() -> Finding:
    """The cache folder: its size, and whether it can be written."""
    where = folder()
    there = next(path for path in (where, *where.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        return Finding("folder", "cache", "missing", f"{where} cannot be written",
                       "compiled simulators and searches are kept in it",
                       "set QHW_CACHE to a folder of yours")
    size = sum(path.lstat().st_size for path in where.rglob("*") if path.is_file())
    return Finding("folder", "cache", "ok", f"{where}, {size / 1e6:,.0f} MB",
                   "compiled simulators and searches are kept in it")


def _ports() -> Generator[Finding]:
    """Serial ports, the boards that they may be, and whether this user may open them."""
    from serial.tools.list_ports import comports
    ports: list[Any] = sorted(comports(), key=lambda port: str(port.device))
    if not ports:
        yield Finding("port", "serial ports", "missing", "none",
                      "answers of a board; --port sim needs none", "plug a board in")
    for port in ports:
        usb = f"{port.vid:04x}:{port.pid:04x}" if port.vid is not None else ""
        known = [board.name for board in boards() if usb and board.usb == usb]
        words = [usb, " or ".join(known), str(port.description or "").replace("n/a", "")]
        said = ", ".join(filter(None, words)) or "a serial port"
        may = os.access(port.device, os.R_OK | os.W_OK)
        yield Finding("port", str(port.device), "ok" if may else "missing", said,
                      "answers of a board", "" if may else
                      "join the group that owns it, or add a udev rule: docs/guides/boards.md")
    if sys.platform == "linux":
        there = Path(RULES).exists()
        yield Finding("port", "udev rules", "ok" if there else "missing",
                      RULES if there else f"{RULES} is not there",
                      "programming boards without being root", "" if there else
                      "see docs/guides/boards.md")


def _plugins() -> Generator[Finding]:
    """Members of other packages, and the reasons of the catalogues that are loaded."""
    reasons = {fault.plugin: fault.reason for fault in faults()}
    for one in plugins():
        yield Finding("plugin", one.name, "missing" if one in reasons else "ok",
                      reasons.get(one, f"{one.package}, {one.module}"), one.catalogue,
                      f"mend or remove {one.package}" if one in reasons else "")
