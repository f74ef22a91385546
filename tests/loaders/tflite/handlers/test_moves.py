"""Codes that are moved equal TensorFlow Lite Micro's."""

import numpy as np
import pytest

from ..compared import exact
from ..networks import Made, answered, refused


@pytest.mark.parametrize(("op", "shape", "constants", "options"), [
    ("RESHAPE", (1, 64), [[1, 64]], {}), ("TRANSPOSE", (1, 4, 4, 4), [[0, 3, 1, 2]], {}),
    ("SLICE", (1, 2, 4, 4), [[0, 1, 0, 0], [1, 2, 4, 4]], {}),
    ("PAD", (1, 6, 6, 4), [[[0, 0], [1, 1], [1, 1], [0, 0]]], {}),
    ("DEPTH_TO_SPACE", (1, 8, 8, 1), [], {"block_size": 2})])
def test_moved_codes_are_read_with_the_zero_point_of_their_new_tensor(op, shape, constants,
                                                                      options, tmp_path):
    rng, net = np.random.default_rng(2), Made()
    x, y = net.tensor((1, 4, 4, 4), scale=0.1, zero=5), net.tensor(shape, scale=0.1, zero=7)
    net.op(op, [x, *map(net.constant, constants)], [y], **options)
    size = np.prod(shape)
    w, z = net.tensor((3, size), scale=0.02, data=rng.integers(-128, 128, (3, size))), net.tensor(
        (1, 3), scale=0.5)
    net.op("FULLY_CONNECTED", [y, w], [z])
    samples = rng.integers(-128, 128, (9, 1, 4, 4, 4)).astype(np.int8)
    for last in (y, z):
        ours, want = answered(net, x, last, samples, tmp_path)
        assert (ours == want).all()


@pytest.mark.parametrize("op", ["ARG_MAX", "ARG_MIN"])
@pytest.mark.parametrize("shape", [(1, 6), (1, 3, 5)])
def test_places_of_the_largest_and_the_least(op, shape, tmp_path):
    net = Made()
    x, y = net.tensor(shape, scale=0.1, zero=5), net.tensor(shape[:-1], "INT32")
    net.op(op, [x, net.constant(-1)], [y], output_type=2)
    assert exact(net, x, [y], tmp_path, samples=50)


@pytest.mark.parametrize("op", ["ARG_MAX", "ARG_MIN"])
@pytest.mark.parametrize("before", ["SOFTMAX", "DEQUANTIZE"])
def test_places_behind_what_the_host_computes(op, before, tmp_path):
    """Codes behind a softmax are equal where those before are not."""
    net = Made()
    x = net.tensor((1, 3, 5), scale=0.5, zero=3)
    y = net.tensor((1, 3, 5), *(("FLOAT32",) if before == "DEQUANTIZE" else ("INT8", 1 / 256,
                                                                            -128)))
    z = net.tensor((1, 3), "INT32")
    net.op(before, [x], [y], **{"beta": 1.0} if before == "SOFTMAX" else {})
    net.op(op, [y, net.constant(-1)], [z], output_type=2)
    assert exact(net, x, [z, y], tmp_path, samples=50)


def test_one_index_has_no_step_backwards(tmp_path):
    """The kernel writes no element of it."""
    net = Made()
    x, y = net.tensor((1, 4, 3), scale=0.1), net.tensor((1, 3), scale=0.1)
    net.op("STRIDED_SLICE", [x, *map(net.constant, ([0, 2, 0], [1, 3, 3], [1, -1, 1]))], [y],
           shrink_axis_mask=2)
    refused(tmp_path, net.file([x], [y]), "one index of the dimension 1 with a step of -1")
