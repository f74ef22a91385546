"""Energy of an inference, from published energies of operations: an estimate to compare schemes by.

Horowitz, "Computing's Energy Problem", ISSCC 2014, figure 1.1.9: in 45 nm CMOS at 0.9 V an
addition of 32 bits takes 0.1 pJ, a multiplication of 32 by 32 bits 3.1 pJ, and 64 bits from an
SRAM of 8 kbyte 10 pJ. An FPGA takes several times as much, for wires above all.
"""

from ..exact.num import Int
from ..graph import Graph
from ..ops import HardwareOp, MatVec
from ..pe import Floats, Multiply, Tables

__all__ = ["energy_nj"]

ADD, MULTIPLY, READ = 0.1 / 32, 3.1 / 32**2, 10 / 64
"""pJ of an added bit, of a bit times a bit, and of a bit that is read."""


def energy_nj(graph: Graph) -> float:
    """Nanojoules for one inference: weights read, products, and sums."""
    total = 0.0
    for node in graph.hardware.nodes:
        if isinstance(node.op, HardwareOp) and (op := node.op.product):
            x = graph.tensors[node.inputs[0]]
            vectors = op.vectors(x) if isinstance(node.op, MatVec) else 1
            total += vectors * _vector(op, x.wire.width, graph.tensors[node.name].integer)
    return total / 1000


def _vector(op: MatVec, x_bits: int, y: Int) -> float:
    """Picojoules of a matrix times a vector."""
    element = op.scheme.element(op.table)
    products = op.outputs // op.groups * op.inputs
    codes = products // op.scheme.group
    multiplied = 0
    if isinstance(element, Tables) and element.suited(op.pe).table:
        # once for every word, for all outputs
        multiplied = op.inputs * len(element.codes) * x_bits * Int.of(op.weights).width
    elif isinstance(element, Multiply | Floats | Tables):
        multiplied = products * x_bits * Int.of(op.weights).width
    return (READ * codes * op.scheme.code_bits + MULTIPLY * multiplied
            + ADD * codes * element.parts * y.width)
