"""Amaranth's simulator on a small network: codes, cycles, traces, and hardware that is wrong."""

from dataclasses import replace

import pytest

from qhw.design.cycles import total
from qhw.design.top import Top
from qhw.errors import ToolError
from qhw.simulators import amaranth_sim
from qhw.simulators.amaranth_sim import simulate
from tests.simulators.steps import WANT, X, network


def test_codes_and_cycles():
    done = []
    found = simulate(network(), X, progress=done.append)
    assert found.codes.tolist() == WANT and found.cycles == total(network(), 3)
    assert (found.trace, found.activity) == ({}, {})
    assert done == [0, 1, 1, 2, 2, 3]       # after each output beat, of two a sample


@pytest.mark.parametrize("stalls", [0, 1, 2])
def test_pauses_change_cycles_alone(stalls):
    """The same seed pauses alike."""
    found, again = (simulate(network(), X, stalls=stalls) for _ in range(2))
    assert found.codes.tolist() == WANT
    assert found.cycles == again.cycles > total(network(), 3)


def test_traces():
    found = simulate(network(), X, trace=True)
    assert {name: y.tolist() for name, y in found.trace.items()} == {"step": WANT}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_hardware_that_stops(monkeypatch):
    class More(amaranth_sim._Bench):
        def __init__(self, *given):
            super().__init__(*given)
            self.wanted += 1

    monkeypatch.setattr(amaranth_sim, "STALLS", (0,))
    monkeypatch.setattr(amaranth_sim, "_Bench", More)
    with pytest.raises(ToolError, match=r"The hardware gave 6 of 7 beats in \d+ cycles"):
        simulate(network(), X)


def test_hardware_that_marks_another_beat_as_the_last(monkeypatch):
    """Its counter of output beats has another number of them."""
    class Wrong(Top):
        def elaborate(self, platform):
            right = self.output
            self.output = replace(right, beats=1)
            m = super().elaborate(platform)
            self.output = right
            return m

    monkeypatch.setattr(amaranth_sim, "Top", Wrong)
    with pytest.raises(ToolError, match="TLAST is 1 at output beat 1"):
        simulate(network(), X)
