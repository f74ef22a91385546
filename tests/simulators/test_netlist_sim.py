"""Netlists of every family's own cells give the golden's integers, and wrong ones do not."""

import re
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

import qhw
from qhw.design.cycles import predict
from qhw.errors import ModelError, ToolError
from qhw.estimator import estimate
from qhw.estimator.chip import Chip
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Node, PeSimd, Whole
from qhw.layers import ArgMax, Conv, Dense, Flatten, Input, Quantize, Sign
from qhw.lower import lower
from qhw.schemes import parse
from qhw.schemes.binary import Binary
from qhw.schemes.fixed import Fixed
from qhw.schemes.ternary import Ternary
from qhw.simulators import netlist_sim, verilator_sim
from qhw.simulators.golden import golden
from qhw.synthesis.synth import synthesize
from qhw.targets import target
from qhw.verbs import read_input
from qhw.verilog.design import Design
from tests.networks import random_input

CHIPS = ("ice40hx8k", "ecp5-25k", "gw1n-9c", "xc7")
FOLDED = 4096
"""Cycles that an inference may take: little hardware, soon compiled."""


def random_weights(scheme, *shape):
    return scheme.quantize(np.random.default_rng(0).normal(size=shape), per_channel=False)


def multiplies():
    """Eight-bit weights multiply in DSP blocks."""
    return Graph("products", (
        Node("input", Input((16,), Int(-128, 127))),
        Node("fc1", Dense(Fixed(8), random_weights(Fixed(8), 4, 16),
                          fold=PeSimd(2, 2)), ("input",))))


def convolution():
    """A padded convolution, levels by a multiplier, a dense layer and the largest."""
    found = random_weights(Ternary(), 4, 9)
    return Graph("conv", (
        Node("input", Input((6, 6, 1), Int(0, 15))),
        Node("conv1", Conv(Ternary(), found, Window((3, 3), pads=(1, 1, 1, 1))), ("input",)),
        Node("act1", Quantize(Int(0, 3), 4), ("conv1",)),
        Node("flat", Flatten(), ("act1",)),
        Node("fc2", Dense(Binary(), random_weights(Binary(), 3, 144),
                          fold=PeSimd(1, 4)), ("flat",)),
        Node("class", ArgMax(), ("fc2",))))


def small():
    return Graph("tiny", (
        Node("input", Input((4,), Int(0, 3))),
        Node("fc1", Dense(Ternary(), random_weights(Ternary(), 3, 4),
                          fold=PeSimd(1, 2)), ("input",)),
        Node("act1", Sign(1), ("fc1",)),
        Node("fc2", Dense(Fixed(3), random_weights(Fixed(3), 2, 3)), ("act1",))))


def run(graph, chip, samples=40, **how):
    x = random_input(graph, samples)
    return qhw.simulate(graph, x, engine="netlist", target=chip, **how)


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("chip", CHIPS)
def test_digits(chip):
    x, _ = read_input(files("qhw.models") / "digits" / "test.npz", 60)
    found = qhw.simulate("digits-binary", x, engine="netlist", target=chip, cycles=FOLDED)
    assert found.matches == 60
    interval, latency = predict(lower(qhw.load("digits-binary"), cycles=FOLDED))
    assert found.cycles == latency + 59 * interval


@pytest.mark.slow
def test_sums_before_a_multiplier(tmp_path):
    """Yosys 0.70 takes the adder of an accumulator into the DSP48E1 behind it, where it may."""
    qhw.quantize("digits-float", "fixed:bits=8", tmp_path / "model")
    graph = Graph("layer", qhw.load(tmp_path / "model").nodes[:5])
    assert graph.output.name == "act1"
    assert run(graph, "xc7", 20, cycles=1024).matches == 20


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("chip", ["ice40up5k", "ecp5-25k", "gw1n-9c", "xc7"])
def test_dsp_blocks(chip):
    assert run(multiplies(), chip).matches == 40
    where = target(chip)
    design = Design.of(lower(multiplies()), where)
    cells = netlist_sim.netlist(design.files, design.name, where)
    assert re.search(r"cell \\(SB_MAC16|MULT18X18D|MULT9X9|MULT18X18|DSP48E1) ", cells)


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("chip", ["ice40hx8k", "ecp5-25k"])
def test_convolution(chip):
    assert run(convolution(), chip).matches == 40


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("chip", ["xc7", "ecp5-25k"])
def test_whole_windows(chip):
    """On Xilinx 7 series the rows are in cells of eight bits, read and written at one address."""
    graph, where = convolution(), target(chip)
    folds = {"conv1": PeSimd(4, 9), "conv1_window": Whole(1)}
    assert run(graph, chip, 20, stalls=3, folds=folds).matches == 20
    design = Design.of(lower(graph, folds), where)
    assert any("_ram_one_" in module.name for module in design.modules) == (chip == "xc7")


