"""Operators on constants, which become constants."""

import numpy as np

from ..compared import exact
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


def test_constants_of_codes_are_moved_while_the_file_is_read(tmp_path):
    """Zeros of a computed shape, transposed and joined."""
    net = Made()
    x, zeros = net.tensor((1, 3, 2), scale=0.1, zero=3), net.tensor((1, 2, 3), scale=0.1, zero=3)
    net.op("FILL", [net.constant([1, 2, 3]), net.tensor((), scale=0.1, zero=3, data=3)], [zeros])
    turned, y = net.tensor((1, 3, 2), scale=0.1, zero=3), net.tensor((1, 3, 4), scale=0.1, zero=3)
    net.op("TRANSPOSE", [zeros, net.constant([0, 2, 1])], [turned])
    net.op("CONCATENATION", [x, turned], [y], axis=2)
    assert exact(net, x, [y], tmp_path)
