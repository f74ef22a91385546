"""Images that are enlarged, and pixels that become channels, by hand and as TensorFlow Lite Micro's
kernels have them."""

import numpy as np
import pytest

import qhw

from ..compared import exact, read
from ..networks import Made, golden, refused, tflites


def test_sizes_that_would_fill_memory_are_refused(tmp_path):
    made = tflites.Made()
    x, y = made.tensor((1, 2, 2, 1), scale=0.1), made.tensor((1, 2, 2, 1), scale=0.1, name="large")
    made.op("RESIZE_NEAREST_NEIGHBOR", [x, made.constant([1 << 30, 2])], [y])
    refused(tmp_path, made.file([x], [y]), "node 'large' .* are too large")


@pytest.mark.parametrize(("sizes", "rows"), [
    ((2, 2), [[1, 2], [3, 4]]), ((4, 2), [[1, 2], [1, 2], [3, 4], [3, 4]]),
    ((1, 4), [[1, 1, 2, 2]]), ((2, 6), [[1, 1, 1, 2, 2, 2], [3, 3, 3, 4, 4, 4]])])
def test_rows_and_columns_are_repeated_or_left_out(sizes, rows, tmp_path):
    net = Made()
    x, y = net.tensor((1, 2, 2, 1), scale=1.0), net.tensor((1, *sizes, 1), scale=1.0)
    net.op("RESIZE_NEAREST_NEIGHBOR", [x, net.constant(sizes)], [y])
    found = golden(net, x, y, [[[1], [2]], [[3], [4]]], tmp_path)
    assert found.reshape(sizes).tolist() == rows


DEEP, WIDE = [[[1, 2, 3, 4], [5, 6, 7, 8]]], [[[1], [2], [5], [6]], [[3], [4], [7], [8]]]


@pytest.mark.parametrize(("op", "given", "made"), [
    ("DEPTH_TO_SPACE", DEEP, WIDE), ("SPACE_TO_DEPTH", WIDE, DEEP)])
def test_channels_are_blocks_of_pixels_row_by_row(op, given, made, tmp_path):
    net = Made()
    x, y = (net.tensor((1, *np.shape(image)), scale=1.0) for image in (given, made))
    net.op(op, [x], [y], block_size=2)
    assert golden(net, x, y, given, tmp_path).reshape(np.shape(made)).tolist() == made


def resized(size, made, op="RESIZE_BILINEAR", **options):
    net = Made()
    x, y = (net.tensor((1, *s, 2), scale=0.1, zero=-5) for s in (size, made))
    net.op(op, [x, net.constant(made)], [y], **options)
    return net, x, [y]


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize(("size", "made"), [((3, 4), (6, 8)), ((3, 4), (12, 8)), ((1, 4), (2, 8)),
                                            ((3, 4), (3, 8)), ((3, 4), (3, 4)), ((1, 1), (5, 3)),
                                            ((2, 3), (16, 24))])
def test_pixels_between_others_are_interpolated(size, made, half, tmp_path):
    assert exact(*resized(size, made, half_pixel_centers=half), tmp_path)


@pytest.mark.parametrize("options", [{}, {"align_corners": True}, {"half_pixel_centers": True}])
@pytest.mark.parametrize(("size", "made"), [((3, 4), (5, 7)), ((5, 7), (3, 4)), ((6, 4), (9, 2)),
                                            ((5, 3), (4, 12))])
def test_rows_and_columns_are_selected_unevenly(size, made, options, tmp_path):
    assert exact(*resized(size, made, "RESIZE_NEAREST_NEIGHBOR", **options), tmp_path)


def test_interpolation_in_gates(tmp_path):
    graph, _ = read(*resized((3, 4), (6, 8), half_pixel_centers=True), tmp_path)
    samples = np.random.default_rng(0).integers(-128, 128, (2, 3, 4, 2))
    assert qhw.simulate(graph, samples, engine="amaranth", trace=True).matches == 2


@pytest.mark.parametrize("options", [{}, {"align_corners": True}, {"half_pixel_centers": True}])
@pytest.mark.parametrize(("size", "made"), [((3, 4), (9, 8)), ((3, 4), (6, 8)), ((3, 4), (2, 2)),
                                            ((7, 5), (10, 3)), ((1, 5), (4, 7)), ((6, 2), (1, 5)),
                                            ((5, 3), (4, 3)), ((2, 2), (13, 11))])
def test_weights_that_change_from_row_to_row(size, made, options, tmp_path):
    assert exact(*resized(size, made, **options), tmp_path)


def test_weights_that_change_in_gates(tmp_path):
    graph, _ = read(*resized((3, 4), (5, 3), half_pixel_centers=True), tmp_path)
    samples = np.random.default_rng(0).integers(-128, 128, (2, 3, 4, 2))
    assert qhw.simulate(graph, samples, engine="amaranth", trace=True).matches == 2


def test_rows_beyond_the_last_are_refused(tmp_path):
    """A step of 1025 / 1024 rows for 2050 rows of 2049 is rounded up."""
    with pytest.raises(qhw.errors.ModelError, match="its kernel reads beyond the last"):
        read(*resized((2049, 1), (2050, 1)), tmp_path)
