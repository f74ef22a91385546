"""Programming a board, with advice if that fails."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from ..errors import ModelError, ToolError
from ..targets.boards import Board, Programmer
from ..tools import programs

__all__ = ["RULES", "check", "flash", "udev_rule"]

RULES = "/etc/udev/rules.d/60-qhw.rules"
LAST_LINES = 3


def flash(board: Board, bitstream: Path, *, keep: bool = False) -> str:
    """Programs a bitstream; returns the command. ToolError says what to do if it fails, ModelError
    if the board cannot be programmed.

    Parameters
    ----------
    board : the board
    bitstream : path of the bitstream
    keep : whether to write flash memory, which survives power-off
    """
    programmer, found = _programmer(board)
    if not bitstream.is_file():
        raise ModelError(f"{bitstream}: there is no such bitstream")
    words = programmer.load if not keep or programmer.keep is None else programmer.keep
    words = [*words, str(bitstream.resolve())]
    status, printed = programs.attempt([found, *words], cwd=bitstream.parent)
    if status:
        raise ToolError(_wrong(board, programmer, status, printed))
    return shlex.join([programmer.tool, *words])


def check(board: Board) -> None:
    """Checks that the board can be programmed from here; ToolError or ModelError names the missing
    part."""
    if not board.open_tools:
        raise ModelError(f"{board.name}: no open tool makes its bitstream; build the project, and "
                         f"run the vendor's tool on it")
    _programmer(board)


def _programmer(board: Board) -> tuple[Programmer, str]:
    """The first that is installed."""
    for one in board.programmers:
        if found := programs.program(one.tool):
            return one, found
    ways = " or ".join(f"{one.tool} ({programs.PROGRAMS[one.tool][1]})"
                       for one in board.programmers)
    raise ToolError(f"No programmer for {board.name} is installed: {ways}")


def udev_rule(board: Board) -> str:
    """Makes the udev rule that lets the logged-in user access the board's programmer and serial
    port."""
    vendor, product = board.usb.split(":")
    return (f'ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{product}", MODE="0660", '
            f'TAG+="uaccess"')


LIBRARY = re.compile(r"error while loading shared libraries: (\S+?):")
NOT_BUILT = re.compile(r"support for (\S+) was not enabled", re.IGNORECASE)
REASONS = (
    ("denied", re.compile(r"usb_open\(\) failed|permission|LIBUSB_ERROR_ACCESS|access denied"
                          r"|insufficient permissions|errno 13|\bEACCES\b", re.IGNORECASE)),
    ("other", re.compile(r"mismatch between target's idcode|device mismatch|unknown device with "
                         r"idcode|does not match|flash id: (0x)?ff|cannot find board|wrong file",
                         re.IGNORECASE)),
    ("none", re.compile(r"device not found|not found|can't find|could not find|no device|no dfu"
                        r"|no port|no \w+ boards? |unable to open|no cmsis-dap|no jtag",
                        re.IGNORECASE)),
)
"""Texts that programmers print on errors, in the order of the search."""


def _wrong(board: Board, programmer: Programmer, status: int, printed: str) -> str:
    """Says why programming failed, and what to do about it."""
    tool = programmer.tool
    if library := LIBRARY.search(printed):
        return (f"{tool} lacks {library[1]}: apt install libusb-1.0-0 libftdi1-2 "
                f"libhidapi-hidraw0, or the like")
    if support := NOT_BUILT.search(printed):
        others = [one.tool for one in board.programmers if one.tool != tool]
        return (f"{tool} was built without {support[1]}, which {board.name} needs: install the "
                f"distribution's {tool}" + "".join(f", or {other}" for other in others))
    said = _last(printed)
    why = next((why for why, pattern in REASONS if pattern.search(printed)), "")
    if why == "denied":
        return (f"No permission to use {board.name}: put {udev_rule(board)} into {RULES}, run "
                f"`sudo udevadm control --reload`, and plug it in again ({tool}: {said})")
    if why == "other":
        return f"What is plugged in is no {board.name} ({tool}: {said})"
    if why == "none":
        return (f"No {board.name} was found on USB: is it plugged in, with a cable that carries "
                f"data, and is nothing else using it? ({tool}: {said})")
    return f"{tool} failed with status {status}: {said}"


def _last(printed: str) -> str:
    said: Sequence[str] = [line.strip() for line in re.split(r"[\r\n]+", printed) if line.strip()]
    said = [line for line in said if line != "empty"]
    return " | ".join(said[-LAST_LINES:]) or "no message"
