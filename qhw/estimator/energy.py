"""Energy of an inference from published energies of operations; it serves to compare schemes.

Horowitz, "Computing's Energy Problem", ISSCC 2014, figure 1.1.9: in 45 nm CMOS at 0.9 V an addition
of 32 bits takes 0.1 pJ, a multiplication of 32 by 32 bits 3.1 pJ, and 64 bits from an SRAM of 8
kbyte 10 pJ. An FPGA takes several times as much energy, mostly in its wires."""

from ..graph import Graph
from ..ops import HardwareOp

__all__ = ["energy_nj"]

ADD, MULTIPLY, READ = 0.1 / 32, 3.1 / 32**2, 10 / 64
"""pJ of an added bit, of a bit times a bit, and of a bit that is read."""


def energy_nj(graph: Graph) -> float:
    """Estimates the energy of one inference in nanojoules: weights read, products, and sums."""
    total = 0.0
    for node in graph.hardware.nodes:
        if isinstance(node.op, HardwareOp):
            done = node.op.operations(*(graph.tensors[i] for i in node.inputs))
            total += READ * done.read + MULTIPLY * done.multiplied + ADD * done.added
    return total / 1000
