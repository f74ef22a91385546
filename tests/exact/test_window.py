"""Windows against loops over every position, on odd sizes, strides, dilations and pads."""

from itertools import product

import numpy as np
import pytest

from qhw import limits
from qhw.exact.window import Window

WINDOWS = [
    Window((1, 1)), Window((2, 3)), Window((3, 2), (2, 1)), Window((2, 2), (1, 3), (2, 1)),
    Window((3, 1), (3, 2), (1, 2), (1, 0, 2, 3)), Window((2, 3), (2, 3), (3, 2), (0, 2, 1, 0)),
    Window((1, 2), (2, 2), (1, 1), (2, 0, 0, 1)), Window((2, 2), (3, 3), (1, 1), (3, 3, 0, 0))]
SIZES = [(5, 7), (6, 6), (4, 9)]


def positions(window, size, axis):
    """Where windows begin: as long as the last of their positions is on the padded image."""
    low, high = -window.pads[axis], size + window.pads[axis + 2]
    reach = (window.kernel[axis] - 1) * window.dilation[axis]
    return [at for at in range(low, high, window.stride[axis]) if at + reach < high]


@pytest.mark.parametrize(("window", "size"), [*product(WINDOWS, SIZES)], ids=str)
def test_outputs_and_patches(window, size):
    height, width = size
    rows, columns = positions(window, height, 0), positions(window, width, 1)
    assert window.outputs(height, width) == (len(rows), len(columns))
    x = np.arange(1, 1 + 2 * height * width * 3).reshape(2, height, width, 3)
    want = np.full((2, len(rows), len(columns), *window.kernel, 3), -5)
    blind = False
    for (r, top), (c, left) in product(enumerate(rows), enumerate(columns)):
        seen = False
        for i, j in product(range(window.kernel[0]), range(window.kernel[1])):
            y, z = top + i * window.dilation[0], left + j * window.dilation[1]
            if 0 <= y < height and 0 <= z < width:
                want[:, r, c, i, j] = x[:, y, z]
                seen = True
        blind |= not seen
    assert np.array_equal(window.patches(x, -5), want)
    assert window.blind(height, width) == blind
    for r, top in enumerate(rows):
        assert window.rows(r) == (top, top + (window.kernel[0] - 1) * window.dilation[0] + 1)
    assert window.taps == window.kernel[0] * window.kernel[1]


@pytest.mark.parametrize(("window", "size"), [
    (w, s) for w, s in product(WINDOWS, SIZES)
    if w.pads[2] < w.extent[0] and w.pads[3] < w.extent[1]
], ids=str)
def test_ceil_mode_adds_a_last_window_that_begins_on_the_image(window, size):
    """ONNX: windows begin on the image or the pads before it, and may end beyond what is behind."""
    made = window.ceiled(*size)
    for axis in (0, 1):
        low, high = -window.pads[axis], size[axis] + window.pads[axis + 2]
        reach = (window.kernel[axis] - 1) * window.dilation[axis]
        begins = [low]
        while begins[-1] + reach < high - 1 and begins[-1] + window.stride[axis] < size[axis]:
            begins.append(begins[-1] + window.stride[axis])
        assert made.outputs(*size)[axis] == len(begins)
        assert made.pads[axis + 2] == max(window.pads[axis + 2],
                                          begins[-1] + reach + 1 - size[axis])
    assert (made.kernel, made.stride, made.dilation) == (window.kernel, window.stride,
                                                         window.dilation)
    assert made.pads[:2] == window.pads[:2]


@pytest.mark.parametrize("upper", [True, False])
@pytest.mark.parametrize(("kernel", "stride", "dilation", "size"), [
    ((3, 2), (1, 1), (1, 1), (5, 6)), ((2, 3), (2, 3), (1, 1), (5, 7)),
    ((3, 4), (2, 1), (2, 1), (7, 4)), ((1, 1), (3, 2), (1, 1), (7, 5)),
    ((4, 2), (1, 2), (1, 3), (6, 6))])
def test_same(kernel, stride, dilation, size, upper):
    """As many outputs as strides fit, with as few pads as that takes, of which an odd one is
    behind, or before if not ``upper``."""
    made = Window.same(kernel, stride, dilation, size, upper=upper)
    assert made.outputs(*size) == (-(-size[0] // stride[0]), -(-size[1] // stride[1]))
    for axis in (0, 1):
        first, last = made.pads[axis], made.pads[axis + 2]
        assert (last - first if upper else first - last) in (0, 1)
        if first + last:
            fewer = -(-size[axis] // stride[axis]) - 1
            reach = (kernel[axis] - 1) * dilation[axis] + 1
            assert fewer * stride[axis] + reach == size[axis] + first + last


MANY = 10**9


@pytest.mark.parametrize("window", [
    Window((MANY, 1), pads=(MANY, 0, 0, 0)),
    Window((1, 3), dilation=(1, MANY), pads=(0, 0, 0, 2 * MANY)),
    Window((1, 1), stride=(MANY, 1), pads=(0, 0, MANY, 0)),
    Window((1, 1), pads=(2048, 2048, 2048, 2048))], ids=str)
def test_an_image_with_its_pads_has_a_limit(window):
    """Before memory is taken for it."""
    with pytest.raises(ValueError, match=f"pixels, more than {limits.LAYER_ELEMENTS}"):
        window.blind(5, 6)


@pytest.mark.parametrize(("above", "blind"), [(0, False), (3_999_999, False), (4_000_000, True)])
def test_large_pads_take_no_memory_for_each_tap(above, blind):
    """Four million taps from as many rows of pads on."""
    window = Window((4_000_000, 1), pads=(above, 0, 3_999_999, 0))
    assert window.blind(2, 1) == blind


@pytest.mark.parametrize("wrong", [
    {"kernel": (0, 2)}, {"kernel": (2, 0)}, {"stride": (0, 1)}, {"stride": (1, 0)},
    {"dilation": (0, 1)}, {"dilation": (1, 0)}, {"pads": (0, 0, 0, -1)}, {"pads": (-1, 0, 0, 0)}])
def test_windows_that_cannot_be(wrong):
    with pytest.raises(ValueError, match="positive kernel, stride and dilation, and pads of at"):
        Window(**({"kernel": (2, 2)} | wrong))


@pytest.mark.parametrize(("size", "fits"), [((3, 5), True), ((2, 5), False), ((3, 4), False)])
def test_a_window_that_does_not_fit(size, fits):
    """3 rows by 2 * 2 + 1 columns."""
    window = Window((3, 3), (1, 1), (1, 2))
    if fits:
        assert window.outputs(*size) == (1, 1)
    else:
        with pytest.raises(ValueError, match="A window of 3 x 5 does not fit an image of "
                                             f"{size[0]} x {size[1]} with pads"):
            window.outputs(*size)


def test_a_frame_is_added_to_the_pads():
    window = Window((3, 3), (2, 1), (1, 2), (1, 0, 2, 1))
    assert window.framed((1, 2, 3, 4)) == Window((3, 3), (2, 1), (1, 2), (2, 2, 5, 5))
