"""Predictions against what Yosys measures."""

import numpy as np
import pytest

import qhw
from qhw.exact.num import Int
from qhw.graph import Graph, Node, PeSimd
from qhw.layers import Dense, Input
from qhw.lower import lower
from qhw.schemes.binary import Binary
from qhw.schemes.fixed import Fixed
from qhw.synthesis.synth import cells, modules, synthesize
from qhw.targets import target


@pytest.mark.slow(but=1)
@pytest.mark.parametrize(("chip", "most"), [("ice40hx8k", 0.1), ("ecp5-25k", 0.1), ("xc7", 0.25)])
def test_estimates_of_digits(chip, most):
    """Within the 95th percentile of docs/how/estimates.md, at least."""
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
                          Node("fc1", Dense(scheme, found, fold=PeSimd(2, 4)), ("input",))))
    known = qhw.synth(graph, chip)
    assert known["measured"]["dsps"] == known["estimate"]["dsps"] == 8


def test_two_networks_in_one_run_cost_what_each_costs_alone():
    chip = target("ice40hx8k")
    codes = Binary().quantize(np.random.default_rng(0).normal(size=(3, 8)))
    graphs = [lower(Graph(name, (Node("input", Input((8,), Int(0, most))),
                                 Node("fc", Dense(Binary(), codes), ("input",)))))
              for name, most in (("one", 1), ("two", 7))]
    together = modules(graphs, chip)
    assert [{unit: cells(module, chip) for unit, module in found.items() if unit}
            for found in together] == [
        {unit: cost for unit, cost in synthesize(graph, chip).items() if unit} for graph in graphs]
    assert all("fc" in found for found in together)
