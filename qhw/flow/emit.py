"""The network as files: readable Verilog, its memories' contents, and what a driver must know."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from amaranth.hdl import ClockSignal, Instance
from amaranth.lib.memory import Memory

from .. import __version__
from ..ir import Graph
from .targets import Target
from .top import Port, Top, stages
from .verilog import verilog

__all__ = ["emit", "metadata", "module_name"]

INLINE = 256
"""Bits up to which a constant memory stands in the Verilog itself."""


def module_name(graph: Graph) -> str:
    """The network's name as an identifier."""
    return re.sub(r"\W", "_", graph.name)


def emit(graph: Graph, target: Target | None = None, *, taps: bool = False) -> dict[str, str]:
    """Texts by file name: one Verilog file and the contents of its larger memories.

    With a ``target`` each memory is told where to go; without, that is left to synthesis.
    """
    name, platform = module_name(graph), _Platform(target)
    described = {stage.name: _describe(stage.node) for stage in stages(graph) if stage.node}
    text = verilog(Top(graph, taps=taps), name, platform=platform, describe=lambda path: (
        None if path else _header(graph, target)) or described.get(path[0] if len(path) == 1
                                                                   else ""))
    files: dict[str, str] = {}

    def place(found: re.Match[str]) -> str:
        token = found["token"]
        file = f"{_module_before(text, found.start(), name)}_{found['instance']}.hex"
        files[file] = platform.contents[token]
        return found[0].replace(token, file)

    text = re.sub(r'"(?P<token>@\d+)"(?P<rest>.*?)\)\s*(?P<instance>\w+) \(', place, text,
                  flags=re.DOTALL)
    return {f"{name}.v": "\n".join([text.rstrip(), *platform.modules()]) + "\n", **files}


def _module_before(text: str, position: int, name: str) -> str:
    module = re.findall(r"^module (\w+)", text[:position], flags=re.MULTILINE)[-1]
    return module.removeprefix(f"{name}_")


class _Platform:
    """Tells each memory where to go, and keeps the contents of those in files."""

    def __init__(self, target: Target | None):
        self.target = target
        self.contents: dict[str, str] = {}
        self.used: set[tuple[str, str]] = set()

    def get_memory(self, memory: Memory) -> Instance:
        """An instance of one of the modules of ``memories.v``."""
        width, depth = memory.shape, memory.depth  # ours have plain bits as shape
        ports: dict[str, Any] = {"i_clk": ClockSignal()}
        for write in memory.write_ports:
            ports |= {"i_w_en": write.en, "i_w_addr": write.addr, "i_w_data": write.data}
        read, = memory.read_ports
        ports |= {"i_en": read.en, "i_addr": read.addr, "o_data": read.data}
        ports |= {"p_WIDTH": width, "p_DEPTH": depth, "p_ABITS": len(read.addr)}
        kind = "qhw_ram"
        if not memory.write_ports:
            kind, content = self._constant(list(memory.init), width)
            ports |= content
        style = "" if self.target is None else self.target.family.style(
            width, depth, writable=bool(memory.write_ports))
        self.used.add((kind, style))
        return Instance(f"{kind}_{style}".rstrip("_"), **ports)
