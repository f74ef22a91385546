"""The host's side of the link: it sends frames, and sends lost frames again; see
docs/reference/link.md.

The board answers in order. An answer therefore tells that all earlier frames without an answer are
lost. If no answer arrives at all, every frame in flight is lost."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import ToolError
from .line import ASK, BEGIN, Gone, Line
from .link import VERSION, About

__all__ = ["HostLink", "Rates"]

RESYNC = b"\0\0"
"""Ends whatever the board thinks is under way."""
FIRST, SHORTEST, LONGEST = 0.5, 0.1, 1.0
"""Seconds to wait for an answer besides what bytes take: before one was seen, and the bounds
afterwards."""
PATIENCE = 4
"""Times as long as an answer takes."""
ANEW = 3.0
"""Seconds without an answer after which a sequence begins anew: the board may have been reset."""
AROUND = 11
"""Bytes of a frame besides its payload."""
ASKING = 2 * AROUND + About.LAYOUT.size
"""Bytes to identify a board."""


@dataclass(frozen=True)
class Rates:
    """Counts of a run: seconds, bytes sent and received, frames sent again, and times that the port
    was opened again."""

    seconds: float
    sent: int
    """Bytes to the board."""
    received: int
    repeated: int
    """Frames that were sent again."""
    reopened: int
    """Times that the port was gone and came back."""


class HostLink:
    """A board at a serial port, as a context; every failure is a ToolError of one line.

    ``patience`` is the time in seconds without an answer after which the board counts as gone.
    ``pace`` is the measured time of a byte in seconds."""

    pace = 0.0

    def __init__(self, path: str, baud: int, *, patience: float = 10.0):
        self.path, self.baud, self.patience = path, baud, patience

    def __enter__(self) -> "HostLink":
        self.line = Line(self.path, self.baud)
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()

    def about(self) -> About:
        """Asks the board for its identification; ToolError if it does not answer.

        Answers to the requests of an earlier program arrive before the identification and are
        ignored."""
        try:
            return self._understood(self._ask())
        except Gone as e:
            raise ToolError(f"{self.path}: the port is gone: {e}") from None

    def _ask(self) -> bytes:
        """The answer to a request for identification."""
        end, wait = time.monotonic() + self.patience, SHORTEST
        asked: dict[int, float] = {}
        while time.monotonic() < end:
            asked[self.line.send(flags=ASK, before=RESYNC)] = time.monotonic()
            until = time.monotonic() + wait
            while time.monotonic() < until:
                for tag, payload in self.line.frames():
                    if tag in asked:
                        self.pace = (time.monotonic() - asked[tag]) / ASKING
                        return payload
            wait = min(2 * wait, LONGEST)
        raise ToolError(f"{self.path}: no answer at {self.baud} baud; is this the board's port and "
                        f"its baud rate, and did qhw program it?")

    def _understood(self, payload: bytes) -> About:
        if payload[:1] != bytes([VERSION]) or len(payload) != About.LAYOUT.size:
            raise ToolError(f"{self.path}: the board's link has version {payload[:1].hex() or '-'}"
                            f", and this qhw's {VERSION:02x}; program it again")
        about = About.unpack(payload)
        if about.wrong:
            raise ToolError(f"{self.path}: the board says that it has {about.wrong}, which no "
                            f"network of qhw has; program it again")
        return about

    def infer(self, about: About, requests: Sequence[bytes],
              progress: Callable[[int], None] = lambda done: None) -> tuple[list[bytes], Rates]:
        """Returns the answers to all requests, and the rates; ToolError if the board falls silent.

        Parameters
        ----------
        about : the board's identification
        requests : bytes of each sample; if the network has state, a sequence from its initial state
        progress : called with the number of answers so far
        """
        begin, before = time.monotonic(), (self.line.sent, self.line.received)
        size = about.input.size + about.output.size + 2 * AROUND
        slow = PATIENCE * self.pace * size
        run = (Run if about.window else InOrder)(self.line, about, requests, slow)
        reopened = 0
        while run.left:
            try:
                heard = run.step()
            except Gone:
                self._reopen(about)
                run.lose_all()
                reopened, heard = reopened + 1, time.monotonic()
            if time.monotonic() > heard + self.patience + slow:
                raise ToolError(f"{self.path}: the board fell silent after "
                                f"{len(requests) - run.left} of {len(requests)} samples")
            progress(len(requests) - run.left)
        return run.answers, Rates(time.monotonic() - begin, self.line.sent - before[0],
                                  self.line.received - before[1], run.repeated, reopened)

    def _reopen(self, about: About) -> None:
        """Once the port is back: is it the same board?"""
        self.line.close()
        end = time.monotonic() + self.patience
        while True:
            try:
                self.line.open()
                same = self.about() == about
                break
            except ToolError:
                if time.monotonic() > end:
                    raise
                time.sleep(SHORTEST)
        if not same:
            raise ToolError(f"{self.path}: the board that came back is another one, or holds "
                            f"another network")


class Run:
    """The requests of a run: ``waiting`` to be sent, or in ``flight`` by their tag."""

    def __init__(self, line: Line, about: About, requests: Sequence[bytes], slow: float):
        self.line, self.about, self.requests = line, about, requests
        self.answers = [b""] * len(requests)
        self.left = len(requests)
        self.repeated = 0
        self.waiting = deque(range(len(requests)))
        self.flight: dict[int, float] = {}
        """When each was sent."""
        self.samples: dict[int, int] = {}
        """The sample of each tag; a late answer counts too."""
        self.begin = b""
        """Bytes to send before the next frame."""
        self.slow = slow
        """Most seconds that the bytes of a request and its answer take."""
        self.wait = FIRST + slow
        self.heard = self.moved = time.monotonic()

    def step(self) -> float:
        """Sends all frames for which the board has room, and takes its answers; returns the time of
        the last answer."""
        while self.waiting and len(self.flight) < self.about.window:
            sample = self.waiting[0]
            if not self.answers[sample]:
                tag = self.line.send(self.requests[sample], before=self.begin)
                self.begin = b""
                self.flight[tag], self.samples[tag] = time.monotonic(), sample
            self.waiting.popleft()
        for tag, payload in self.line.frames():
            if tag in self.samples and len(payload) == self.about.output.size:
                self._answered(tag, payload)
        if self.flight and time.monotonic() > max(self.moved, self.heard) + self.wait:
            self.lose_all()
            self.wait = min(2 * self.wait, LONGEST + self.slow)
        return self.heard

    def _answered(self, tag: int, payload: bytes) -> None:
        self.heard = now = time.monotonic()
        if tag in self.flight:
            before = list(self.flight)
            self._lose(before[:before.index(tag)])
            took = PATIENCE * (now - self.flight.pop(tag))
            self.wait = min(max(took, 0.9 * self.wait, SHORTEST + self.slow), LONGEST + self.slow)
        sample = self.samples.pop(tag)
        if not self.answers[sample]:
            self.answers[sample] = payload
            self.left -= 1

    def lose_all(self) -> None:
        """Marks all frames in flight as lost and resets the board.

        If few requests are left, each is sent more than once, because no later frame would reveal
        soon that it is lost again."""
        self._lose(list(self.flight))
        if self.waiting:
            self.waiting *= max(self.about.window // len(self.waiting), 1)
        self.begin = RESYNC
        self.moved = time.monotonic()

    def _lose(self, tags: Sequence[int]) -> None:
        for tag in reversed(tags):
            del self.flight[tag]
            self.waiting.appendleft(self.samples[tag])
        self.repeated += len(tags)


class InOrder(Run):
    """The requests of a run of a network with state: one at a time, in order.

    A request that has no answer is sent again with the same tag, so that the board infers it once.
    """

    place, tag = 0, -1
    """The next sample without an answer, and its tag once it is sent."""

    def step(self) -> float:
        """Sends the next sample, or the last one again, and takes its answer; returns the time of
        the last answer."""
        now = time.monotonic()
        if self.tag < 0:
            self._send(flags=BEGIN if not self.place else 0)
        elif self.place and now > self.heard + ANEW + self.slow:
            self.lose_all()
            return self.heard
        elif now > self.moved + self.wait:
            self.begin = RESYNC
            self.repeated += 1
            self._send(tag=self.tag)
        for tag, payload in self.line.frames():
            if tag == self.tag and len(payload) == self.about.output.size:
                self.heard = time.monotonic()
                self.wait = min(max(PATIENCE * (self.heard - self.moved), SHORTEST + self.slow),
                                LONGEST + self.slow)
                self.answers[self.place] = payload
                self.place, self.tag, self.left = self.place + 1, -1, self.left - 1
        return self.heard

    def _send(self, **how: int) -> None:
        self.tag = self.line.send(self.requests[self.place], before=self.begin, **how)
        self.begin, self.moved = b"", time.monotonic()

    def lose_all(self) -> None:
        """Begins the sequence anew, because the board's state is not known."""
        self.repeated += self.place + (self.tag >= 0)
        self.place, self.tag, self.left = 0, -1, len(self.requests)
        self.begin = RESYNC
