"""Weights as logic: the golden's integers in every engine, an answer every cycle, alone and mixed
with folded layers."""

import json

import pytest
from typer.testing import CliRunner

import qhw
from qhw.cli import app
from qhw.design.cycles import predict
from qhw.engines import FoldedEngine, SpatialEngine
from qhw.errors import ModelError
from qhw.graph import Spatial
from qhw.lower import lower
from qhw.lower.fold import EVERY
from qhw.targets import target
from qhw.targets.timing import adders_within
from qhw.verbs import read_folds
from qhw.verilog.design import Design
from tests.networks import random_input, random_network

WHOLE = {EVERY: Spatial()}


@pytest.mark.slow(but=4)
@pytest.mark.parametrize("engine", ["amaranth", "verilator"])
@pytest.mark.parametrize("seed", range(4))
def test_random_networks(seed, engine):
    graph = random_network(seed, most=24, layers=2)
    x = random_input(graph, 30 if engine == "verilator" else 6, seed)
    interval, latency = predict(lower(graph, WHOLE))
    found = qhw.simulate(graph, x, engine=engine, folds=WHOLE, trace=True)
    assert (found.matches, found.cycles) == (len(x), latency + (len(x) - 1) * interval)
    assert qhw.simulate(graph, x, engine=engine, folds=WHOLE, stalls=seed).matches == len(x)


def test_an_answer_every_cycle():
    graph = lower(qhw.load("digits-binary"), WHOLE)
    assert predict(graph).interval == 1


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("chip", ["ice40hx8k", "ecp5-25k", "xc7", "gw1n-9c"])
def test_cells_of_a_chip_compute_the_same(chip):
    graph = random_network(1, most=16, layers=2)
    x = random_input(graph, 60, 1)
    assert qhw.simulate(graph, x, engine="netlist", target=chip, folds=WHOLE).matches == len(x)


def test_cells_are_for_synthesis_only():
    graph = lower(random_network(1, most=16, layers=1), WHOLE)
    cells, plain = Design.of(graph, target("ice40hx8k")), Design.of(graph)
    text = cells.files[f"{cells.name}.v"]
    assert "SB_LUT4" in text.split("`ifdef SYNTHESIS")[1].split("`else")[0]
    assert "SB_LUT4" not in text.split("`else")[1].split("`endif")[0]
    assert "ifdef" not in plain.files[f"{plain.name}.v"]
    assert (cells.cells, plain.cells) == ("ice40", "")


def test_some_layers_are_logic_and_others_fold(tmp_path):
    graph = random_network(2, most=24, layers=2)
    products = [n.name for n in lower(graph).nodes if n.op.kind == "matvec"]
    file = tmp_path / "folds.json"
    file.write_text(json.dumps({products[0]: {"spatial": True}, products[1]: {"pe": 1, "simd": 1}}))
    folds = read_folds(file)
    ops = {n.name: n.op for n in lower(graph, folds).nodes}
    assert [type(ops[name].engine) for name in products[:2]] == [SpatialEngine, FoldedEngine]
    x = random_input(graph, 20, 2)
    assert qhw.simulate(graph, x, engine="verilator", folds=folds, trace=True).matches == len(x)


@pytest.mark.parametrize("levels", [1, 2, 9])
def test_registers_after_so_many_adders(levels, tmp_path):
    graph = random_network(2, most=24, layers=2)
    name = next(n.name for n in lower(graph).nodes if n.op.kind == "matvec")
    file = tmp_path / "folds.json"
    file.write_text(json.dumps({name: {"spatial": True, "levels": levels}}))
    folds = read_folds(file)
    lowered = lower(graph, folds)
    op = lowered.by_name[name].op
    networks = op.unit(lowered.tensors[lowered.by_name[name].inputs[0]]).stages
    assert max(network.depth for network in networks) <= levels
    x = random_input(graph, 20, 2)
    found = qhw.simulate(graph, x, engine="verilator", folds=folds, trace=True)
    latency, interval = predict(lowered).latency, predict(lowered).interval
    assert found.matches == len(x) and found.cycles == latency + 19 * interval


def test_a_clock_says_how_many_adders():
    """Worked by hand: 10 ns less 0.9 for the flip-flops, of 1 ns a level: 1.5 and two an adder."""
    assert adders_within(100, target("ecp5-25k").delays) == 3
    assert adders_within(400, target("ecp5-25k").delays) == 1
    assert adders_within(40, target("ice40hx8k").delays) == 8


def test_no_adder_between_registers_is_no_fold():
    graph = random_network(2, most=24, layers=2)
    name = next(n.name for n in lower(graph).nodes if n.op.kind == "matvec")
    with pytest.raises(ModelError, match=f"Fold of '{name}': levels must be 1 or more"):
        lower(graph, {name: Spatial(0)})


def test_what_cannot_be_logic_says_so():
    graph = random_network(2, most=24, layers=2)
    other = next(n.name for n in lower(graph).nodes if n.op.kind in ("threshold", "requantize"))
    with pytest.raises(ModelError, match=f"Fold of '{other}'.*no weights that can be logic"):
        lower(graph, {other: Spatial()})
    with pytest.raises(ModelError, match="Fold of 'nothing'"):
        lower(graph, {"nothing": Spatial()})


def test_a_rate_chooses_layers_by_what_they_cost():
    done = CliRunner().invoke(app, ["estimate", "digits-binary", "--spatial", "--cycles", "4"])
    assert done.exit_code and "add --target or --board" in str(done.exception)
