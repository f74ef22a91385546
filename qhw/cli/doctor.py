"""``qhw doctor``: the state of this machine."""

import typer
from rich.table import Table
from rich.text import Text

from .app import app
from .options import Json, print_json
from .terminal import out

__all__ = ["doctor"]

MARKS = {"ok": "ok", "missing": "-", "wrong": "!"}


@app.command()
def doctor(json: Json = False) -> None:
    """List the programs, packages, folders and serial ports that qhw uses, and the missing ones.

    The exit status is 1 if something is missing that every build needs."""
    from ..board.doctor import healthy, look
    findings = look()
    if json:
        print_json([vars(one) for one in findings])
    else:
        table = Table("", "name", "found", "use", "help", box=None)
        for one in findings:
            table.add_row(MARKS[one.state], *(Text(word) for word in (
                one.name, one.found, one.use, one.help)))
        out.print(table)
    if not healthy(findings):
        raise typer.Exit(1)
