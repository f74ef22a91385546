"""Laws of schemes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ..design.cycles import predict
from ..exact.formats import Wire
from ..exact.num import Int
from ..graph import Graph, Node, PeSimd
from ..hw.storage.memory import pack
from ..layers import Dense, Input
from ..lower import lower
from ..pe import Element, Tile
from ..schemes import Scheme
from ..verbs import simulate
from .netlist import cells
from .stream import run

__all__ = ["SchemeLaws", "exact", "item"]

INPUTS = [Int(0, 1), Int(0, 15), Int(-8, 7), Int(-3, 12)]
VECTORS = 10_000


def item(element: Element, x: np.ndarray, rows: np.ndarray) -> dict[str, list[Any]]:
    """Makes the beat of a tile.

    Parameters
    ----------
    element : the gates
    x : activations (lanes,)
    rows : codes (outputs, any)"""
    layout: Any = element.row(len(x))
    assert layout.size == element.bits * rows.shape[1]
    found: dict[str, list[Any]] = {"x": [int(v) for v in x],
             "w": [layout.from_bits(word) for word in pack(rows, element.bits)]}
    if (constants := element.shared(len(x))) is not None:
        found["shared"] = [int(v) for v in constants[0].ravel()]
    return found


def exact(element: Element, rows: np.ndarray, x: np.ndarray, interval: Wire) -> list[int]:
    """Computes the sums, less the accumulators' start values.

    Parameters
    ----------
    element, interval : the gates, and the format of activations
    rows : codes (outputs, any)
    x : activations (lanes,)"""
    return (element.weights(rows) @ x - element.rest(rows, interval)).ravel().tolist()


class SchemeLaws:
    """Laws that hold for every scheme; a subclass sets ``scheme``."""

    scheme: Scheme
    outputs = 3
    inputs = 64
    """Inputs of the layer that laws are tried on."""
    repeats = "codes"
    """Whether "codes" stay when quantized weights are quantized again, or only their "values"."""
    near = 0.6
    """The part of the weights' squares that may be lost."""
    fold: tuple[int, int] | None = (2, 4)
    """PE, and beats that the inputs come in, of the compiled layer."""
    tolerance = 0.0
    """And by how much of their size values may differ, where a paper's own rule moves them."""

    @property
    def lanes(self) -> int:
        """Inputs of a tile."""
        return 4 * self.scheme.group

    def weights(self, outputs: int | None = None) -> np.ndarray:
        """Makes real weights, (outputs, inputs)."""
        return np.random.default_rng(0).normal(size=(outputs or self.outputs, self.inputs))

    @property
    def table(self) -> np.ndarray | None:
        """The learned integers of these weights."""
        return self.scheme.quantize(self.weights()).table

    @property
    def element(self) -> Element:
        """The gates."""
        return self.scheme.element(self.table)

    def rows(self, rng: np.random.Generator, *shape: int) -> np.ndarray:
        """Draws codes."""
        return rng.choice(self.element.codes, shape)

    def formula(self, outputs: int, inputs: int) -> int:
        """Computes the bits that a layer's weights take in memory."""
        return outputs * inputs * self.scheme.code_bits

    # -- the quantizer

    @pytest.mark.parametrize("per_channel", [True, False])
    def test_a_quantized_weight_stays(self, per_channel: bool) -> None:
        """Quantizing quantized weights changes nothing."""
        scheme = self.scheme
        found = scheme.quantize(self.weights(), per_channel=per_channel)
        assert np.isin(found.codes, scheme.codes(found.table)).all()
        assert found.scale.shape == ((self.outputs,) if per_channel else ())
        real = scheme.decode(found.codes, found.table) * np.reshape(found.scale, (-1, 1))
        again = scheme.quantize(real, per_channel=per_channel)
        if self.repeats == "codes":
            assert np.array_equal(again.codes, found.codes)
            assert np.allclose(again.scale, found.scale, rtol=1e-12)
        else:
            then = scheme.decode(again.codes, again.table) * np.reshape(again.scale, (-1, 1))
            assert np.abs(then - real).max() <= (self.tolerance or 1e-12) * np.abs(real).max()

    def test_quantized_weights_are_near(self) -> None:
        """A format that loses more than all of the weights is none."""
        w = self.weights()
        found = self.scheme.quantize(w)
        real = self.scheme.decode(found.codes, found.table) * np.reshape(found.scale, (-1, 1))
        assert np.square(w - real).mean() < self.near * np.square(w).mean()

    def test_zeros_can_be_quantized(self) -> None:
        """Weights that are all 0 have codes and a finite scale."""
        found = self.scheme.quantize(np.zeros((2, self.inputs)))
        assert np.isin(found.codes, self.scheme.codes(found.table)).all()
        assert (found.scale >= 0).all() and np.isfinite(found.scale).all()

    def test_the_parts_make_the_integers(self) -> None:
        """The sums of the gates, times their factors, are the decoded integers."""
        found = self.scheme.quantize(self.weights())
        parts = self.scheme.element(found.table).weights(found.codes)
        factors = self.scheme.factors(self.outputs, found.table)
        assert np.array_equal((parts * factors[:, :, None]).sum(1),
                              self.scheme.decode(found.codes, found.table))

    def test_codes_fit_their_bits(self) -> None:
        """No code is wider than a weight in memory."""
        assert self.element.codes.max() < 1 << self.scheme.code_bits
        assert self.element.bits == self.scheme.code_bits

    def test_storage_is_the_formula(self) -> None:
        """The bits in memory are those of ``formula``."""
        found = self.scheme.quantize(self.weights())
        assert self.scheme.storage(found.codes, found.table) == self.formula(
            self.outputs, self.inputs)

    # -- the gates

    @pytest.mark.parametrize("x", INPUTS, ids=str)
    def test_one_code_at_every_input(self, x: Int) -> None:
        """One lane computes each product exactly."""
        e = self.element
        rng = np.random.default_rng(4)
        every = np.indices([x.hi - x.lo + 1] * e.group).reshape(e.group, -1).T + x.lo
        if len(every) > 16:
            every = rng.permutation(every)[:16]
        pairs = [(v, np.array([[code]])) for code in e.codes for v in every]
        got = run(Tile(e, x, e.group, 1), [item(e, v, w) for v, w in pairs])
        assert got == [exact(e, w, v, x) for v, w in pairs]

    @pytest.mark.parametrize("x", INPUTS, ids=str)
    @pytest.mark.parametrize("stalls", [None, 3])
    def test_a_tile_is_the_golden(self, x: Int, stalls: int | None) -> None:
        """Exact with and without pauses, a beat each cycle."""
        e, rng = self.element, np.random.default_rng(1)
        rows = self.rows(rng, 60, self.outputs, self.lanes // e.group)
        xs = rng.integers(x.lo, x.hi + 1, (60, self.lanes))
        got, (i_times, o_times) = run(
            Tile(e, x, self.lanes, self.outputs),
            [item(e, v, w) for v, w in zip(xs, rows, strict=True)],
            stalls=stalls, times=True)
        assert got == [exact(e, w, v, x) for v, w in zip(xs, rows, strict=True)]
        if stalls is None:
            assert o_times == [t + 1 for t in i_times] == list(range(o_times[0], o_times[0] + 60))

    @pytest.mark.parametrize("x", INPUTS, ids=str)
    def test_a_tile_at_its_extremes(self, x: Int) -> None:
        """Nothing wraps: the widest sums of either sign, at an odd number of codes."""
        e = self.element
        lanes = 7 * e.group
        items, want = list[Any](), list[list[int]]()
        values = e.weights(e.codes[:, None]).reshape(len(e.codes), -1).sum(1)
        for code in e.codes[[values.argmin(), values.argmax()]]:
            for v in (x.lo, x.hi):
                rows, xs = np.full((2, 7), code), np.full(lanes, v)
                items.append(item(e, xs, rows))
                want.append(exact(e, rows, xs, x))
        tile = Tile(e, x, lanes, 2)
        assert run(tile, items) == want
        assert all(tile.y.lo <= sum_ <= tile.y.hi for sums in want for sum_ in sums)

    @property
    def graph(self) -> Graph:
        """A folded layer with all that belongs to the scheme."""
        inputs = 16 * self.scheme.group
        found = self.scheme.quantize(np.random.default_rng(5).normal(size=(6, inputs)))
        return Graph("law", (
            Node("input", Input((inputs,), Int(-8, 7))),
            Node("fc", Dense(self.scheme, found, fold=self.fold and PeSimd(
                self.fold[0], inputs // self.fold[1])), ("input",)))).check()

    @pytest.mark.slow(but=8)
    def test_ten_thousand_vectors_in_compiled_rtl(self) -> None:
        """Corners first: all-min, all-max, zero, alternating, and those of each output's bounds."""
        graph = self.graph
        made, weights = graph.nodes[0].op, graph.nodes[1].op
        assert isinstance(made, Input) and made.codes and isinstance(weights, Dense)
        lo, hi, inputs = made.codes.lo, made.codes.hi, made.shape[0]
        corners = [np.full(inputs, lo), np.full(inputs, hi), np.zeros(inputs, int),
                   np.where(np.arange(inputs) % 2, lo, hi)]
        corners += [np.where(s * w >= 0, hi, lo) for w in weights.integers for s in (1, -1)]
        random = np.random.default_rng(6).integers(lo, hi + 1, (VECTORS, inputs))
        vectors = np.concatenate([corners, random])
        ran = simulate(graph, vectors, engine="verilator", trace=True)
        assert ran.matches == len(vectors)
        want = (vectors @ weights.integers.T) * np.reshape(weights.weights.scale, (1, -1))
        assert np.allclose(ran.y, want, rtol=1e-9, atol=1e-9)
        cycles = predict(lower(graph))
        assert ran.cycles == cycles.latency + (len(vectors) - 1) * cycles.interval

    def test_no_multiplier_where_none_is_meant(self, tmp_path: Path) -> None:
        """Only a scheme that claims no multiplier has none."""
        if not self.scheme.multiplier_free:
            assert cells(self.graph, tmp_path, "prep -flatten -top {top}")["$mul"] > 0
            return
        assert cells(self.graph, tmp_path, "prep -flatten -top {top}")["$mul"] == 0

    @pytest.mark.slow(but=6)
    def test_no_multiplier_in_the_cells_of_a_chip(self, tmp_path: Path) -> None:
        """Nor a DSP block."""
        if not self.scheme.multiplier_free:
            pytest.skip("its products are multiplied")
        mapped = cells(self.graph, tmp_path, "synth_ecp5 -top {top}")
        assert mapped["LUT4"] > 0 and not any(kind.startswith("MULT") for kind in mapped)
