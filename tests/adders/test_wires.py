"""Names of bits, and the tables of sums of few bits, by hand."""

import numpy as np
import pytest

from qhw.adders.module import Text
from qhw.adders.network import Network
from qhw.adders.wires import Wires

NETWORK = Network(2, np.array([[-1] * 4] * 3 + [[0, 1, 1, 1]]), np.array([-8, 0, 5, -14]),
                  np.array([7, 3, 5, 7]), np.array([0, 0, 0, 1]), np.array([4, 2, 0, 5]),
                  np.array([[3, 0]]), np.zeros(4, np.int64), table=4)
"""x0 - (x1 << 1) of -8..7 and 0..3, and the constant 5."""
TABLE = Network(2, np.array([[-1] * 4] * 2 + [[0, 1, 0, 1]]), np.array([-2, 0, -3]),
                np.array([1, 1, 1]), np.array([0, 0, 1]), np.array([2, 1, 3]), np.array([[2, 0]]),
                np.zeros(3, np.int64), table=4)
"""x0 - x1 of -2..1 and 0..1: three bits of input, three of the sum."""


@pytest.mark.parametrize(("node", "bit", "inverted", "name"), [
    (0, 0, 0, "x[0]"), (0, 3, 0, "x[3]"), (0, 9, 0, "x[3]"), (1, 1, 0, "x[5]"),
    (1, 2, 0, "1'b0"), (1, 2, 1, "1'b1"), (1, 0, 1, "x_not[4]"), (2, 0, 0, "1'b1"),
    (2, 1, 0, "1'b0"), (2, 0, 1, "1'b0"), (3, 0, 0, "x[0]"), (3, 1, 0, "n3[1]"),
    (3, 4, 1, "n3_not[4]"), (3, 9, 0, "n3[4]"), (-1, 0, 0, "1'b0"), (-1, 0, 1, "1'b1")])
def test_names(node, bit, inverted, name):
    """A bit that is passed on has the name of who makes it; beyond the last is the sign."""
    assert Wires(NETWORK).bit(node, bit, inverted) == name


def test_adders_are_given_their_columns():
    """From the shift on: x0's bits and x1's, each extended, and a sign."""
    found = []
    Wires(NETWORK).write(Text(), lambda *given: found.append(given[1:]))
    assert found == [("n3", 1, [("x[1]", "x[4]"), ("x[2]", "x[5]"), ("x[3]", "1'b0"),
                                ("x[3]", "1'b0")], 1)]
    assert list(Wires(NETWORK).made()) == [3]


def test_tables():
    """x0 lowest, whose second bit is worth -2."""
    bits, values = Wires(TABLE).table(2)
    assert bits == ["x[0]", "x[1]", "x[2]"]
    assert values.tolist() == [0, 1, -2, -1, -1, 0, -3, -2]


def test_tables_as_text():
    """Bit 0 of 0 1 -2 -1 -1 0 -3 -2 is 0 1 0 1 1 0 1 0."""
    text = Text()
    Wires(TABLE).lookups(text, 2, [0])
    assert text.lines == ["assign n2[0] = 8'h5a >> {x[2], x[1], x[0]};"]
    Wires(TABLE).lookups(text, 2, [2])
    assert text.lines[1] == "assign n2[2] = 8'hdc >> {x[2], x[1], x[0]};"
    assert text.driven == {"n2[0]", "n2[2]"} and text.read == {"x[0]", "x[1]", "x[2]"}
