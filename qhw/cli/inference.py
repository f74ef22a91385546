"""``qhw simulate``: exact inference, and a comparison with the golden."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from .. import verbs
from ..errors import QhwError
from ..tools.typed import Json as Value
from .app import app
from .goals import To, placed, print_goal
from .options import Json, Model, Reading, print_json, reading
from .terminal import out, progress

__all__ = ["simulate"]


class Engine(StrEnum):
    """Where inference is computed: numpy, Amaranth's simulator, the compiled Verilog, or the
    compiled netlist of a chip's cells."""

    golden = "golden"
    amaranth = "amaranth"
    verilator = "verilator"
    netlist = "netlist"


@app.command()
@placed
@reading
def simulate(model: Model, to: To, read: Reading,
             input: Annotated[Path, typer.Option(help=".npz file with samples x, or .npy file")],
             output: Annotated[Path | None, typer.Option(
                 help=".npz file for y (real) and codes (integers)")] = None,
             engine: Annotated[Engine, typer.Option(
                 help="how to compute; netlist simulates the cells of --target or --board")
                 ] = Engine.golden,
             limit: Annotated[int | None, typer.Option(min=1, help="most samples to use")] = None,
             trace_layers: Annotated[bool, typer.Option(
                 "--trace-layers", help="compare and write every layer's integers")] = False,
             stalls: Annotated[int | None, typer.Option(
                 min=0, help="stall both ends at random; the number is the seed")] = None,
             waves: Annotated[Path | None, typer.Option(
                 help=".vcd file for the waveform of every signal; needs --engine verilator")
                 ] = None,
             json: Json = False) -> None:
    """Infer exactly, in numpy or in the hardware, and compare with the golden."""
    if output:
        from ..tools.files import check_npz
        check_npz(output)
    x, labels = verbs.read_input(input, limit)
    with progress(len(x), f"{engine.value}") as done:
        found = verbs.simulate(read(model), x, engine=engine.value,
                               trace=trace_layers, stalls=stalls, waves=waves,
                               progress=done, **to)
    known: dict[str, Value] = {"samples": len(x), "cycles": found.cycles, "seconds": found.seconds,
             "matches_golden": found.matches == len(x), "matches": found.matches}
    if found.activity:
        known["activity"] = found.activity
    if found.goal:
        known["goal"] = found.goal
    correct = None if labels is None else found.correct(labels)
    if correct is not None:
        known["correct"] = correct
    if found.matches != len(x):
        raise QhwError(f"{model}: {engine.value} differs from the golden on "
                       f"{len(x) - found.matches} of {len(x)} samples")
    if output:
        found.write(output)
    if json:
        return print_json(known)
    out.print(f"{found.matches} of {len(x)} samples equal the golden"
              + (" at every layer" if trace_layers else ""))
    if correct is not None:
        out.print(f"{correct} of {len(x)} are classified right ({correct / len(x):.2%})")
    if found.cycles:
        out.print(f"{found.cycles} cycles, {found.cycles / len(x):.1f} per inference")
    print_goal(found.goal)
    out.print(f"{found.seconds:.2f} s")
    if found.activity:
        out.print(_activity(found.activity))


def _activity(of: Mapping[str, Mapping[str, int]]) -> Table:
    """Cycles in which each layer's output moved a beat, was blocked, or starved the next unit."""
    table = Table("layer")
    for title in ("beats moved", "blocked", "starved"):
        table.add_column(title, justify="right")
    for name, counted in of.items():
        table.add_row(name, *(str(counted[key]) for key in ("moved", "blocked", "idle")))
    return table
