"""``qhw new``: a package that adds a scheme, a layer or a board."""

from pathlib import Path
from shlex import quote
from typing import Annotated, Literal

import typer

from .app import app
from .terminal import out

__all__ = ["new"]


@app.command()
def new(kind: Annotated[Literal["scheme", "layer", "board"], typer.Argument(
            help="catalogue that it joins")],
        name: Annotated[str, typer.Argument(help="its name, such as my_scheme")],
        output: Annotated[Path | None, typer.Option(
            "-o", "--output", help="folder to make (default: NAME)")] = None) -> None:
    """Write a package that adds a scheme, a layer or a board to qhw, with its test.

    Parameters
    ----------
    kind, name, output : catalogue and name of the member, and the folder to make"""
    from ..plugins.skeleton import write
    folder = output or Path(name)
    for file in write(kind, name, folder):
        out.print(str(folder / file), markup=False, highlight=False)
    quoted = quote(str(folder))
    out.print(f"\npip install -e {quoted}     makes qhw find it\n"
              f"pytest {quoted}             runs qhw's laws on it", markup=False, highlight=False)
