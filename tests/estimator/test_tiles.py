"""Processing elements and accumulators: how their parts grow, and what constant weights save."""

import numpy as np
import pytest

from qhw.estimator.parts import Cells
from qhw.estimator.tiles import Known, _accumulators, _totals, constant_tile, folded_tile
from qhw.exact.num import Int
from qhw.hw.fabric import LONGEST
from qhw.hw.units.matvec import MatVecUnit
from qhw.pe import Multiply
from qhw.pe.digits import Digits
from qhw.targets import target
from sim.bench.tiles import synthesized
from tests.estimator.mapping import ICE40

CODES = np.random.default_rng(0).integers(0, 16, (8, 8))
CELLS = Cells(ICE40)


def unit(codes=CODES, pe=2, simd=2):
    """Weights of four bits, activations of six, and a start for each output."""
    return MatVecUnit(Multiply(np.arange(-8, 8)), codes, np.arange(len(codes)), x=Int(-32, 31),
                      y=Int(-2048, 2047), pe=pe, simd=simd)


def folded(**how):
    return folded_tile(CELLS, unit(**how), Known())


@pytest.mark.parametrize("part", ["lut", "alu"])
def test_twice_the_elements_are_twice_their_gates(part):
    """Nothing is known of the weights; only the starts of their sums differ."""
    one, two, four = (folded(pe=pe)[part] for pe in (1, 2, 4))
    assert four - two == pytest.approx(2 * (two - one), rel=.01) and two > one > 0


def test_more_lanes_are_more_gates():
    assert folded(simd=4)["alu"] > folded(simd=2)["alu"] > folded(simd=1)["alu"] > 0


def test_elements_of_a_kind_are_mapped_once():
    """Of four lanes once with any weights, and once with bits that are alike in two columns."""
    known = Known()
    first = folded_tile(CELLS, unit(), known)
    assert len(known.elements) == 1
    for simd, count in ((2, 1), (4, 3), (4, 3)):
        assert folded_tile(CELLS, unit(simd=simd), known) == folded(simd=simd)
        assert len(known.elements) == count
    assert folded_tile(CELLS, unit(), known) == first


def test_elements_that_are_known_are_those_of_their_own_weights():
    """Constant bits, bits that are alike, and the same bits in other places."""
    known, rng = Known(), np.random.default_rng(0)
    some = [rng.integers(0, most, (8, 8)) for most in (16, 8, 4, 8)]
    for codes in (CODES, *some, some[1][:, ::-1], np.full((8, 8), 5), CODES & 9):
        assert folded_tile(CELLS, unit(codes), known) == folded_tile(CELLS, unit(codes), Known())


def test_weights_that_are_constant_are_no_more_than_those_that_change():
    constant = constant_tile(CELLS, unit(pe=8, simd=8))
    assert constant["constant"] == 1
    assert 0 < constant["lut"] + constant["alu"] < sum(
        folded(pe=8, simd=4)[part] for part in ("lut", "alu")) * 2


def test_weights_of_nothing_have_no_gates():
    """Code 8 of -8 .. 7 is 0; what is left are the accumulators' starts."""
    nothing = constant_tile(CELLS, unit(np.full((8, 8), 8), pe=8, simd=8))
    assert nothing["lut"] == nothing["alu"] == 0


@pytest.mark.parametrize("chip", ["ice40hx8k", "ice40up5k"])
def test_paths_go_through_what_the_elements_share(chip):
    """3x of each activation, once for all elements, is before their sums in Yosys's netlist."""
    kind = target(chip)
    made = MatVecUnit(Digits(4, Int(0, 15)), CODES, np.zeros(8, np.int64), x=Int(0, 15),
                      y=Int(-2048, 2047), pe=2, simd=4, stages=1)
    predicted = kind.delays.clock + folded_tile(Cells(kind), made, Known())[LONGEST]
    assert predicted == pytest.approx(synthesized(made, kind).ns, rel=.2)


@pytest.mark.parametrize("pe", [1, 2, 4, 8])
@pytest.mark.parametrize("simd", [2, 8])
@pytest.mark.parametrize("seed", range(3))
def test_accumulators_alike_are_as_many_as_each_of_them(seed, pe, simd):
    """Start values with bits that are constant, or alike in several."""
    start = np.random.default_rng(seed).integers(-3, 4, 8) * [1, 64][seed % 2]
    made = MatVecUnit(Multiply(np.arange(-8, 8)), CODES, start, x=Int(-32, 31),
                      y=Int(-2048, 2047), pe=pe, simd=simd)
    kinds = [["lut"] * 12, ["0", *["product"] * 11]]
    starts = CELLS.per_group(made.starts(), made.y)[1]
    each = _totals(CELLS, made, starts, [kinds[k % 2] for k in range(len(starts))])
    found = _accumulators(CELLS, made, kinds, Known())
    assert {name: n for name, n in found.items() if n} == {name: n for name, n in each.items() if n}
