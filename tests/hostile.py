"""Names that mean something to a language, a file system, a terminal, a page or to the tool, and
networks whose layers have them."""

from fractions import Fraction

import numpy as np

from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Add, Dense, Input, Quantize
from qhw.schemes.fixed import Fixed

__all__ = ["HOSTILE", "network"]

HOSTILE = [
    # words of Verilog, SystemVerilog and C++, and the tools' own
    "module", "endmodule", "small", "table", "class", "class_2", "this", "std", "bool", "int",
    "double", "template", "main", "NULL", "eval", "final", "std::vector", "wreal", "Vtop", "TOP",
    # the hardware's own
    "clk", "rst", "s_axis_tdata", "m_axis_tlast", "tap_a_valid", "tap_a", "qhw_ram", "qhw_adders0",
    "network", "out_buffer", "out_buffer_2", "in", "in_fork", "a", "a_fork", "b_queue0", "a_beats4",
    "beat", "join", "b", "join_i0", "a_i_valid", "a_window",
    # alike but for case, dashes, letters of other alphabets
    "A", "a.b", "a_b", "a-b", "a b", "a__b", "a_", "_a", "_", "1", "1a", "层", "層", "é", "ｅ", "Å",
    # meant for a tool that does not ask
    "[/red]", "[bold]", ":smile:", "%s", "{{7*7}}", "{0}", "$x$", "$readmemh", "`define x",
    "\\esc ", "x; endmodule //", "a\nmodule b; endmodule", "*/", "verilator public",
    "synopsys translate_off", "<script>alert(1)</script>", "<b>&amp;", "\"'", "=x", "a,b=c",
    "../../x", "/etc/passwd", "CON", "nul.txt", "\x1b[2J", "\u202egnp.exe", "\r", " ", "*",
    # what converters make
    "x" * 300, "model/conv2d/Relu;model/bn/FusedBatchNormV3;" * 30 + "1",
    "model/conv2d/Relu;model/bn/FusedBatchNormV3;" * 30 + "2",
]


def network(names: list[str] = HOSTILE, called: str = "hostile") -> Graph:
    """A chain of layers with these names, products of two bits and signs in turn, and a sum of its
    first and its last codes at its end."""
    weights, bits = Fixed(2).quantize(np.array([[1.0, -1], [0, 1]]), per_channel=False), Int(0, 1)
    *names, add, end = names[:len(names) // 2 * 2]
    nodes = [Node("\tinput", Input((2,), bits))]
    for k, name in enumerate(names):
        op = Quantize(bits, Fraction(1)) if k % 2 else Dense(
            Fixed(2), weights, np.array([k % 3 - 1.0, 0]), (2, 1 + k % 4 // 2))
        nodes.append(Node(name, op, (nodes[-1].name,)))
    nodes += [Node(add, Add(), (nodes[2].name, nodes[-1].name)),
              Node(end, Quantize(Int(0, 3), Fraction(1)), (add,))]
    return Graph(called, tuple(nodes)).check()
