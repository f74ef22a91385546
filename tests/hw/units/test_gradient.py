"""Gradient vectors to frames and back in gates, as the codecs in numpy do it."""

import numpy as np
import pytest

from qhw.codecs import Stochastic, qsgd, terngrad
from qhw.exact.num import Int
from qhw.hw.units.gradient import StochasticDecoder, StochasticEncoder
from qhw.hw.units.lfsr import sequence
from qhw.testing.stream import run


def vectors(length):
    rng = np.random.default_rng(2)
    fixed = [np.zeros(length, int), np.full(length, 127), np.full(length, -128),
             np.eye(1, length, dtype=int)[0] * -128]
    return fixed + [rng.integers(-128, 128, length) for _ in range(60)]


@pytest.mark.parametrize("stalls", [None, 3])
@pytest.mark.parametrize("codec", [terngrad(8), qsgd(2, 8), Stochastic(1, 4)], ids=str)
def test_gates_are_numpy(codec, stalls):
    length, x = 11, Int(-128, 127)
    gs = vectors(length)
    random = sequence(32, codec.random_bits, length * len(gs)).reshape(-1, length)
    frames, back = [], []
    for g, u in zip(gs, random, strict=True):
        codes, scale = codec.encode(g, u)
        frames += [scale, *(np.abs(codes) | (codes < 0).astype(int) << codec.log_levels + 1)]
        back += codec.decode(codes, scale).tolist()
    sent = run(StochasticEncoder(codec, x, length), np.concatenate(gs).tolist(),
               outputs=len(frames), stalls=stalls)
    assert sent == [int(f) for f in frames]
    assert run(StochasticDecoder(codec, x, length), sent, outputs=len(back),
               stalls=stalls) == back
