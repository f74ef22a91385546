"""An operation's unit against its numpy, with stalls."""

import numpy as np

from qhw.testing.stream import run


def agree(op, x, vectors):
    """What the gates of an operation make of ``vectors`` (N, *x.shape), held against numpy."""
    want = op.evaluate(vectors)
    beats = vectors.reshape(-1, op.i_lanes).tolist()
    got = run(op.unit(x), beats, outputs=want.size // op.o_lanes, stalls=1)
    assert np.array_equal(np.reshape(got, want.shape), want)
    assert op.infer(x).shape == want.shape[1:]


def drawn(x, count=6):
    """Vectors of a tensor's integers, the first at their lowest and the second at their highest."""
    found = np.random.default_rng(0).integers(x.integer.lo, x.integer.hi + 1, (count, *x.shape))
    found[0], found[1] = x.integer.lo, x.integer.hi
    return found
