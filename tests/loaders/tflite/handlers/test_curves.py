"""Functions of one element: tables, branches, and what the host computes."""

import pytest

from ..networks import WIDE, Made, answered, golden


@pytest.mark.parametrize("alpha", [0.1, -0.7, 3.0])
def test_leaky_rectifiers_of_16_bits(alpha, tmp_path):
    net = Made()
    x, y = (net.tensor(WIDE.shape[1:], "INT16", s) for s in (0.001, 0.0013))
    net.op("LEAKY_RELU", [x], [y], alpha=alpha)
    ours, want = answered(net, x, y, WIDE, tmp_path)
    assert (ours == want).all()


@pytest.mark.parametrize(("op", "made"), [
    ("RELU", [0, 0, 0, 2.5, 5, 31.75]), ("RELU6", [0, 0, 0, 2.5, 5, 6]),
    ("LEAKY_RELU", [-30, -1.25, 0, 2.5, 5, 31.75])])
def test_rectifiers_by_hand(op, made, tmp_path):
    """Of halves from 3 to quarters from 0, with a slope of a half below; RELU6 keeps its codes."""
    net, kept = Made(), op == "RELU6"
    x = net.tensor((1, 6), scale=0.5, zero=3)
    y = net.tensor((1, 6), scale=0.5 if kept else 0.25, zero=3 * kept)
    net.op(op, [x], [y], **{"alpha": 0.5} if op == "LEAKY_RELU" else {})
    codes = [-117, -2, 3, 8, 13, 127]           # -60, -2.5, 0, 2.5, 5 and 62, which ends at 127
    assert golden(net, x, y, codes, tmp_path).ravel().tolist() == made
