"""Predictions against what Yosys measures, and the counting of what it measured."""

import numpy as np
import pytest

import qhw
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Dense, Input
from qhw.schemes.fixed import Fixed
from qhw.synthesis.synth import cells
from qhw.targets import target
from qhw.targets.ice40 import logic_cells


@pytest.mark.parametrize(("chip", "most"), [("ice40hx8k", 0.1), ("ecp5-25k", 0.1), ("xc7", 0.25)])
def test_estimates_of_digits(chip, most):
    """Within the 95th percentile of docs/estimates.md, at least."""
    known = qhw.synth("digits-ternary", chip)
    predicted, found = known["estimate"], known["measured"]
    assert abs(predicted["luts"] / found["luts"] - 1) < most
    assert abs(predicted["ffs"] / found["ffs"] - 1) < 0.05
    assert (predicted["brams"], predicted["dsps"]) == (found["brams"], found["dsps"])
    assert found["luts"] == sum(layer["measured"]["luts"] for layer in known["layers"])


@pytest.mark.parametrize("chip", ["ecp5-25k", "ice40up5k"])
def test_dsp_blocks_are_counted(chip):
    """Eight-bit weights multiply in DSP blocks, and nothing else does."""
    scheme = Fixed(8)
    found = scheme.quantize(np.random.default_rng(0).normal(size=(4, 16)))
    graph = Graph("dsp", (Node("input", Input((16,), Int(0, 255))),
                          Node("fc1", Dense(scheme, found, fold=(2, 4)), ("input",))))
    known = qhw.synth(graph, chip)
    assert known["measured"]["dsps"] == known["estimate"]["dsps"] == 8


def cell(kind, outputs, **pins):
    return {"type": kind, "connections": {pin: [bit] for pin, bit in pins.items()},
            "port_directions": {p: "output" if p in outputs else "input" for p in pins}}


def netlist(*cells, outputs=()):
    return {"cells": dict(enumerate(cells)),
            "ports": {"y": {"direction": "output", "bits": list(outputs)}}}


def test_packing_by_hand():
    """A LUT and the flip-flop it feeds are a cell; a flip-flop or a carry alone is one too."""
    lut = cell("SB_LUT4", "O", I0="0", I1=1, I2=2, I3=3, O=4)
    assert logic_cells(netlist(lut, cell("SB_DFF", "Q", D=4, C=9, Q=5), outputs=[5])) == 1
    assert logic_cells(netlist(lut, cell("SB_DFF", "Q", D=4, C=9, Q=5), outputs=[4, 5])) == 2
    assert logic_cells(netlist(cell("SB_DFF", "Q", D=7, C=9, Q=5), outputs=[5])) == 1
    carry = cell("SB_CARRY", ("CO",), I0=1, I1=2, CI=3, CO=6)
    onward = cell("SB_LUT4", "O", I0="0", I1=7, I2=8, I3=6, O=10)
    assert logic_cells(netlist(lut, carry, onward, outputs=[4, 10])) == 3     # 2 and the way in


def test_a_lut_with_two_outputs_is_one():
    lut = cell("LUT6_2", ("O5", "O6"), I0=1, I1=2, I2=3, I3=4, I4=5, I5="1", O5=6, O6=7)
    assert cells(netlist(lut, outputs=[6, 7]), target("xc7")).luts == 1


@pytest.mark.parametrize(("width", "depth", "blocks"), [
    (128, 64, 8), (16, 64, 1), (40, 512, 5), (3, 2048, 2)])
def test_block_rams_of_ice40(width, depth, blocks):
    """As Yosys maps them."""
    assert target("ice40hx8k").family.blocks(width, depth) == blocks


@pytest.mark.parametrize(("width", "depth", "blocks"), [
    (128, 64, 4), (40, 300, 2), (20, 2048, 3), (18, 3000, 3), (9, 9000, 5)])
def test_block_rams_of_ecp5(width, depth, blocks):
    assert target("ecp5-25k").family.blocks(width, depth) == blocks
