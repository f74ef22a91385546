"""What ``sim.proof.formal`` proves is proven, and wrong units are refuted."""

from dataclasses import replace
from itertools import groupby

import pytest

from qhw.schemes import schemes
from sim.proof.formal.proving import proven
from sim.proof.formal.streams import properties
from sim.proof.formal.tiles import INPUTS, element, tiles
from sim.proof.formal.tiles import properties as of_tile
from sim.proof.formal.units import streams

STREAMS = {of.name: of for of in streams()}
TILES = {unit: list(of) for unit, of in groupby(tiles(), lambda p: p.unit)}
SLOW = ("Fifo of 6", "MatVec, fixed, PE 2")
"""Whose proofs take a minute, and so do some tiles' of signed activations: ``python -m
sim.proof.formal`` has them too."""


@pytest.mark.slow(but=6)
@pytest.mark.parametrize("name", [name for name in STREAMS if not name.startswith(SLOW)])
def test_stream_units(name):
    found = list(properties(STREAMS[name]))
    assert proven(found) == [True] * len(found)


@pytest.mark.slow(but=4)
@pytest.mark.parametrize("unit", [unit for unit in TILES
                                  if not unit.startswith(SLOW) and unit.endswith("0..3")])
def test_tiles(unit):
    assert proven(TILES[unit]) == [True] * len(TILES[unit])


def test_every_scheme_has_its_proof():
    assert {unit.split(",")[0] for unit in TILES} == set(schemes)


def refuted(of, wrong, right):
    """The properties that no longer hold when the unit's Verilog is changed."""
    assert all(of[0].text.count(wrong) == p.text.count(wrong) > 0 for p in of)
    changed = [replace(p, text=p.text.replace(wrong, right)) for p in of]
    return [p.name for p, good in zip(of, proven(changed), strict=True) if not good]


def test_a_tile_with_a_wrong_gate_is_refuted():
    of = list(of_tile("ternary", element(schemes["ternary"]()), INPUTS[0]))
    assert refuted(of, "{2{w[3]}}", "{2{~w[3]}}") == ["the sums are those of the decoded weights"]


@pytest.mark.parametrize(("name", "wrong", "right", "what"), [
    ("Buffer", "o_payload <= spare", "o_payload <= i_payload", "each beat is what it should be"),
    ("Buffer", "move = o_ready | ~o_valid", "move = 1'b1", "a beat that waits stays as it is"),
    ("Replay 2 beats 2 times", "(put != got)", "1'b1", "each beat is what it should be"),
    ("Fork, output 0", "i_ready = has0 & has1", "i_ready = 1'b0", "a beat moves every 1 cycles"),
    ("Fork, output 0", "~had0", "1'b1", "each beat is what it should be"),
    ("Narrow by 3", "o_valid = left != 2'd0", "o_valid = left == 2'd1", "6 beats can come out"),
])
def test_a_wrong_unit_is_refuted(name, wrong, right, what):
    """A lost entry, one that does not wait, one that is read before it is there, an end that never
    takes, a beat twice, and beats that never come."""
    found = refuted(list(properties(STREAMS[name])), wrong, right)
    assert any(p.startswith(what) for p in found), found
