"""How the layer becomes an operation: integers with a scale have magnitudes with the same scale."""

from fractions import Fraction

from qhw.errors import ModelError
from qhw.graph import Node
from qhw.lower.lines import Line, Work, as_integers

from qhw_example.layer import MagnitudeLayer
from qhw_example.op import IntegerMagnitude

__all__: list[str] = []


@as_integers.register
def _(op: MagnitudeLayer, work: Work, node: Node) -> None:
    line, = work.lines_of(node)
    if any(line.offsets):
        raise ModelError(f"Layer {node.name!r}: it needs a zero point of 0")
    made = work.add(node.name, IntegerMagnitude(), line.source)
    work.finish(node.name, Line(made, tuple(map(abs, line.slopes)),
                                (Fraction(0),) * len(line.slopes)))
