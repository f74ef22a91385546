"""The longest way through a netlist, worked by hand."""

from dataclasses import replace

import pytest

from qhw.targets import target
from qhw.targets.timing import Delays, adders_within, behind, critical, megahertz, stopping

D = Delays(level=1.0, carry=0.125, clock=0.5, memory=4.0, multiply=3.0)


def cell(kind, inputs, outputs):
    return {"type": kind, "connections": {**inputs, **outputs},
            "port_directions": dict.fromkeys(inputs, "input") | dict.fromkeys(outputs, "output")}


def module(*cells):
    return {"cells": {f"c{k}": one for k, one in enumerate(cells)}}


@pytest.mark.parametrize(("cells", "ns"), [
    ([], 0),
    ([cell("LUT4", {"A": [1]}, {"Z": [2]})], 1),
    ([cell("LUT4", {"A": [2]}, {"Z": [3]}), cell("LUT4", {"A": [1]}, {"Z": [2]})], 2),
    # Into a chain, two steps of it, and half a level out of it.
    ([cell("CCU2C", {"A0": [1]}, {"COUT": [2]}), cell("CCU2C", {"CIN": [2]}, {"COUT": [3]}),
      cell("CCU2C", {"CIN": [3]}, {"COUT": [4]}), cell("CCU2C", {"CIN": [4]}, {"S0": [5]})],
     1 + 2 * .125 + .5),
    ([cell("DP16KD", {"ADA0": [1]}, {"DOA0": [2]}), cell("LUT4", {"A": [2]}, {"Z": [3]})], 4 + 1),
    ([cell("MULT18X18D", {"A0": [1]}, {"P0": [2]}), cell("PFUMX", {"ALUT": [2]}, {"Z": [3]})], 3),
    # A register ends one way and begins the next.
    ([cell("LUT4", {"A": [1]}, {"Z": [2]}), cell("TRELLIS_FF", {"DI": [2]}, {"Q": [3]}),
      cell("LUT4", {"A": [3]}, {"Z": [4]})], 1)])
def test_by_hand(cells, ns):
    ecp5 = target("ecp5-25k").family.primitives
    assert critical(module(*cells), ecp5, D) == pytest.approx(D.clock + ns)


@pytest.mark.parametrize(("mhz", "count"), [(1000, 1), (250, 1), (100, 4), (50, 9)])
def test_adders_within(mhz, count):
    """100 MHz: 10 ns less 0.5 and less a level and a half leave 8 levels, two an adder."""
    assert adders_within(mhz, D) == count


@pytest.mark.parametrize(("logic", "kept", "ns"), [
    (2.5, False, 0.5 + 4.0 + 2.5),      # through the memory and all of the logic
    (2.5, True, 0.5 + 4.0 + 0.5),       # the memory and a wire
    (6.0, True, 0.5 + 6.0)])            # the logic
def test_behind_block_ram(logic, kept, ns):
    assert behind(logic, D, kept=kept) == pytest.approx(ns)


def test_what_stops_a_product():
    assert stopping(D) == 0.5 + 7 * 1.0


def test_what_place_and_route_adds():
    assert megahertz(8.0, D) == 125
    assert megahertz(8.0, replace(D, placed=1.25)) == 100
