"""What every scheme must hold. Subclass, set ``scheme``; pytest runs the laws."""

import numpy as np
import pytest

from qhw.num import Int
from tests.drive import run

INPUTS = [Int(0, 1), Int(0, 15), Int(-8, 7), Int(-3, 12)]


def item(scheme, x, rows):
    """What a tile takes in a cycle."""
    width = scheme.bits * rows.shape[1]
    words = scheme.pack(rows)
    layout = scheme.row(rows.shape[1])
    assert layout.size == width
    return {"x": [int(v) for v in x], "w": [layout.from_bits(word) for word in words]}


class SchemeLaws:
    lanes = 4
    outputs = 3

    def exact(self, rows, x, interval):
        """The sum, less what the accumulator starts with."""
        return self.scheme.decode(rows) @ x - self.scheme.rest(rows, interval)

    def codes(self, rng, shape):
        return rng.choice(self.scheme.codes, shape)

    @pytest.mark.parametrize("per_channel", [True, False])
    def test_a_quantized_weight_stays(self, per_channel):
        w = np.random.default_rng(0).normal(size=(3, 64))
        codes, scale = self.scheme.quantize(w, per_channel=per_channel)
        assert np.isin(codes, self.scheme.codes).all()
        assert scale.shape == ((3,) if per_channel else ())
        real = self.scheme.decode(codes) * np.reshape(scale, (-1, 1))
        again = self.scheme.quantize(real, per_channel=per_channel)
        assert np.array_equal(again.codes, codes)
        assert np.allclose(again.scale, scale, rtol=1e-12)

    def test_zeros_can_be_quantized(self):
        codes, scale = self.scheme.quantize(np.zeros((2, 4)))
        assert np.isin(codes, self.scheme.codes).all() and (scale >= 0).all()

    def test_codes_fit_their_bits_and_values_their_interval(self):
        assert self.scheme.codes.max() < 1 << self.scheme.bits
        values = self.scheme.decode(self.scheme.codes)
        assert (values.min(), values.max()) == (self.scheme.value.lo, self.scheme.value.hi)

    def test_a_word_holds_its_codes(self):
        codes = self.codes(np.random.default_rng(2), (5, 7))
        for word, row in zip(self.scheme.pack(codes), codes, strict=True):
            unpacked = [word >> k * self.scheme.bits & (1 << self.scheme.bits) - 1
                        for k in range(7)]
            assert unpacked == row.tolist()

    @pytest.mark.parametrize("x", INPUTS, ids=str)
    def test_one_lane_at_every_code_and_input(self, x):
        pairs = [(v, np.array([[code]])) for code in self.scheme.codes
                 for v in range(x.lo, x.hi + 1)]
        got = run(self.scheme.tile(x, 1, 1), [item(self.scheme, [v], w) for v, w in pairs])
        assert got == [self.exact(w, np.array([v]), x).tolist() for v, w in pairs]

    @pytest.mark.parametrize("x", INPUTS, ids=str)
    @pytest.mark.parametrize("stalls", [None, 3])
    def test_a_tile_is_the_golden(self, x, stalls):
        rng = np.random.default_rng(1)
        rows = self.codes(rng, (60, self.outputs, self.lanes))
        xs = rng.integers(x.lo, x.hi + 1, (60, self.lanes))
        got, (i_times, o_times) = run(
            self.scheme.tile(x, self.lanes, self.outputs),
            [item(self.scheme, v, w) for v, w in zip(xs, rows, strict=True)],
            stalls=stalls, times=True)
        assert got == [self.exact(w, v, x).tolist() for v, w in zip(xs, rows, strict=True)]
        if stalls is None:
            assert o_times == [t + 1 for t in i_times] == list(range(o_times[0], o_times[0] + 60))

    @pytest.mark.parametrize("x", INPUTS, ids=str)
    def test_a_tile_at_its_extremes(self, x):
        """Nothing wraps: the widest sums of either sign, at an odd number of lanes."""
        values = self.scheme.decode(self.scheme.codes)
        items, want = [], []
        for code in self.scheme.codes[[values.argmin(), values.argmax()]]:
            for v in (x.lo, x.hi):
                rows, xs = np.full((2, 7), code), np.full(7, v)
                items.append(item(self.scheme, xs, rows))
                want.append(self.exact(rows, xs, x).tolist())
        tile = self.scheme.tile(x, 7, 2)
        assert run(tile, items) == want
        assert all(tile.y.lo <= sum_ <= tile.y.hi for sums in want for sum_ in sums)
