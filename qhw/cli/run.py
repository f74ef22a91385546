"""``qhw run``: inference on a board, and a comparison with the golden."""

from pathlib import Path
from typing import Annotated

import typer

from .. import verbs
from ..errors import QhwError
from .app import app
from .goals import To, needed_board, placed, print_goal
from .options import Json, Model, Reading, print_json, reading
from .terminal import out, progress

__all__ = ["run"]


@app.command()
@placed
@reading
def run(model: Model, to: To, read: Reading,
        port: Annotated[str, typer.Option(
            help="serial port of the board, or sim for a simulated one")],
        input: Annotated[Path, typer.Option(help=".npz file with samples x, or .npy file")],
        output: Annotated[Path | None, typer.Option(
            help=".npz file for y (real) and codes (integers)")] = None,
        check: Annotated[bool, typer.Option(
            "--check", help="compare every answer with the golden")] = False,
        baud: Annotated[int | None, typer.Option(
            min=1, help="baud rate of the link (default: the board's)")] = None,
        limit: Annotated[int | None, typer.Option(min=1, help="most samples to use")] = None,
        json: Json = False) -> None:
    """Infer on a board through its serial port."""
    board = needed_board(to)
    if output:
        from ..tools.files import check_npz
        check_npz(output)
    x, labels = verbs.read_input(input, limit)
    with progress(len(x), f"{board} at {port}") as done:
        found = verbs.run(read(model), x, port=port, board=board,
                          baud=baud, check=check, progress=done, goal=to["goal"],
                          folds=to["folds"], cycles=to["cycles"])
    known = found.ran(labels)
    if check and found.matches != len(x):
        raise QhwError(f"{model}: {board} at {port} differs from the golden on "
                       f"{len(x) - found.matches} of {len(x)} samples")
    if output:
        found.write(output)
    if json:
        return print_json(known)
    if check:
        out.print(f"{found.matches} of {len(x)} samples equal the golden")
    if known.correct is not None:
        out.print(f"{known.correct} of {len(x)} are classified right "
                  f"({known.correct / len(x):.2%})")
    rates = known.rates
    out.print(f"{len(x)} samples in {found.seconds:.2f} s, {known.samples_per_second:,.0f} a "
              f"second; {rates.sent} bytes to the board, {rates.received} back, "
              f"{rates.repeated} frames sent again")
    print_goal(found.goal)
