"""A board that says what no board can: one line, before a byte of a sample is sent."""

import os
import tty
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread

import numpy as np
import pytest

import qhw
from qhw.board.on_board import infer
from qhw.errors import ToolError
from qhw.link.line import frame, unframe
from qhw.link.link import About, Beats, Link, LinkTop, identity
from qhw.lower import lower
from qhw.targets.boards import board


@pytest.fixture(scope="module")
def graph():
    return lower(qhw.load("digits-binary"))


@contextmanager
def saying(payload):
    """A port whose board answers everything with these bytes."""
    master, slave = os.openpty()
    tty.setraw(slave)

    def answer():
        rest = b""
        while True:
            try:
                *whole, rest = (rest + os.read(master, 4096)).split(b"\0")
            except OSError:
                return
            for tag, _ in filter(None, map(unframe, whole)):
                os.write(master, frame(tag, payload))

    thread = Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        os.close(slave)
        thread.join(2)
        os.close(master)


def about(graph, **changes):
    """What the network's own board says, with an input, an output or a field that is otherwise."""
    real = LinkTop(graph, Link(12_000_000)).about
    for name, value in changes.items():
        now = replace(getattr(real, name), **value) if isinstance(value, dict) else value
        real = replace(real, **{name: now})
    return real


@pytest.mark.parametrize(("changes", "says"), [
    ({"input": {"lanes": 0}}, "0 lanes of 5 bits, which no network"),
    ({"output": {"lanes": 0}}, "0 lanes of 4 bits, which no network"),
    ({"input": {"beats": 4_294_967_295}}, "4294967295 beats"),
    ({"output": {"beats": 4_294_967_295}}, "4294967295 beats"),
    ({"input": {"beats": 0}}, "0 beats"), ({"input": {"bits": 0}}, "0 bits"),
    ({"output": {"bits": 127, "lanes": 65535}}, "65535 lanes of 127 bits"),
    ({"window": 129}, "a window of 129 requests"), ({"window": 255}, "a window of 255 requests"),
    ({"input": {"beats": 9}}, "9 beats of 8 lanes of 5 bits, and the network's has 64 elements"),
    ({"input": {"signed": 1}}, "and the network's has 64 elements of 5 bits"),
    ({"output": {"bits": 5}}, "its output is 1 beats of 1 lanes of 5 bits"),
    ({"version": 2}, "has version 02"), ({"network": bytes(12)}, "holds another network")], ids=str)
def test_a_board_that_cannot_be_is_one_line(graph, changes, says):
    with saying(about(graph, **changes).pack()) as path, pytest.raises(ToolError, match=says) as e:
        infer(graph, np.zeros((2, 64), np.int64), board("icebreaker"), path, patience=1)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("payload", [b"", b"\1", bytes(31), bytes(33), bytes(32), b"\1" * 999])
def test_an_answer_of_another_length(graph, payload):
    with saying(payload) as path, pytest.raises(ToolError, match=r"version|which no network"):
        infer(graph, np.zeros((2, 64), np.int64), board("icebreaker"), path, patience=1)


def test_what_a_real_board_says_is_taken(graph):
    real = about(graph)
    assert not real.wrong and About.unpack(real.pack()) == real
    assert real.network == identity(graph) and isinstance(real.input, Beats)
