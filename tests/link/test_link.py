"""The whole board top, pins and all, in compiled RTL behind a port, with the real ones' driver."""

import os
import re
import tty
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import qhw
from qhw import verbs
from qhw.board.on_board import infer
from qhw.board.port import Noise, SimulatedBoard
from qhw.design.beats import to_bytes
from qhw.design.top import layout
from qhw.errors import ModelError, ToolError
from qhw.exact.num import Int
from qhw.graph import Graph, Node, Spatial
from qhw.layers import Input
from qhw.link import host
from qhw.link.host import HostLink
from qhw.link.line import ASK, frame, unframe
from qhw.link.link import About, Link, LinkTop, identity
from qhw.lower import lower
from qhw.lower.fold import EVERY
from qhw.ops import Largest
from qhw.simulators.golden import golden
from qhw.synthesis.synth import cells, netlist
from qhw.targets import target
from qhw.targets.boards import board
from qhw.verilog.design import Design
from tests.networks import random_input, random_network

RATIO = 12
LINK = Link(12_000_000, 1_000_000)


@pytest.fixture(scope="module")
def digits():
    x, labels = verbs.read_input(files("qhw.models") / "digits" / "test.npz")
    return x.astype(np.int64), labels


@pytest.fixture(scope="module")
def graph():
    return lower(qhw.load("digits-binary"))


def on_the_line(graph, x):
    """What goes to the board and comes back, a sample each."""
    exact = golden(graph, x)
    first, last = graph.hardware.nodes[0].name, graph.hardware.output.name
    return [[one.tobytes() for one in to_bytes(exact[name], port.codes, port.lanes)
             .reshape(len(x), -1)]
            for name, port in zip((first, last), layout(graph), strict=True)]


def speak(simulated, requests, **how):
    with HostLink(simulated.path, LINK.baud, **how) as link:
        return link.infer(link.about(), requests)


@pytest.fixture
def unhurried(monkeypatch):
    """Frames are sent again where answers show that they are lost, never for want of time."""
    for name in ("FIRST", "SHORTEST", "LONGEST"):
        monkeypatch.setattr(host, name, 60.0)


@pytest.mark.usefixtures("unhurried")
def test_digits_equal_the_golden_at_nine_tenths_of_what_the_line_carries(graph, digits):
    x, _ = digits
    requests, wanted = on_the_line(graph, x)
    simulated = SimulatedBoard(graph, LINK, target("ice40up5k"))
    with simulated:
        answers, rates = speak(simulated, requests)
    assert answers == wanted
    assert rates.repeated == 0
    seen = simulated.traffic
    assert seen.received >= rates.sent >= sum(map(len, requests))
    assert 0.9 <= 10 * RATIO * seen.received / seen.cycles <= 1


@pytest.mark.parametrize("seed", [1, 2])
def test_with_a_byte_in_a_hundred_wrong_every_answer_is_right(graph, digits, seed):
    requests, wanted = on_the_line(graph, digits[0][:150])
    with SimulatedBoard(graph, LINK, target("ice40up5k"), to_board=Noise(0.01, seed),
                        to_host=Noise(0.01, seed + 100)) as simulated:
        answers, rates = speak(simulated, requests)
    assert answers == wanted
    assert rates.repeated > 40


def test_a_cable_that_is_cut_and_mended(graph, digits):
    requests, wanted = on_the_line(graph, digits[0][:120])
    at = [20, 60, 61, 100]
    with (SimulatedBoard(graph, LINK, target("ice40up5k")) as simulated,
          HostLink(simulated.path, LINK.baud) as link):
        about, cut = link.about(), []

        def progress(done):
            if not cut and at and done >= at[0]:
                at.pop(0)
                simulated.cut()
                cut.append(simulated.lost)
            elif cut and simulated.lost > cut[0] + 50:
                simulated.mend()
                cut.clear()

        answers, rates = link.infer(about, requests, progress)
    assert answers == wanted
    assert rates.repeated >= 4 and simulated.lost > 200


