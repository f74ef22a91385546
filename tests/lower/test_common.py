"""One scale for several integers, by hand."""

from fractions import Fraction

import pytest

from qhw.errors import ModelError
from qhw.lower.lines import Line, common

F = Fraction
HALVES = Line("a", (F(1, 2), F(-1, 3)), (F(1, 4), F(0)))


@pytest.mark.parametrize(("lines", "scale", "factors", "offset"), [
    ([HALVES], F(1, 12), [[6, -4]], [3, 0]),
    ([Line("a", (F(6), F(4)), (F(0), F(-8)))], F(2), [[3, 2]], [0, -4]),
    ([Line("a", (F(6), F(4)), (F(0), F(-3)))], F(1), [[6, 4]], [0, -3]),
    ([Line("a", (F(0),), (F(0),))], F(1), [[0]], [0]),
    ([Line("a", (F(0),), (F(-3, 2),))], F(3, 2), [[0]], [-1]),
    ([HALVES, Line("b", (F(5),), (F(-1, 8),))], F(1, 24), [[12, -8], [120]], [6, 0, -3])])
def test_the_greatest_common_step(lines, scale, factors, offset):
    """Of all slopes and offsets that are not 0: for 1/2, 1/3 and 1/4 it is 1/12."""
    found, rows, offsets = common(lines, "layer")
    assert (found, [r.tolist() for r in rows], offsets.tolist()) == (scale, factors, offset)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("place", ["slopes", "offsets"])
def test_scales_that_are_too_far_apart(sign, place):
    """A factor of 2**48 is refused, one less is not; in a slope as in an offset."""
    for factor, fits in ((2 ** 48 - 1, True), (2 ** 48, False)):
        large = F(sign * factor, 7)
        line = Line("a", (F(1, 7), large), (F(0), F(0))) if place == "slopes" else Line(
            "a", (F(1, 7), F(0)), (F(0), large))
        if fits:
            assert common([line], "layer")[0] == F(1, 7)
            continue
        with pytest.raises(ModelError, match="'layer': the scales of its inputs have only a far"):
            common([line], "layer")
