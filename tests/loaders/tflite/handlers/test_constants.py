"""Operators on constants, which become constants."""

import numpy as np

from ..networks import Made, answered


def test_sizes_that_are_computed_from_others_are_constants(tmp_path):
    """Keras's Flatten for a batch of any size."""
    rng, net = np.random.default_rng(2), Made()
    x, y = net.tensor((1, 4, 5, 3), scale=0.1), net.tensor((1, 60), scale=0.1)
    shape, one = net.tensor((4,), "INT32"), net.tensor((), "INT32")
    net.op("SHAPE", [x], [shape], out_type=2)
    net.op("STRIDED_SLICE", [shape, *(net.constant([n]) for n in (0, 1, 1))], [one],
           shrink_axis_mask=1)
    new = net.tensor((2,), "INT32")
    net.op("PACK", [one, net.constant(60)], [new], values_count=2, axis=0)
    net.op("RESHAPE", [x, new], [y])
    z = net.tensor((1, 2), scale=3.0)
    net.op("FULLY_CONNECTED", [y, net.tensor((2, 60), scale=0.1, data=rng.integers(
        -128, 128, (2, 60)))], [z])
    samples = rng.integers(-128, 128, (9, 1, 4, 5, 3)).astype(np.int8)
    ours, want = answered(net, x, z, samples, tmp_path)
    assert (ours == want).all()