@pytest.mark.parametrize("stalls", [None, 5])
def test_gates_of_an_asic_at_every_layer(stalls):
    found = run(small(), "asic", trace=True, stalls=stalls)
    assert found.matches == 40
    assert set(found.trace) >= {"fc1", "fc2"}


def test_one_wrong_bit_of_one_lut_is_seen():
    """Of the LUTs in front of the output's flip-flops, most must matter to some sample."""
    graph, where = lower(small()), target("ice40hx8k")
    design, exact = Design.of(graph, where), golden(graph, random_input(graph, 100))
    name = design.name
    first, last = graph.hardware.nodes[0].name, graph.hardware.output.name
    rtlil = netlist_sim.netlist(design.files, name, where)
    tables = list(re.finditer(r"parameter \\LUT_INIT 16'([01]{16})", rtlil))
    for found, right in ((None, True), (tables[len(tables) // 2], False)):
        text = rtlil if found is None else (
            rtlil[:found.start(1)] + "".join("10"[int(b)] for b in found[1]) + rtlil[found.end(1):])
        program = verilator_sim.compiled(
            {f"{name}.v": netlist_sim.flat(text, name, where), **verilator_sim.harness(design)},
            name)
        try:
            got = verilator_sim.drive(program, graph, exact[first]).codes
            assert np.array_equal(got, exact[last]) == right
        except ToolError:       # a beat too few, or one that is not the last
            assert not right


def test_what_cannot_be_simulated_is_refused():
    with pytest.raises(ModelError, match="A netlist needs a chip: give a target or a board"):
        qhw.simulate(small(), random_input(small(), 2), engine="netlist")
    unknown = replace(target("ecp5-25k"), family=replace(target("ecp5-25k").family, models=None))
    with pytest.raises(ToolError, match="Target ecp5-25k: there are no models of its cells"):
        netlist_sim.flat("", "top", unknown)


@pytest.mark.parametrize(("scheme", "multiply", "chip"), [
    ("fixed:bits=4", "digits", "ice40hx8k"), ("fixed:bits=8", "digits", "xc7"),
    ("fixed:bits=8", "chains", "ecp5-25k"), ("fixed:bits=4", "dsp", "ecp5-25k"),
    ("fixed:bits=4", "pairs", "ecp5-25k"), ("fixed:bits=5", "pairs", "ice40up5k"),
    ("fixed:bits=4", "pairs", "xc7"), ("binary", "parities", "ecp5-25k"),
    ("balanced:bits=2", "parities", "ice40hx8k")])
def test_ways_to_multiply(scheme, multiply, chip):
    """The same integers, from gates or from DSP blocks."""
    scheme = parse(scheme)
    graph = lower(Graph("ways", (
        Node("input", Input((16,), Int(-8, 7))),
        Node("fc1", Dense(scheme, random_weights(scheme, 4, 16)), ("input",)))),
        {"fc1": PeSimd(2, 4, multiply=multiply)})
    codes = random_input(graph, 20)
    found = netlist_sim.simulate(graph, codes, target=target(chip))
    assert np.array_equal(found.codes, golden(graph, codes)["fc1"])
    interval, latency = predict(graph)
    assert found.cycles == latency + (len(codes) - 1) * interval


@pytest.mark.parametrize(("chip", "memory", "blocks"), [
    ("ice40hx8k", "luts", 0), ("ice40hx8k", "block", 1), ("ecp5-25k", "luts", 0)])
def test_weights_lie_where_a_fold_puts_them(chip, memory, blocks):
    """The same integers, and the block RAMs that are predicted."""
    scheme, where = Ternary(), target(chip)
    graph = lower(Graph("memory", (
        Node("input", Input((16,), Int(-8, 7))),
        Node("fc1", Dense(scheme, random_weights(scheme, 32, 16)), ("input",)))),
        {"fc1": PeSimd(2, 4, memory=memory)})
    assert estimate(graph, where)["fc1"].brams == synthesize(graph, where)["fc1"].brams
    weights = graph.by_name["fc1"].op.unit(graph.tensors["input"]).memory().made_of(Chip(where))
    assert weights.get("bram", 0) == blocks
    codes = random_input(graph, 20)
    found = netlist_sim.simulate(graph, codes, target=where)
    assert np.array_equal(found.codes, golden(graph, codes)["fc1"])
    interval, latency = predict(graph)
    assert found.cycles == latency + (len(codes) - 1) * interval
