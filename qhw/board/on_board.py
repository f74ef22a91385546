"""Inference on a real or simulated board: sends samples, receives answers, and checks them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..design.beats import from_bytes, to_bytes
from ..errors import ToolError
from ..graph import Graph, Tensor
from ..link.host import HostLink, Rates
from ..link.link import About, Beats, Link, identity
from ..simulators.golden import evaluate
from ..targets.boards import Board
from .port import SimulatedBoard

__all__ = ["SIM", "Answers", "infer"]

SIM = "sim"
"""In place of a port: the board is simulated."""


@dataclass(frozen=True)
class Answers:
    """A board's answers to N samples, its identification, and the counts of the transfer."""

    codes: np.ndarray
    """The hardware's output codes, (N, *shape) int64."""
    about: About
    rates: Rates
    cycles: int | None
    """Cycles of a simulated board."""


def infer(graph: Graph, x: np.ndarray, board: Board, port: str, *, baud: int | None = None,
          clock_mhz: float | None = None, patience: float = 10.0,
          progress: Callable[[int], None] = lambda done: None) -> Answers:
    """Infers on a board with a lowered graph.

    Parameters
    ----------
    graph : the lowered graph
    x : samples (N, *shape), real or codes
    board : the board
    port : path of the serial port, or ``sim``
    baud : rate of the link in baud
    clock_mhz : clock of a simulated board in MHz
    patience : seconds after which a silent board counts as gone
    progress : called with the number of samples done
    """
    baud = baud or board.baud
    link = Link(round(1e6 * (clock_mhz or board.clock_mhz)), baud)
    if port != SIM:
        return _infer(graph, x, port, baud, patience, progress)
    with SimulatedBoard(graph, link, board.chip) as simulated:
        found = _infer(graph, x, simulated.path, baud, patience, progress)
    return replace(found, cycles=simulated.traffic.cycles)


def _fits(path: str, what: str, beats: Beats, tensor: Tensor) -> None:
    """ToolError if a port that a board says it has cannot carry the tensor."""
    codes = tensor.integer
    if (beats.bits, beats.signed, beats.lanes * beats.beats) != (
            codes.width, codes.shape.signed, tensor.size):
        raise ToolError(f"{path}: the board says that its {what} is {beats.beats} beats of "
                        f"{beats.lanes} lanes of {beats.bits} bits, and the network's has "
                        f"{tensor.size} elements of {codes.width} bits; program it again")


def _infer(graph: Graph, x: np.ndarray, path: str, baud: int, patience: float,
           progress: Callable[[int], None]) -> Answers:
    first, made = graph.hardware.nodes[0], graph.answer
    codes = evaluate(replace(graph.hardware, nodes=(first,)), x)[first.name]
    with HostLink(path, baud, patience=patience) as link:
        about = link.about()
        if about.network != identity(graph):
            raise ToolError(f"{path}: the board holds another network than {graph.name} (its "
                            f"inputs are {about.input}, its outputs {about.output}); build and "
                            f"flash this one")
        for what, beats, tensor in (("input", about.input, graph.tensors[first.name]),
                                    ("output", about.output, made)):
            _fits(path, what, beats, tensor)
        beats = to_bytes(codes, graph.tensors[first.name].integer, about.input.lanes)
        requests = [sample.tobytes() for sample in beats.reshape(len(codes), -1)]
        answers, rates = link.infer(about, requests, progress)
    got = np.frombuffer(b"".join(answers), np.uint8).reshape(-1, about.output.beat)
    return Answers(from_bytes(got, made.integer, about.output.lanes, made.shape), about, rates,
                   None)
