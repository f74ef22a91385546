"""The command's frame: one line for what is wrong, and the exit status."""

import os
import sys
from typing import Annotated

import typer

from .. import __version__
from ..errors import QhwError

__all__ = ["app", "main", "unforeseen"]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="Quantized neural networks to exact, measured hardware, with open tools "
                       "only.")
INTERRUPTED = 130
DEBUG = "QHW_DEBUG"
"""Environment variable with which an error that is not understood shows its traceback."""


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
    except Exception as e:
        if os.environ.get(DEBUG):
            raise
        print(f"qhw: {unforeseen(e)}", file=sys.stderr)
        sys.exit(1)


def unforeseen(e: Exception) -> str:
    """One line for an error that no part of qhw understood."""
    said = " ".join(str(e).split())[:300]
    if isinstance(e, MemoryError):
        return "there is not enough memory"
    if isinstance(e, OSError) and e.strerror:
        return f"{e.filename}: {e.strerror}" if e.filename else e.strerror
    return (f"internal error: {type(e).__name__}: {said}; this is a fault of qhw: {DEBUG}=1 shows "
            f"where, please report it")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"qhw {__version__}")
        raise typer.Exit


@app.callback()
def _options(version: Annotated[bool, typer.Option(
        "--version", callback=_version, is_eager=True, help="print the version")] = False) -> None:
    pass
