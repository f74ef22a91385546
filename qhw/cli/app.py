"""The command's frame: one line for what is wrong, and the exit status."""

import os
import sys
from typing import Annotated

import typer

from .. import __version__
from ..errors import QhwError

__all__ = ["app", "main"]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="Quantized neural networks to exact, measured hardware, with open tools "
                       "only.")
INTERRUPTED = 130


def main() -> None:
    """``qhw``: 0 if all is well, 1 with one line on standard error if not, 2 for wrong usage."""
    try:
        app()
    except QhwError as e:
        print(f"qhw: {' '.join(str(e).split())}", file=sys.stderr)
        sys.exit(1)
    except SystemExit as e:
        if e.code != INTERRUPTED:   # which is what Typer makes of Ctrl-C
            raise
        print("qhw: interrupted; nothing was written", file=sys.stderr, flush=True)
        os._exit(INTERRUPTED)   # simulators that are cut short complain when they are collected
    except BrokenPipeError:
        sys.exit(1)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"qhw {__version__}")
        raise typer.Exit


@app.callback()
def _options(version: Annotated[bool, typer.Option(
        "--version", callback=_version, is_eager=True, help="print the version")] = False) -> None:
    pass
