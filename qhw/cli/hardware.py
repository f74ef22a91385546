"""``qhw build``, ``flash``, ``estimate`` and ``synth``: the network as hardware, and its cost."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .. import verbs
from ..errors import QhwError
from .app import app
from .goals import To, needed_board, placed, print_goal
from .options import Json, Model, Reading, print_json, reading
from .terminal import (
    out,
    print_check,
    print_costs,
    print_errors,
    print_library,
    print_placed,
    print_tiles,
    spinner,
)

if TYPE_CHECKING:
    from ..asic.librelane import Asic
    from ..asic.tinytapeout import TinyTapeout

__all__ = ["build", "estimate", "flash", "synth"]

Baud = Annotated[int | None, typer.Option(
    min=1, help="baud rate of the host link (default: the board's)")]

Check = Annotated[bool, typer.Option(
    "--check/--no-check", help="simulate the compiled Verilog on a few samples, and compare every "
                               "layer with the golden, before anything is written")]


@app.command()
@placed
@reading
def build(model: Model,
          output: Annotated[Path, typer.Option("-o", "--output", help="folder to write")],
          to: To, read: Reading,
          synth: Annotated[bool, typer.Option(
              "--synth", help="also synthesize, for the report")] = False,
          input: Annotated[Path | None, typer.Option(
              help=".npz file with samples x, to simulate for the report")] = None,
          asic: Annotated[bool, typer.Option(
              "--asic", help="for --target asic: also write the files for LibreLane")] = False,
          tinytapeout: Annotated[bool, typer.Option(
              "--tinytapeout", help="for --target asic: also write a Tiny Tapeout project with "
                                    "a serial link")] = False,
          period: Annotated[float | None, typer.Option(
              metavar="NS", help="clock period of an ASIC in ns (default: 20)")] = None,
          author: Annotated[str | None, typer.Option(
              help="author of the Tiny Tapeout project; the module's name contains it")] = None,
          tiles: Annotated[str | None, typer.Option(
              help="tiles of the Tiny Tapeout project (default: the fewest)")] = None,
          prefix: Annotated[str | None, typer.Option(
              help="prefix of modules and memory files (default: the network's name)")] = None,
          wrap: Annotated[Literal["axi-lite", "wishbone"] | None, typer.Option(
              help="bus of a processor: also write registers on it and a driver in C")] = None,
          baud: Baud = None, check: Check = True, json: Json = False) -> None:
    """Write Verilog, weights, metadata and a report; for a board, a bitstream too."""
    x, labels = verbs.read_input(input) if input else (None, None)
    with spinner(f"building {model}"):
        known = verbs.build(read(model), output, **to,
                            asic=_asic(asic, tinytapeout, period, author, tiles, baud),
                            baud=None if tinytapeout else baud, measure=synth, x=x, labels=labels,
                            check=check, prefix=prefix, wrap=wrap,
                            command=shlex.join(["qhw", *sys.argv[1:]]))
    if json:
        return print_json(known)
    print_costs(known)
    print_goal(known.goal)
    print_check(known.check)
    print_placed(known.place)
    print_tiles(known.tinytapeout)
    out.print(f"Verilog and report are in {output}", soft_wrap=True)


def _asic(asic: bool, tinytapeout: bool, period: float | None, author: str | None,
          tiles: str | None, baud: int | None) -> "Asic | TinyTapeout | None":
    """Makes the ASIC options; QhwError for options of a flow that is not selected."""
    from ..asic.librelane import Asic
    from ..asic.tinytapeout import TinyTapeout
    if asic and tinytapeout:
        raise QhwError("--asic and --tinytapeout are two ways to a chip; choose one")
    if not tinytapeout and (author is not None or tiles is not None):
        raise QhwError("--author and --tiles go with --tinytapeout")
    if period is not None and not (asic or tinytapeout):
        raise QhwError("--period goes with --asic or --tinytapeout")
    clock = Asic() if period is None else Asic(period)
    if not tinytapeout:
        return clock if asic else None
    return TinyTapeout(TinyTapeout.author if author is None else author, tiles, clock,
                       TinyTapeout.baud if baud is None else baud)


@app.command()
@placed
@reading
def flash(model: Model, to: To, read: Reading,
          build: Annotated[Path | None, typer.Option(
              help="folder of an earlier build (default: build/MODEL-BOARD)")] = None,
          keep: Annotated[bool, typer.Option(
              "--keep", help="write the board's flash memory, which keeps the bitstream without "
                             "power")] = False,
          baud: Baud = None, check: Check = True, json: Json = False) -> None:
    """Program a board with an earlier build, or build it first."""
    board = needed_board(to)
    with spinner(f"programming {board}"):
        known = verbs.flash(read(model), board=board, output=build,
                            keep=keep, baud=baud, check=check, goal=to["goal"], folds=to["folds"],
                            cycles=to["cycles"], command=shlex.join(["qhw", *sys.argv[1:]]))
    if json:
        return print_json(known)
    print_placed(known.place)
    out.print(f"{'Built and programmed' if known.built else 'Programmed'}: {known.flashed}",
              soft_wrap=True)


@app.command()
@placed
@reading
def estimate(to: To, read: Reading,
             model: Annotated[str | None, typer.Argument(
                 help="model folder, ONNX or TFLite file, or name of a shipped model")] = None,
             error_report: Annotated[bool, typer.Option(
                 "--error-report", help="print the errors of estimates against synthesis, on "
                                        "networks that were not used for fitting")] = False,
             json: Json = False) -> None:
    """Predict the cost on a chip, without synthesis."""
    if error_report:
        errors = verbs.error_report()
        return print_json(errors) if json else print_errors(errors)
    if model is None:
        raise typer.BadParameter("a model is missing", param_hint="MODEL")
    known = verbs.estimate(read(model), **to)
    if json:
        return print_json(known)
    print_costs(known)
    print_goal(known.goal)


@app.command()
@placed
@reading
def synth(model: Model, to: To, read: Reading,
          liberty: Annotated[Path | None, typer.Option(
              metavar="FILE", help="cell library to map to, for --target asic: a Liberty file, "
                                   ".lib or .lib.gz")] = None,
          json: Json = False) -> None:
    """Measure the cost on a chip with Yosys, beside the prediction."""
    with spinner(f"synthesizing {model}"):
        known = verbs.synth(read(model), **to, liberty=liberty)
    if json:
        return print_json(known)
    print_costs(known)
    print_goal(known.goal)
    print_library(known.library)
    out.print(f"measured with {known.settings.tools['yosys']}")
