"""Modules are the product, in expressions and in every family's cells."""


from dataclasses import replace

import numpy as np
import pytest

from qhw import adders
from qhw.adders.verilog import verilog
from qhw.errors import ModelError
from qhw.exact.num import Int
from tests.adders.draw import draw
from tests.adders.tables import MODELS, table


def test_an_unknown_family_is_said():
    network = adders.compile(np.array([[1]]), [Int(0, 1)])
    with pytest.raises(ModelError, match="'spartan'"):
        verilog(network, "top", family="spartan")


def mixed():
    matrix, intervals = draw(21, 4, 4, 9, [Int(0, 3), Int(-4, 3), Int(0, 1), Int(-2, 1)])
    matrix[1] = 0    # nothing but a constant is left of this one
    return matrix, intervals, [3, -8, 0, 1]


def counts():
    """Of bits, of which tables take four to six at once, and some in two of them."""
    return np.array([[1] * 10, [1, 1, 1, 1, 1, -1, -1, 0, 0, 0]]), [Int(0, 1)] * 10, [0, -2]


@pytest.mark.parametrize("family", MODELS)
@pytest.mark.parametrize("signs", [False, True])
@pytest.mark.parametrize("case", [mixed, counts])
def test_the_module_is_the_product(tmp_path, family, signs, case):
    matrix, intervals, offsets = case()
    network = adders.compile(matrix, intervals, offsets=offsets, signs=signs, effort=3,
                             family=family)
    rows = table(tmp_path, verilog(network, "top", family=family), family)
    assert len(rows) == 1 << sum(i.width for i in intervals)
    for code, got in rows:
        x, at = [], 0
        for i in intervals:
            field = code >> at & (1 << i.width) - 1
            x.append(field - (1 << i.width) * (field > i.hi))
            at += i.width
        sums, wanted, at = matrix @ x + offsets, 0, 0
        for (node, shift), total in zip(network.outputs.tolist(), sums.tolist(), strict=True):
            width = 1 if signs or node < 0 else int(network.widths[node]) + shift
            field = int(total >= 0) if signs else total & (1 << width) - 1
            wanted |= field << at
            at += width
        assert got == wanted


def test_a_sum_reads_like_this():
    """x0 - 4 x1 of four bits and two, whose lowest two bits are passed on."""
    network = adders.compile(np.array([[1, -4]]), [Int(0, 15), Int(0, 3)], effort=0)
    assert verilog(network, "top") == """\
module top (input [5:0] x, output [4:0] y);
  wire [4:2] n3 = {1'b0, x[3], x[2]} - {1'b0, x[5], x[4]};
  assign y[0] = x[0];
  assign y[1] = x[1];
  assign y[2] = n3[2];
  assign y[3] = n3[3];
  assign y[4] = n3[4];
endmodule
"""


def test_signs_are_inverted_and_nothing_is_a_zero():
    """Whether a sum is not negative, of an expression; a network without outputs has a bit."""
    network = adders.compile(np.array([[1, -1]]), [Int(0, 15)] * 2, signs=True, effort=0)
    assert "assign y[0] = ~n" in verilog(network, "top")
    empty = replace(network, outputs=np.zeros((0, 2), int))
    assert "assign y[0] = 1'b0;" in verilog(empty, "top")
