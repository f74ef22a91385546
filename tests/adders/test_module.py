"""The text of a module, which knows what drives each wire."""

import pytest

from qhw.adders.module import Text
from qhw.errors import QhwError


def test_a_wire_that_nobody_drives_is_refused():
    text = Text(("O",))
    text.cell("SB_LUT4", "lut", {"O": "n1[0]", "I0": "x[0]", "I1": "n0_not[3]", "I2": "1'b0"})
    text.assign("y[0]", "n1[0]", ["n1[0]"])
    with pytest.raises(QhwError, match=r"nothing drives wire n0_not\[3\]"):
        text.module("top", 1, 1)
    text.assign("n0_not[3]", "~x[0]", ["x[0]"])
    assert "n0_not[3] = ~x[0];" in text.module("top", 1, 1)
    with pytest.raises(QhwError, match=r"nothing drives wire y\[1\]"):
        text.module("top", 1, 2)
    with pytest.raises(QhwError, match=r"n1\[0\] would be driven twice"):
        text.assign("n1[0]", "1'b0")


def test_cells_say_their_pins_and_parameters():
    text = Text(("O", "CO"))
    text.cell("CARRY4", "chain", {"CO": ["c[1]", "c[0]"], "S": ["x[1]", "x[0]"], "CI": "1'b0"})
    text.cell("LUT2", "lut", {"O": "y[0]", "I0": "x[0]", "I1": ""}, INIT="4'h6", MODE=3)
    assert text.lines == ["CARRY4 chain (.CO({c[1], c[0]}), .S({x[1], x[0]}), .CI(1'b0));",
                          "LUT2 #(.INIT(4'h6), .MODE(3)) lut (.O(y[0]), .I0(x[0]), .I1());"]
    assert text.driven == {"c[0]", "c[1]", "y[0]"} and text.read == {"x[0]", "x[1]", ""}


@pytest.mark.parametrize(("inputs", "outputs", "head"), [
    (3, 1, "module top (input [2:0] x, output [0:0] y);"),
    (0, 1, "module top (input [0:0] x, output [0:0] y);")])
def test_ports_have_a_bit_at_least(inputs, outputs, head):
    text = Text()
    text.assign("y[0]", "1'b0", ["1'b0"])
    assert text.module("top", inputs, outputs) == (
        f"{head}\n  assign y[0] = 1'b0;\nendmodule\n")
