"""Networks with state behind the link: each sample is inferred once, in order, whatever the line
does to its frames, and each sequence begins from the initial state."""

import numpy as np
import pytest

import qhw
from qhw.board.on_board import infer
from qhw.board.port import Noise, SimulatedBoard
from qhw.design.beats import to_bytes
from qhw.design.top import layout
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Input
from qhw.link.host import HostLink
from qhw.link.link import About, Link, LinkTop
from qhw.ops import History
from qhw.simulators.golden import golden
from qhw.targets.boards import board

LINK = Link(12_000_000, 1_000_000)
GRAPH = Graph("kept", (
    Node("x", Input((2, 3), Int(0, 255))),
    Node("a", History(np.arange(12).reshape(4, 3)), ("x",)),
    Node("b", History(np.full((3, 3), 7), pe=3), ("a",)))).check()
X = np.random.default_rng(0).integers(0, 256, (24, 2, 3))


def on_the_line():
    """What goes to the board and comes back, a sample each."""
    exact = golden(GRAPH, X)
    return [[one.tobytes() for one in to_bytes(exact[name], port.codes, port.lanes)
             .reshape(len(X), -1)] for name, port in zip(("x", "b"), layout(GRAPH), strict=True)]


def test_a_board_says_that_its_samples_are_a_sequence():
    about = LinkTop(GRAPH, LINK).about
    assert about.window == 0 and not about.wrong and About.unpack(about.pack()) == about
    stateless = Graph("net", (GRAPH.nodes[0], Node("y", qhw.ops.Gain(np.ones(3, int)), ("x",))))
    assert LinkTop(stateless.check(), LINK).about.window > 0


@pytest.mark.parametrize("rate", [0, 0.005])
def test_every_sequence_begins_from_the_initial_state(rate):
    requests, wanted = on_the_line()
    noise = [Noise(rate, seed) if rate else None for seed in (1, 2)]
    with (SimulatedBoard(GRAPH, LINK, to_board=noise[0], to_host=noise[1]) as simulated,
          HostLink(simulated.path, LINK.baud, patience=60) as link):
        about = link.about()
        first, rates = link.infer(about, requests)
        assert (first, link.infer(about, requests[:9])[0]) == (wanted, wanted[:9])
    assert (rates.repeated > 0) == (rate > 0)


def test_a_board_that_was_reset_within_a_sequence_gets_it_anew(tmp_path):
    requests, wanted = on_the_line()
    port, boards = tmp_path / "port", [SimulatedBoard(GRAPH, LINK) for _ in range(2)]

    def plug(simulated):
        simulated.__enter__()
        port.unlink(missing_ok=True)
        port.symlink_to(simulated.path)

    def pull(done):
        if done == 10 and not pulled:
            pulled.append(done)
            boards[0].__exit__()
            plug(boards[1])

    pulled = []
    plug(boards[0])
    try:
        with HostLink(str(port), LINK.baud, patience=60) as link:
            answers, rates = link.infer(link.about(), requests, pull)
    finally:
        boards[1].__exit__()
    assert answers == wanted and rates.reopened == 1 and rates.repeated >= 10


def test_run_takes_samples_as_a_sequence():
    found = infer(GRAPH, X[:6], board("icebreaker"), "sim")
    assert np.array_equal(found.codes, golden(GRAPH, X[:6])["b"])
