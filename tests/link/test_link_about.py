"""What a board says of itself, byte by byte, and the limits of a line and of its window."""

from dataclasses import replace

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Graph, Node, PeSimd
from qhw.layers import Dense, Input
from qhw.link import link
from qhw.link.link import About, Beats, Link, LinkTop, identity
from qhw.lower import lower
from qhw.schemes.binary import Binary
from qhw.targets import target

ABOUT = About(bytes(range(1, 13)), Beats(5, 0, 8, 0x010203), Beats(12, 1, 0x0104, 7), window=9,
              baud=1_000_000)


def test_the_bytes_of_docs_link():
    """Version, window; bits of the input, its lanes in two bytes and its beats in four, the lowest
    first; the same of the output, whose sign is bit 7 of its bits; baud; twelve bytes' identity."""
    assert ABOUT.pack() == bytes([
        1, 9, 5, 8, 0, 0x03, 0x02, 0x01, 0, 12 | 128, 0x04, 0x01, 7, 0, 0, 0,
        0x40, 0x42, 0x0F, 0, *range(1, 13)])
    assert len(ABOUT.pack()) == About.LAYOUT.size == 32
    assert About.unpack(ABOUT.pack()) == ABOUT
    other = replace(ABOUT, input=ABOUT.output, output=ABOUT.input, version=3, window=1)
    assert About.unpack(other.pack()) == other


@pytest.mark.parametrize(("beats", "beat", "size"), [
    (Beats(5, 0, 3, 4), 2, 8),          # 15 bits are two bytes, four times
    (Beats(4, 1, 4, 3), 2, 6), (Beats(1, 0, 1, 1), 1, 1), (Beats(17, 1, 1, 5), 3, 15)])
def test_bytes_of_beats(beats, beat, size):
    assert (beats.beat, beats.size) == (beat, size)


@pytest.mark.parametrize(("changes", "wrong"), [
    ({}, ""), ({"bits": 1}, ""), ({"bits": 0}, "4 beats of 3 lanes of 0 bits"),
    ({"lanes": 0}, "4 beats of 0 lanes of 5 bits"), ({"beats": 0}, "0 beats of 3 lanes of 5 bits"),
])
def test_ports_that_cannot_be(changes, wrong):
    assert replace(Beats(5, 0, 3, 4), **changes).wrong == wrong


def test_ports_that_are_too_large(monkeypatch):
    """As many bits as integers may have, as many bytes as a board may have, and one more."""
    monkeypatch.setattr(link, "MOST_BITS", 9)
    monkeypatch.setattr(link, "BOARD_BYTES", 6)
    assert not Beats(9, 0, 1, 3).wrong and not Beats(8, 0, 2, 3).wrong
    assert Beats(10, 0, 1, 1).wrong and Beats(8, 0, 1, 7).wrong and Beats(9, 0, 1, 4).wrong


@pytest.mark.parametrize(("window", "wrong"), [
    (0, ""), (1, ""), (128, ""), (129, "a window of 129 requests")])
def test_windows_that_cannot_be(window, wrong):
    assert replace(ABOUT, window=window).wrong == wrong


def test_what_is_wrong_of_either_end():
    bad = Beats(0, 0, 1, 1)
    assert replace(ABOUT, input=bad, window=129).wrong == bad.wrong
    assert replace(ABOUT, output=bad).wrong == bad.wrong


@pytest.mark.parametrize(("clock", "baud", "says"), [
    (4_000_000, 1_000_000, None), (4, 1, None), (12_000_000, 115200, None),
    (3_999_999, 1_000_000, "1000000 baud are too many for a clock of 4 MHz: at most 999999"),
    (12_000_003, 3_000_001, "of 12 MHz: at most 3000000"),
    (12_000_000, 0, "at least 1 baud, not 0"), (12_000_000, -1, "at least 1 baud, not -1")])
def test_a_bit_is_four_cycles_at_least(clock, baud, says):
    if says is None:
        assert Link(clock, baud).baud == baud
    else:
        with pytest.raises(ModelError, match=says):
            Link(clock, baud)


def network(inputs=8, outputs=4, seed=0, codes=(0, 3), name="net", fold=None):
    weights = Binary().quantize(np.random.default_rng(seed).normal(size=(outputs, inputs)))
    return lower(Graph(name, (Node("input", Input((inputs,), Int(*codes))),
                              Node("fc", Dense(Binary(), weights, None, fold), ("input",)))))


@pytest.mark.parametrize(("chip", "size", "window"), [
    # A slot has the tag's 4 bytes and the request's, up to a power of two; a block RAM of iCE40
    # has 512 bytes, of ECP5 and Xilinx 2048.
    ("ice40up5k", 4, 64), ("ice40up5k", 5, 32), ("ice40up5k", 12, 32), ("ice40up5k", 13, 16),
    ("ice40up5k", 252, 2), ("ice40up5k", 253, 2), ("ice40up5k", 9999, 2),
    (None, 12, 32), (None, 13, 16),
    ("ecp5-25k", 12, 128), ("ecp5-25k", 4, 128),        # 256 slots, of which 128 are numbered
    ("ecp5-25k", 28, 64), ("asic", 1, 2),
])
def test_requests_that_a_block_ram_holds(chip, size, window):
    top = LinkTop(network(), Link(12_000_000), target(chip) if chip else None)
    assert top._window(size) == window


def test_a_board_says_how_its_ports_are():
    """Eight inputs of 2 bits in beats of as many as one takes; four sums of at most 8 * 3."""
    top = LinkTop(network(), Link(12_000_000, 500_000), target("ice40up5k"))
    about = top.about
    assert (about.input.bits, about.input.signed, about.input.lanes * about.input.beats
            ) == (2, 0, 8)
    assert (about.output.bits, about.output.signed, about.output.lanes * about.output.beats
            ) == (6, 1, 4)
    assert (about.baud, about.version) == (500_000, 1)
    assert about.window == top._window(about.input.size)


def test_an_identity_is_of_what_is_computed():
    """Folds and names of networks do not change it; weights, codes and sizes do."""
    first = identity(network())
    assert len(first) == 12 and first == identity(network())
    assert {identity(network(name="other", fold=fold)) for fold in (
        PeSimd(1, 1), PeSimd(2, 4))} == {first}
    others = {identity(g) for g in (network(seed=1), network(inputs=9), network(outputs=5),
                                    network(codes=(0, 2)), network(codes=(-1, 2)))}
    assert len(others) == 5 and first not in others
