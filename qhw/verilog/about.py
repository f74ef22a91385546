"""Descriptions of a network: comments above a layer's module, and metadata for a driver."""

from dataclasses import dataclass

from .. import names
from ..design.cycles import predict
from ..design.top import Port, layout, module_name
from ..graph import Graph, Node, Op
from ..layers import Affine, Input
from ..layers.heads import Branches
from ..ops import HardwareOp
from ..ops.history import remembered
from ..tools.typed import Known, Maybe
from ..version import __version__

__all__ = ["HostBranch", "HostLayer", "Metadata", "PortRecord", "describe", "metadata"]


def describe(node: Node) -> str:
    """Describes a layer in one line."""
    op, name = node.op, names.comment(node.name)
    if isinstance(op, HardwareOp) and op.product:
        op = op.product
        return (f"{name}: {op.inputs} -> {op.outputs}, {op.scheme} weights, "
                f"{op.engine.about(op)}")
    return f"{name}: {op.kind}"


@dataclass(frozen=True)
class PortRecord:
    """An AXI4-Stream port; elements are packed from the lowest bit."""

    shape: tuple[int, ...] = ()
    """Shape of one sample."""
    lo: int | None = None
    """Least integer."""
    hi: int | None = None
    bits: int = 0
    """Bits of an element."""
    signed: bool = False
    lanes: int = 0
    """Elements in a beat."""
    beats: int = 0
    """Beats of a sample."""
    tdata_width: int = 0
    """Bits of TDATA: whole bytes."""
    scale: Maybe[str] = None
    """Exact fraction: a real input is scale * (integer - zero_point)."""
    zero_point: Maybe[str] = None


@dataclass(frozen=True)
class HostLayer:
    """A layer that the host computes, with its numbers as exact fractions."""

    name: str
    kind: str
    slope: Maybe[tuple[str, ...]] = None
    offset: Maybe[tuple[str, ...]] = None
    branches: Maybe[tuple["HostBranch", ...]] = None
    """Where several outputs stand in the one stream."""


@dataclass(frozen=True)
class HostBranch:
    """One of several outputs: which elements of the stream, and the layers behind them."""

    name: str
    """Layer whose output it is."""
    first: int
    """First of its elements in the output's stream."""
    shape: tuple[int, ...]
    host: tuple[HostLayer, ...]


@dataclass(frozen=True, eq=False)
class Metadata(Known):
    """Metadata for a driver: ports, number formats, and the layers that the host computes."""

    name: str
    module: str
    qhw: str
    """Version that wrote it."""
    input: PortRecord
    output: PortRecord
    host: tuple[HostLayer, ...]
    """In the order in which the host computes them."""
    interval: int
    """Cycles between two inferences."""
    latency: int
    """Cycles from the first beat in to the last beat out."""
    remembers: int
    """Inferences before one on which its output may depend; 0 without state, 2**31 - 1 if it
    depends on all of them. Reset forgets them."""


def metadata(graph: Graph) -> Metadata:
    """Makes the metadata of a lowered graph."""
    i_port, o_port = layout(graph)
    source = next(n for n in graph.nodes if isinstance(n.op, Input))
    made = graph.tensors[source.name]
    cycles = predict(graph)
    return Metadata(
        graph.name, module_name(graph), __version__,
        _port(i_port, made.shape, str(made.scale), str(made.zero)),
        _port(o_port, graph.answer.shape), tuple(_host(n.name, n.op) for n in graph.host),
        cycles.interval, cycles.latency, remembered(graph))


def _port(port: Port, shape: tuple[int, ...], scale: str | None = None,
          zero_point: str | None = None) -> PortRecord:
    return PortRecord(shape, port.codes.lo, port.codes.hi, port.codes.width,
                      port.codes.shape.signed, port.lanes, port.beats, port.width, scale,
                      zero_point)


def _host(name: str, op: Op) -> HostLayer:
    match op:
        case Affine():
            return HostLayer(name, op.kind, tuple(map(str, op.slope)), tuple(map(str, op.offset)))
        case Branches():
            return HostLayer(name, op.kind, branches=tuple(
                HostBranch(b.name, b.first, b.shape, tuple(_host(b.name, s) for s in b.steps))
                for b in op.branches))
        case _:
            return HostLayer(name, op.kind)
