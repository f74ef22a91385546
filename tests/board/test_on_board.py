"""Inference on a board: what is sent and read, and boards that hold something else."""

from dataclasses import replace

import numpy as np
import pytest

from qhw.board import on_board
from qhw.board.on_board import infer
from qhw.errors import ToolError
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Input
from qhw.link.host import Rates
from qhw.link.link import About, Beats, identity
from qhw.ops import Threshold
from qhw.simulators.golden import golden
from qhw.targets.boards import board

BOARD = board("icebreaker")
X = np.array([[-4, 3], [1, 0], [2, -1]])


def network():
    """Two elements of three bits with a sign, to 0, 1 or 2: two bits."""
    step = Threshold(np.array([[0, 2], [0, 2]]), np.zeros(2, bool))
    return Graph("net", (Node("in", Input((2,), Int(-4, 3))), Node("step", step, ("in",))))


class Host:
    """A board that computes, instead of a line to one."""

    about_it = None

    def __init__(self, path, baud, *, patience):
        self.opened = path, baud, patience
        Host.last = self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def about(self):
        return Host.about_it

    def infer(self, about, requests, progress):
        """One element a byte, as both ports are one lane wide."""
        Host.requests = requests
        progress(len(requests))
        codes = np.array([[b - 8 if b > 3 else b for b in r] for r in requests])
        answers = golden(network(), codes)["step"]
        return [bytes(row) for row in answers.astype(np.uint8).tolist()], Rates


@pytest.fixture
def about(monkeypatch):
    """What the right board says: both ports one element wide, of three bits and of two."""
    found = About(identity(network()), Beats(3, True, 1, 2), Beats(2, False, 1, 2), 4, 115200)
    Host.about_it = found
    monkeypatch.setattr(on_board, "HostLink", Host)
    return found


def test_samples_go_out_as_beats_and_answers_come_back_as_codes(about):
    done = []
    found = infer(network(), X, BOARD, "/dev/tty9", progress=done.append)
    assert Host.last.opened == ("/dev/tty9", BOARD.baud, 10.0)
    assert Host.requests == [bytes([4, 3]), bytes([1, 0]), bytes([2, 7])]
    assert found.codes.tolist() == [[0, 2], [1, 1], [2, 0]] and done == [3]
    assert (found.about, found.rates, found.cycles) == (about, Rates, None)


def test_another_rate_and_patience(about):
    infer(network(), X, BOARD, "/dev/tty9", baud=9600, patience=2)
    assert Host.last.opened == ("/dev/tty9", 9600, 2)


def test_a_board_with_another_network(about):
    Host.about_it = replace(about, network=bytes(12))
    with pytest.raises(ToolError, match="/dev/tty9: the board holds another network than net"):
        infer(network(), X, BOARD, "/dev/tty9")


@pytest.mark.parametrize(("what", "beats"), [
    ("input", Beats(4, True, 1, 2)), ("input", Beats(3, False, 1, 2)),
    ("input", Beats(3, True, 2, 2)), ("output", Beats(2, True, 1, 2)),
    ("output", Beats(2, False, 1, 1))])
def test_a_board_whose_ports_do_not_fit(about, what, beats):
    Host.about_it = replace(about, **{what: beats})
    with pytest.raises(ToolError, match=f"its {what} is {beats.beats} beats of {beats.lanes} "
                                        f"lanes of {beats.bits} bits"):
        infer(network(), X, BOARD, "/dev/tty9")
