"""The command line's entry point: prints an error as one line and sets the exit status."""

import gc
import os
import sys
from io import TextIOWrapper
from typing import Annotated, NoReturn

import typer

from ..errors import QhwError
from ..names import visible
from ..tools import processes
from ..version import __version__

__all__ = ["app", "main", "unforeseen"]

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False,
                  help="Quantized neural networks to exact, measured hardware, with open tools "
                       "only.")
SAID = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "hung up"}
GARBAGE = 50_000
"""Objects made until unused ones are looked for: importing makes as many, and all stay."""
DEBUG = "QHW_DEBUG"
"""Environment variable with which an error that is not understood shows its traceback."""


def main() -> None:
    """Runs ``qhw``.

    Exit status: 0 on success, 1 after an error, with one line on standard error, 2 for wrong usage,
    128 plus the signal's number after a signal."""
    gc.set_threshold(GARBAGE)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")   # letters that the terminal has not
    processes.heed()
    try:
        app()
    except processes.Ended as e:
        _end(e)
    except BrokenPipeError:
        sys.exit(1)
    except QhwError as e:
        _fail(str(e))
    except Exception as e:
        if os.environ.get(DEBUG):
            raise
        _fail(unforeseen(e))


def _fail(said: str) -> NoReturn:
    """One line, unless it came of a signal."""
    if number := processes.ended():
        _end(processes.Ended(number))
    print(f"qhw: {visible(' '.join(said.split()))}", file=sys.stderr)
    sys.exit(1)


def _end(e: processes.Ended) -> NoReturn:
    processes.sweep()
    print(f"qhw: {SAID[e.number.name]}; {e.note}", file=sys.stderr, flush=True)
    os._exit(e.status)      # simulators that are cut short complain when they are collected


def unforeseen(e: Exception) -> str:
    """Makes one line for an exception that is a bug in qhw."""
    said = " ".join(str(e).split())[:300]
    if isinstance(e, MemoryError):
        return "there is not enough memory"
    if isinstance(e, OSError):
        said = e.strerror or said
        return f"{e.filename}: {said}" if e.filename else said
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
