"""Frames on a serial port, in the format of docs/reference/link.md."""

import secrets
import zlib
from collections.abc import Iterator
from contextlib import suppress

import serial
from cobs import cobs

from ..errors import ToolError
from .gateware.slots import CHECK, HEAD

__all__ = ["ASK", "BEGIN", "Gone", "Line", "frame", "unframe"]

ASK = 1 << 31
"""Flag in a tag: the board must send its identification."""
BEGIN = 1 << 30
"""Flag in a tag: the network's state is reset before the sample."""
POLL = 0.02
"""Seconds between two looks at the port."""
MOST = 1 << 20
"""Bytes without a zero that are kept."""
HINTS = {2: "there is no such port; is the board plugged in?",
         13: "you may not use this port; join the group that owns it, or add a udev rule",
         16: "another program uses this port"}


class Gone(Exception):
    """The port has disappeared."""


def frame(tag: int, payload: bytes = b"") -> bytes:
    """Encodes a frame: tag, payload and check without zeros, then a zero."""
    text = tag.to_bytes(HEAD, "little") + payload
    return cobs.encode(text + zlib.crc32(text).to_bytes(CHECK, "little")) + b"\0"  # pyright: ignore[reportUnknownMemberType]


def unframe(text: bytes) -> tuple[int, bytes] | None:
    """Decodes the bytes between two zeros to tag and payload; None if they are no whole frame."""
    try:
        text = cobs.decode(text)  # pyright: ignore[reportUnknownMemberType]
    except cobs.DecodeError:
        return None
    text, check = text[:-CHECK], text[-CHECK:]
    if len(text) < HEAD or zlib.crc32(text) != int.from_bytes(check, "little"):
        return None
    return int.from_bytes(text[:HEAD], "little"), text[HEAD:]


class Line:
    """An open port. Every frame has a tag of its own. The first tag is random, so that answers to
    another program's frames are recognized."""

    def __init__(self, path: str, baud: int):
        self.path, self.baud = path, baud
        self.sent = self.received = 0
        self._tag = secrets.randbelow(BEGIN)
        self.open()

    def open(self) -> None:
        """Opens the port; ToolError if the system refuses."""
        self._rest = b""
        try:
            self._port = serial.Serial(self.path, self.baud, timeout=POLL, write_timeout=1)
        except (OSError, ValueError) as e:
            hint = HINTS.get(getattr(e, "errno", None) or 0, str(e))
            raise ToolError(f"{self.path}: {hint}") from None
        with suppress(AttributeError, OSError, ValueError):    # not every port has such a mode
            self._port.set_low_latency_mode(True)

    def close(self) -> None:
        """Closes the port."""
        with suppress(OSError):
            self._port.close()

    def send(self, payload: bytes = b"", *, flags: int = 0, before: bytes = b"",
             tag: int | None = None) -> int:
        """Sends a frame and returns its tag; Gone if the port has disappeared.

        Parameters
        ----------
        payload : bytes of the frame
        flags : bits to set in the tag
        before : bytes to send before the frame
        tag : the tag of a frame that is sent again; None for a new one
        """
        if tag is None:
            self._tag = (self._tag + 1) % BEGIN
            tag = self._tag | flags
        text = before + frame(tag, payload)
        try:
            self._port.write(text)
        except OSError as e:
            raise Gone(str(e)) from None
        self.sent += len(text)
        return tag

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Yields the tags and payloads that have arrived; waits up to ``POLL`` seconds if none has.

        Gone if the port has disappeared."""
        try:
            text = self._port.read(max(self._port.in_waiting, 1))
        except OSError as e:
            raise Gone(str(e)) from None
        self.received += len(text)
        *whole, rest = (self._rest + text).split(b"\0")
        self._rest = rest[-MOST:]
        return (found for found in map(unframe, whole) if found)
