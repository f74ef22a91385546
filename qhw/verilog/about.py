"""What is said of a network beside its gates: above a layer's module, and to a driver."""

from typing import Any

from .. import names
from ..design.cycles import predict
from ..design.top import layout, module_name
from ..graph import Graph, Node
from ..layers import Affine, Input
from ..ops import HardwareOp
from ..version import __version__

__all__ = ["describe", "metadata"]


def describe(node: Node) -> str:
    """A layer in a line."""
    op, name = node.op, names.comment(node.name)
    if isinstance(op, HardwareOp) and op.product:
        op = op.product
        how = "in logic" if op.spatial else (
            f"PE {op.pe}, SIMD {op.simd}, fold {op.synapse_fold} x {op.neuron_fold}")
        return f"{name}: {op.inputs} -> {op.outputs}, {op.scheme} weights, {how}"
    return f"{name}: {op.kind}"


def metadata(graph: Graph) -> dict[str, Any]:
    """What a driver needs: ports, formats, and the host's part."""
    i_port, o_port = layout(graph)
    source = next(n for n in graph.nodes if isinstance(n.op, Input))
    made = graph.tensors[source.name]
    ports = {}
    for key, port, shape in (
            ("input", i_port, made.shape),
            ("output", o_port, graph.answer.shape)):
        ports[key] = {
            "shape": list(shape), "lo": port.codes.lo, "hi": port.codes.hi,
            "bits": port.codes.width, "signed": port.codes.shape.signed,
            "lanes": port.lanes, "beats": port.beats, "tdata_width": port.width}
    ports["input"] |= {"scale": str(made.scale), "zero_point": str(made.zero)}
    return {
        "name": graph.name, "module": module_name(graph), "qhw": __version__, **ports,
        "host": [_host(node) for node in graph.host],
        **predict(graph)._asdict(),
    }


def _host(node: Node) -> dict[str, Any]:
    """A layer that the host computes, with its numbers as exact fractions."""
    op = node.op
    numbers = {"slope": [str(v) for v in op.slope], "offset": [str(v) for v in op.offset]
               } if isinstance(op, Affine) else {}
    return {"name": node.name, "kind": op.kind, **numbers}