def test_a_cable_that_stays_cut_is_one_line(graph, digits):
    requests, _ = on_the_line(graph, digits[0][:20])
    with (SimulatedBoard(graph, LINK, target("ice40up5k")) as simulated,
          HostLink(simulated.path, LINK.baud, patience=0.8) as link,
          pytest.raises(ToolError, match=r"the board fell silent after \d+ of 20 samples$")):
        link.infer(link.about(), requests, lambda done: simulated.cut() if done > 5 else None)


def test_a_port_that_goes_and_comes_back(graph, digits, tmp_path):
    """As an USB plug does; another board, or none, is one line."""
    requests, wanted = on_the_line(graph, digits[0][:60])
    port, other = tmp_path / "port", lower(random_network(3, most=20, layers=1))
    again = [SimulatedBoard(g, LINK, target("ice40up5k")) for g in (graph, graph, other)]

    def plug(simulated):
        simulated.__enter__()
        port.unlink(missing_ok=True)
        port.symlink_to(simulated.path)

    def pull(done):
        if done >= 20 * len(pulled) + 20 and len(pulled) < 2:
            pulled.append(done)
            again[len(pulled) - 1].__exit__()
            plug(again[len(pulled)])

    pulled = []
    plug(again[0])
    try:
        with HostLink(str(port), LINK.baud, patience=3) as link:
            about = link.about()
            assert link.infer(about, requests[:30], pull)[0] == wanted[:30]
            assert len(pulled) == 1
            with pytest.raises(ToolError, match="came back is another one, or holds another net"):
                link.infer(about, requests * 5, pull)
    finally:
        again[len(pulled)].__exit__()


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("off", [0.98, 1.02])
def test_a_host_that_is_2_percent_fast_or_slow(graph, digits, off):
    requests, wanted = on_the_line(graph, digits[0][:40])
    with SimulatedBoard(graph, LINK, target("ice40up5k"), baud=int(off * LINK.baud)) as simulated:
        answers, rates = speak(simulated, requests)
    assert answers == wanted and rates.repeated == 0


@pytest.mark.parametrize("seed", [0, 2, 5])
def test_random_networks(seed):
    """Beats of many bytes and of one, on other bit lengths."""
    graph = lower(random_network(seed, most=300 if seed else 60, layers=1 + seed % 2))
    requests, wanted = on_the_line(graph, random_input(graph, 12, seed))
    link = Link(27_000_000, [1_000_000, 2_000_000, 6_000_000][seed % 3])
    with SimulatedBoard(graph, link) as simulated:
        assert speak(simulated, requests)[0] == wanted


def test_answers_to_somebody_else_are_not_ours(graph, digits):
    """A program that ended in the middle of a frame, with answers on their way."""
    requests, wanted = on_the_line(graph, digits[0][:30])
    with SimulatedBoard(graph, LINK, target("ice40up5k")) as simulated:
        with Path(simulated.path).open("wb", buffering=0) as earlier:
            for k in range(6):
                earlier.write(frame(k, requests[29 - k]))
            earlier.write(frame(7, requests[0])[:20])
        assert speak(simulated, requests)[0] == wanted


def test_a_board_says_what_it_is(graph):
    top = LinkTop(graph, LINK, target("ice40up5k"))
    i, o = layout(graph)
    with (SimulatedBoard(graph, LINK, target("ice40up5k")) as simulated,
          HostLink(simulated.path, LINK.baud) as link):
        about = link.about()
    assert about == top.about
    assert (about.network, about.baud) == (identity(graph), 1_000_000)
    assert (about.input.bits, about.input.lanes, about.input.beats) == (5, i.lanes, i.beats)
    assert about.output.size == o.width // 8 * o.beats
    assert about.window * (about.input.size + 4) <= 512
    assert len(about.pack()) == 32 and About.unpack(about.pack()) == about


def test_the_network_is_known_however_it_is_folded():
    model = qhw.load("digits-fixed4")
    names = {identity(lower(model, cycles=n)) for n in (64, 128, 700)}
    names |= {identity(lower(model, {EVERY: Spatial(4)}, family=family))
              for family in ("ecp5", "ice40")}
    assert len(names) == 1
    assert names != {identity(lower(qhw.load("digits-binary")))}
    graph = lower(model)
    for k, node in enumerate(graph.nodes):
        for name in ("codes", "start", "thresholds"):
            values = getattr(node.op, name, None)
            if isinstance(values, np.ndarray):
                other = values.copy()
                other.flat[-1] ^= 1
                changed = (*graph.nodes[:k], replace(node, op=replace(node.op, **{name: other})),
                           *graph.nodes[k + 1:])
                assert identity(replace(graph, nodes=changed)) not in names
                names.add(identity(replace(graph, nodes=changed)))
    assert len(names) > 4


