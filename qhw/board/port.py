"""A simulated board behind a pseudo-terminal, which a host opens like a serial port.

The compiled design with its link runs in a process of its own. A simulated cable connects it to the
pseudo-terminal; the cable can be cut and can corrupt bytes."""

import os
import selectors
import subprocess
import tty
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import numpy as np

from ..errors import ToolError
from ..graph import Graph
from ..link.link import Link, LinkTop
from ..simulators.verilator_sim import compiled
from ..targets import Target
from ..tools.processes import started
from ..verilog.design import Design

__all__ = ["Noise", "SimulatedBoard", "Traffic"]

HARNESS = Path(__file__).with_name("port.cpp")
MOST = 1 << 16
PATIENCE = 60.0
"""Seconds in which a simulator ends that is told to."""


@dataclass
class Noise:
    """Faults of a cable: it changes, loses or inserts bytes, each with probability ``rate`` / 3.

    The same seed and the same bytes give the same faults."""

    rate: float
    seed: int = 0
    random: np.random.Generator = field(init=False, repr=False)

    def __post_init__(self):
        self.random = np.random.default_rng(self.seed)

    def __call__(self, sent: bytes) -> bytes:
        found = bytearray()
        kinds = self.random.random(len(sent)) / self.rate
        for byte, kind in zip(sent, kinds, strict=True):
            if kind >= 1:
                found.append(byte)
            elif kind < 1 / 3:
                found.append(byte ^ int(self.random.integers(1, 256)))
            elif kind < 2 / 3:
                found += bytes([byte, int(self.random.integers(256))])
        return bytes(found)


@dataclass(frozen=True)
class Traffic:
    """Traffic of a simulated link between its first and its last bit: clock cycles, bytes received
    by the board, bytes sent."""

    cycles: int
    received: int
    """Bytes that went into the design."""
    sent: int


class SimulatedBoard:
    """A context in which ``path`` is a serial port with a lowered graph behind it.

    ``to_board`` and ``to_host`` are the cable's noise in each direction. ``baud`` is the host's
    baud rate if it differs from the board's. ``lost`` counts the bytes that a cut cable lost. After
    the context, ``traffic`` holds the counts of the link."""

    def __init__(self, graph: Graph, link: Link, target: Target | None = None, *,
                 to_board: Noise | None = None, to_host: Noise | None = None,
                 baud: int | None = None):
        self.path = ""
        self.traffic = Traffic(0, 0, 0)
        self.lost = 0
        self._noise = to_board, to_host
        self._cut, self._end = Event(), Event()
        design = Design.of(graph, target, link=link)
        cycles = design.cycles
        window = LinkTop(graph, link, target).about.window
        quiet = 100 * link.clock_hz // link.baud + 2 * (cycles.latency + window * cycles.interval)
        self._program = compiled({
            **design.files, "harness.cpp": HARNESS.read_text(encoding="utf-8")}, design.name)
        self._words = [str(self._program), str(link.clock_hz), str(baud or link.baud), str(quiet)]

    def __enter__(self) -> "SimulatedBoard":
        self._running = ExitStack()
        self._board = self._running.enter_context(started(
            self._words, cwd=self._program.parent, bufsize=0, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._woken, self._wake = os.pipe()
        self._cable = Thread(target=self._carry, daemon=True)
        self._cable.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        os.write(self._wake, b"\0")
        self._cable.join()
        for end in (self._master, self._slave, self._woken, self._wake):
            os.close(end)
        with self._running:
            try:
                said = self._board.communicate(timeout=PATIENCE)[1].decode()
            except subprocess.TimeoutExpired:
                raise ToolError("The simulated board does not stop") from None
        if self._board.returncode:
            raise ToolError(f"The simulated board failed: {said.strip()}")
        words = said.split()
        self.traffic = Traffic(*map(int, words[1::2]))

    def cut(self) -> None:
        """Cuts the cable: from now on all bytes are lost, in both directions."""
        self._cut.set()

    def mend(self) -> None:
        """Mends the cable: from now on bytes arrive again."""
        self._cut.clear()

    def _carry(self) -> None:
        """Carries bytes both ways until the context ends."""
        assert self._board.stdin
        assert self._board.stdout
        ends = {self._master: (self._board.stdin.fileno(), self._noise[0]),
                self._board.stdout.fileno(): (self._master, self._noise[1])}
        with selectors.DefaultSelector() as waiting:
            for source in (*ends, self._woken):
                waiting.register(source, selectors.EVENT_READ)
            while not self._end.is_set():
                for key, _ in waiting.select():
                    if key.fd in ends and not self._end.is_set():
                        self._move(key.fd, *ends[key.fd], waiting)

    def _move(self, source: int, sink: int, noise: Noise | None,
              waiting: selectors.BaseSelector) -> None:
        data = os.read(source, MOST)
        if not data:
            return waiting.unregister(source) and None
        if noise and noise.rate:
            data = noise(data)
        if self._cut.is_set():
            self.lost += len(data)
        elif data:
            try:
                os.write(sink, data)
            except BrokenPipeError:     # the simulator says why when the context ends
                self._end.set()
