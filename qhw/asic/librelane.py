"""A network for an open ASIC flow: Verilog in one file, constraints, and LibreLane's configuration.
"""

import json
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..errors import ModelError
from ..graph import Graph
from ..targets import Target
from ..verilog.design import Design

__all__ = ["Asic", "Clocked", "filled", "librelane"]

IO_SHARE = 0.2
"""Fraction of the clock period reserved for logic outside, at inputs and at outputs."""
UNCERTAINTY_NS = 0.25
UTILIZATION = 40
"""Percent of the core that cells take, which leaves room for what timing and routing add."""


@dataclass(frozen=True)
class Asic:
    """Options of an ASIC flow; ``period_ns`` is the clock period in ns."""

    period_ns: float = 20

    def __post_init__(self) -> None:
        if not isfinite(self.period_ns) or self.period_ns <= 0:
            raise ModelError(f"The clock's period must be more than 0 ns, not {self.period_ns:g}")

    @property
    def clock_hz(self) -> int:
        """Clock frequency in Hz."""
        return round(1e9 / self.period_ns)


@dataclass(frozen=True)
class Clocked:
    """Record of the files for LibreLane, ``asic`` in the record of a build; ``clock_hz`` in Hz."""

    clock_hz: int


def librelane(graph: Graph, target: Target, asic: Asic) -> dict[str, str]:
    """Makes LibreLane's files by name: Verilog in one file, SDC, config.json, a README.

    Parameters
    ----------
    graph : the lowered graph
    target : the ASIC target
    asic : clock period in ns and other options
    """
    design = Design.of(graph, target)
    name = design.name
    config = {
        "DESIGN_NAME": name, "VERILOG_FILES": [f"dir::{name}.v"],
        "CLOCK_PORT": "clk", "CLOCK_PERIOD": asic.period_ns,
        "PNR_SDC_FILE": f"dir::{name}.sdc", "SIGNOFF_SDC_FILE": f"dir::{name}.sdc",
        "FP_SIZING": "relative", "FP_CORE_UTIL": UTILIZATION}
    return {
        f"{name}.v": design.one_file,
        f"{name}.sdc": _constraints(design, asic),
        "config.json": json.dumps(config, indent=2) + "\n",
        "README.md": filled("asic.md.jinja", name=name, period=f"{asic.period_ns:g}",
                            mhz=f"{1000 / asic.period_ns:g}", utilization=UTILIZATION)}


def filled(template: str, **known: Any) -> str:
    """Fills the placeholders of a template with the values in ``known``; returns plain text."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    return environment.get_template(template).render(**known)


def _constraints(design: Design, asic: Asic) -> str:
    delay = f"{IO_SHARE * asic.period_ns:g}"
    lines = [f"create_clock -name clk -period {asic.period_ns:g} [get_ports clk]",
             f"set_clock_uncertainty {min(UNCERTAINTY_NS, asic.period_ns / 20):g} [get_clocks clk]"]
    for way, port, bits in design.ports:
        if port != "clk":
            which = f"{{{port}[*]}}" if bits > 1 else port
            lines.append(f"set_{way}_delay {delay} -clock clk [get_ports {which}]")
    return "\n".join([*lines, ""])