def test_another_network_or_silence_is_one_line(graph, digits, tmp_path):
    other = lower(random_network(3, most=20, layers=1))
    where = board("icebreaker")
    with SimulatedBoard(other, LINK) as simulated, pytest.raises(
            ToolError, match="holds another network than digits-binary"):
        infer(graph, digits[0], where, simulated.path, baud=LINK.baud)
    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        with pytest.raises(ToolError, match="no answer at 115200 baud; is this the board's port"):
            infer(graph, digits[0], where, os.ttyname(slave), baud=115200, patience=0.3)
    finally:
        os.close(master)
        os.close(slave)
    master, slave = os.openpty()
    link = HostLink(os.ttyname(slave), 115200, patience=0.3)
    with link:
        os.close(master)
        with pytest.raises(ToolError, match="the port is gone"):
            link.about()
    os.close(slave)
    with pytest.raises(ToolError, match=r"nothing: there is no such port"):
        infer(graph, digits[0], where, str(tmp_path / "nothing"))


def test_a_link_that_cannot_be_is_refused(graph):
    with pytest.raises(ModelError, match="4000000 baud are too many for a clock of 12 MHz"):
        Link(12_000_000, 4_000_000)
    with pytest.raises(ModelError, match="at least 1 baud, not 0"):
        Link(12_000_000, 0)
    with pytest.raises(ValueError, match="behind a link has no taps"):
        Design.of(graph, taps=True, link=LINK)


def test_frames_byte_by_byte():
    """Those that docs/reference/link.md works out."""
    page = (Path(__file__).parents[2] / "docs/reference/link.md").read_text()
    request, answer = frame(0x01020300, bytes([0, 5])), frame(0x01020300, bytes([7]))
    assert request.hex(" ") == "01 04 03 02 01 06 05 40 8d c3 2d 00"
    assert request.hex(" ") in re.sub(" +", " ", page)
    assert f"`{answer.hex(' ')}`" in page
    assert unframe(request[:-1]) == (0x01020300, b"\0\5")
    assert unframe(b"") is None and unframe(b"\5\1") is None
    assert frame(ASK | 1).endswith(b"\0") and 0 not in frame(ASK | 1)[:-1]


def test_no_garbage_wedges_the_board(graph, digits):
    """Noise, and frames with a right check and a wrong length, as fast as they go."""
    requests, wanted = on_the_line(graph, digits[0][:40])
    rng = np.random.default_rng(0)
    with SimulatedBoard(graph, LINK, target("ice40up5k")) as simulated:
        with Path(simulated.path).open("wb", buffering=0) as earlier:
            for length in (0, 1, 39, 41, 300):
                earlier.write(frame(9, bytes(length)) + frame(ASK | 9, bytes(length)))
                earlier.write(bytes(rng.integers(0, 256, 700, dtype=np.uint8)))
                earlier.write(bytes(rng.integers(1, 3, 300, dtype=np.uint8)))
        assert speak(simulated, requests)[0] == wanted


@pytest.mark.parametrize(("chip", "size", "blocks"), [
    ("ice40up5k", 64, 2), ("ice40up5k", 784, 5), ("ecp5-25k", 784, 2), ("ecp5-25k", 5000, 8)])
def test_block_rams_are_those_of_synthesis(chip, size, blocks):
    """A request of 784 bytes and its head begins at 0 and one at 1024, in blocks of 512 bytes."""
    nodes = (Node("x", Input((size,), Int(0, 255))),
             Node("class", Largest(np.zeros(size, np.int64)), ("x",)))
    graph = Graph("large", nodes).check()
    assert LinkTop(graph, LINK, target(chip)).blocks == blocks
    design = Design.of(graph, target(chip), link=LINK)
    made = netlist(dict(design.files), design.name, [], target(chip))[design.name]
    assert cells(made, target(chip)).brams == blocks
