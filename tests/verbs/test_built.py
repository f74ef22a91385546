"""What differs between a record and what is asked for, by records written by hand."""

from dataclasses import replace

import numpy as np
import pytest

from qhw.errors import QhwError
from qhw.exact.num import Int
from qhw.fold.goal import Goal
from qhw.graph import Graph, Node
from qhw.layers import Dense, Input
from qhw.link.link import identity
from qhw.lower import lower
from qhw.report.record import Record
from qhw.schemes.binary import Binary
from qhw.targets.boards import board
from qhw.tools.typed import read
from qhw.verbs.built import Asked, built_before, differences

HERE = board("ulx3s-85f")       # 25 MHz


def network(seed=0):
    codes = Binary().quantize(np.random.default_rng(seed).normal(size=(4, 8)))
    return lower(Graph("net", (Node("input", Input((8,), Int(0, 3))),
                               Node("fc1", Dense(Binary(), codes), ("input",)))))


GRAPH = network()
KNOWN = read(Record, {
    "name": "old", "cycles_per_inference": 8,
    "estimate": {"luts": 900, "brams": 3, "dsps": 0},
    "settings": {"folds": {"fc1": [2, 4], "act1": [1]}},
    "place": {"board": "ulx3s-85f", "network": identity(GRAPH).hex(), "baud": 1_000_000,
              "clock_mhz": 50.0, "clock_hz": 50_000_000, "inferences_per_second": 6_250_000.0,
              "bitstream": "net.bit", "oscillator_mhz": 25.0, "pll": None, "fmax_mhz": 52.5,
              "luts": 900, "brams": 3, "dsps": 0, "of": {"luts": 83640},
              "longest": {"layer": "fc1", "ns": 9.0, "whole_ns": 19.0}, "tries": 1,
              "seconds": 60.0}})


def with_place(**changes):
    return replace(KNOWN, place=replace(KNOWN.place, **changes))


@pytest.mark.parametrize(("asked", "wrong"), [
    ({}, []),
    ({"baud": 1_000_000}, []),
    ({"baud": 115200}, ["its link has 1000000 baud and not 115200"]),
    ({"goal": Goal(clock_mhz=50)}, []),
    ({"goal": Goal(clock_mhz=50.1)}, []),       # the fastest clock that is not above, again
    ({"goal": Goal(clock_mhz=62.5)}, ["its clock is 50 MHz and not 62.5"]),
    ({"goal": Goal(clock_mhz=25)}, ["its clock is 50 MHz and not 25"]),
    ({"goal": Goal(clock_mhz=1)}, ["its clock is 50 MHz and not 1"]),       # no clock of this board
    ({"goal": Goal(fps=6_250_000)}, []),
    ({"goal": Goal(fps=6_250_001)}, ["it makes 6250000 inferences/s and not 6250001"]),
    ({"cycles": 8}, []), ({"goal": Goal(cycles=8)}, []),
    ({"goal": Goal(cycles=9), "cycles": 8}, []),
    ({"cycles": 7}, ["an inference takes 8 cycles and not 7"]),
    ({"goal": Goal(cycles=6), "cycles": 9}, ["an inference takes 8 cycles and not 6"]),
    ({"goal": Goal(cycles=9), "cycles": 7}, ["an inference takes 8 cycles and not 7"]),
    ({"goal": Goal(luts=900, brams=3, dsps=0)}, []),
    ({"goal": Goal(luts=899, brams=2)}, ["its estimate is 900 LUTs and not 899",
                                         "its estimate is 3 block RAMs and not 2"]),
    ({"goal": Goal(brams=0)}, ["its estimate is 3 block RAMs and not 0"]),
    ({"folds": {"fc1": (2, 4)}}, []), ({"folds": {"act1": (1,), "fc1": (2, 4)}}, []),
    ({"folds": {"fc1": (4, 2)}}, ["layer 'fc1' is not known to be folded like that"]),
    ({"folds": {"act1": (1,), "fc2": (1, 1)}}, ["layer 'fc2' is not known to be folded like that"]),
    ({"baud": 9600, "cycles": 1, "folds": {"fc1": ()}}, [
        "its link has 1000000 baud and not 9600", "an inference takes 8 cycles and not 1",
        "layer 'fc1' is not known to be folded like that"]),
])
def test_what_differs(asked, wrong):
    assert differences(KNOWN, GRAPH, HERE, Asked(**asked)) == wrong


def test_another_network_and_another_board():
    assert differences(KNOWN, network(1), HERE, Asked()) == [
        "its network old computes something else than net"]
    assert differences(with_place(network=""), GRAPH, HERE, Asked()) == [
        "its network old computes something else than net"]
    # Behind another board nothing else is compared.
    assert differences(KNOWN, network(1), board("icebreaker"), Asked(9600)) == [
        "it is for ulx3s-85f and not for icebreaker"]


def test_the_clock_is_compared_in_hertz():
    """20.83 MHz are written as they are rounded, 20833333 Hz as they are."""
    third = with_place(clock_mhz=20.8333, clock_hz=20_833_333)
    assert not differences(third, GRAPH, HERE, Asked(goal=Goal(clock_mhz=20.8334)))
    assert differences(with_place(clock_mhz=20.8333, clock_hz=20_833_332), GRAPH, HERE,
                       Asked(goal=Goal(clock_mhz=20.8334)))


@pytest.mark.parametrize("chosen", [False, True])
def test_nothing_is_there(tmp_path, chosen):
    """No folder, or an empty one."""
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "none"):
        assert built_before(folder, GRAPH, HERE, chosen=chosen, asked=Asked()) is None


def test_a_folder_that_was_chosen_says_what_differs_and_another_is_built_anew(tmp_path,
                                                                              monkeypatch):
    (tmp_path / "report.json").write_text("{}")
    monkeypatch.setattr("qhw.verbs.built._record", lambda folder: KNOWN)
    assert built_before(tmp_path, GRAPH, HERE, chosen=True, asked=Asked(cycles=8)) is KNOWN
    assert built_before(tmp_path, GRAPH, HERE, chosen=False, asked=Asked(cycles=8)) is KNOWN
    assert built_before(tmp_path, GRAPH, HERE, chosen=False, asked=Asked(cycles=7)) is None
    with pytest.raises(QhwError) as e:
        built_before(tmp_path, GRAPH, HERE, chosen=True, asked=Asked(9600, cycles=7))
    assert str(e.value) == (f"{tmp_path}: its link has 1000000 baud and not 9600; an inference "
                            f"takes 8 cycles and not 7; build it anew, or name another folder")


def test_an_interval_that_is_too_long():
    slow = replace(KNOWN, cycles_per_inference=9)
    for asked in ({"cycles": 8}, {"goal": Goal(cycles=8)}, {"goal": Goal(cycles=8), "cycles": 12}):
        assert differences(slow, GRAPH, HERE, Asked(**asked)) == [
            "an inference takes 9 cycles and not 8"]
    assert not differences(slow, GRAPH, HERE, Asked(cycles=9))


def test_none_at_all_is_a_limit():
    more = replace(KNOWN, estimate=replace(KNOWN.estimate, brams=1, dsps=2))
    assert differences(more, GRAPH, HERE, Asked(goal=Goal(brams=0, dsps=0))) == [
        "its estimate is 1 block RAMs and not 0", "its estimate is 2 DSP blocks and not 0"]
