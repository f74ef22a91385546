"""Declarations of the supported operators: domains, versions, inputs and attributes.

Each handler has a declaration. A node is compared with it before the handler runs, so that every
attribute is either read or refused. Names, types and defaults of ONNX's own operators are those in
ONNX's schema for the file's opset; other domains have no schemas, so their handlers declare
defaults."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx

from .file import OnnxNode
from .values import Absent, Constant, Flow, Lost, Unsupported

__all__ = ["ANY", "CHANNELS_LAST", "ENDLESS", "INTEGER", "MICROSOFT", "OPERATORS", "QONNX",
           "UNREAD", "Attribute", "Only", "Operator", "Value", "given", "handles", "schema",
           "understood"]

Value = Absent | Constant | Flow | Lost
Handler = Callable[[Any, OnnxNode], Value | Sequence[Value]]
"""Its first argument is the ``Reader``."""

MICROSOFT = ("com.microsoft",)
"""ONNX Runtime's."""

QONNX = ("qonnx.custom_op.general", "finn.custom_op.general", "onnx.brevitas", "")
CHANNELS_LAST = ("qonnx.custom_op.channels_last",)
INTEGER = ("PACTOps", "ai.onnx.contrib", "")
"""Where Deeploy's and PACT's exporters put their operators."""

OLDEST = 7
"""Opset of ONNX that is read."""

NEWEST = {"qonnx.custom_op.general": 2, "ai.onnx.ml": 5}
"""Versions of domains without schemas; other domains have version 1."""


STATIC = ("its scale depends on each sample: quantize with calibration data, such as with "
          "onnxruntime.quantization.quantize_static")
HOST = "hardware has no divisions by computed sums: end the network before it, the rest on the host"
STATE = "a network of ONNX keeps no state: unroll it, or give it windows of its input"
ADVICE = {**dict.fromkeys(("DynamicQuantizeLinear", "DynamicQuantizeMatMul",
                           "MatMulIntegerToFloat"), STATIC),
          **dict.fromkeys(("iLayerNorm", "iRMSNorm", "ITAMax", "ITAPartialMax", "iSoftmax",
                           "LayerNormalization", "InstanceNormalization", "GroupNormalization",
                           "Attention", "MultiHeadAttention"), HOST),
          **dict.fromkeys(("LSTM", "GRU", "RNN", "Scan", "Loop", "DynamicQuantizeLSTM"), STATE)}
"""Remedies for operators that are not supported."""


@dataclass(frozen=True)
class Attribute:
    """Declaration of one attribute of a handler's operators."""

    default: Any = None
    """Its value where neither the file nor a schema has one."""
    only: tuple[Any, ...] = ()
    """The values that are implemented; any, if there are none."""
    help: str = ""
    """A remedy for other values."""
    read: bool = True
    """Whether it has a bearing on inference."""
    infinite: bool = False
    """Whether it may be infinite."""


ANY = Attribute()
"""The handler takes every value, or refuses it itself."""

ENDLESS = Attribute(infinite=True)
"""A limit that may be infinite."""

UNREAD = Attribute(read=False)
"""For training, or for an output that is not supported: inference is the same with any value."""


def Only(*values: Any, help: str = "") -> Attribute:
    """Declares an attribute for which only ``values`` are supported; the first is the default."""
    return Attribute(values[0], values, help)


def given(default: Any) -> Attribute:
    """Declares an attribute of a domain without schemas, with its default."""
    return Attribute(default)


Attributes = Mapping[str, Attribute]


@dataclass(frozen=True)
class Operator:
    """Declaration of the operators that a handler supports."""

    handler: Handler
    versions: tuple[int, ...]
    """Opsets that defined the operator as it is understood; of ONNX's own operators only."""
    inputs: tuple[int, int]
    """The fewest and the most; of other domains."""
    attributes: Attributes = field(default_factory=dict[str, Attribute])
    notes: frozenset[str] = frozenset()
    """Attributes that are no part of ONNX's operator and that its handler knows nevertheless."""


OPERATORS: dict[tuple[str, str], Operator] = {}
"""By domain and name."""


def handles(*ops: str, domains: tuple[str, ...] = ("",), versions: tuple[int, ...] = (),
            inputs: tuple[int, int] = (1, 1), also: Attributes | None = None,
            notes: Attributes | None = None, **attributes: Attribute
            ) -> Callable[[Handler], Handler]:
    """Registers the handler of operators, with the domains, versions, inputs and attributes that it
    reads.

    Parameters
    ----------
    ops : names of the operators
    domains : their domains
    versions : versions of ONNX's own operators that the handler reads
    inputs : fewest and most inputs, for operators of other domains
    also : attributes that several operators have in common
    notes : attributes that exporters add to ONNX's own operators
    attributes : other attributes by name
    """
    def register(handler: Handler) -> Handler:
        known = Operator(handler, versions, inputs, {
            **attributes, **(also or {}), **(notes or {})}, frozenset(notes or {}))
        OPERATORS.update({(domain, op): known for domain in domains for op in ops})
        return handler
    return register


def schema(op: str, opset: int) -> onnx.defs.OpSchema | None:
    """Finds ONNX's definition of an operator in an opset; None if there is none."""
    try:
        return onnx.defs.get_schema(op, opset, "")
    except onnx.defs.SchemaError:
        return None


def understood(node: OnnxNode, opsets: Mapping[str, int]) -> tuple[Operator, OnnxNode]:
    """Finds the declaration of a node's operator; returns it and the node with its version and with
    the defaults of absent attributes.

    Unsupported if the operator, its version, an input or an attribute is not supported."""
    domain = "" if node.domain == "ai.onnx" else node.domain
    operator = OPERATORS.get((domain, node.op))
    if operator is None:
        where = f" of domain {domain}" if domain else ""
        raise Unsupported(f"operator {node.op}{where} is not supported", ADVICE.get(node.op, ""))
    if operator.versions:
        return operator, _standard(node, operator, opset_of(opsets))
    if not 1 <= opsets.get(domain, 1) <= NEWEST.get(domain, 1) and domain:
        raise Unsupported(f"version {opsets[domain]} of domain {domain} is not known, only up to "
                          f"{NEWEST.get(domain, 1)}")
    _counted(node, *operator.inputs)
    _named(node, set(operator.attributes))
    defaults = {k: a.default for k, a in operator.attributes.items()}
    return operator, _filled(node, operator, defaults, opsets.get(domain, 1))


def opset_of(opsets: Mapping[str, int]) -> int:
    """Returns the opset of ONNX's own operators; Unsupported if it is missing, too old or too
    new."""
    newest = onnx.defs.onnx_opset_version()
    if "" not in opsets:
        raise Unsupported("the file imports no opset of ONNX's operators")
    if not OLDEST <= opsets[""] <= newest:
        raise Unsupported(f"opset {opsets['']} is not supported, only {OLDEST} to {newest}",
                          "convert the file with onnx.version_converter")
    return opsets[""]


def _standard(node: OnnxNode, operator: Operator, opset: int) -> OnnxNode:
    """A node of ONNX's own as its opset defines it."""
    found = schema(node.op, opset)
    if found is None or found.deprecated:
        raise Unsupported(f"there is no operator {node.op} in opset {opset}")
    version = found.since_version
    if version not in operator.versions:
        raise Unsupported(f"{node.op} is not supported as opset {version} defines it",
                          "export the file with another opset")
    _counted(node, found.min_input, found.max_input)
    _named(node, {*found.attributes, *operator.notes} & {*operator.attributes},
           known={*found.attributes})
    defaults: dict[str, Any] = dict.fromkeys(operator.attributes)
    for name, attribute in found.attributes.items():
        if attribute.required and name not in node.attributes:
            raise Unsupported(f"it has no attribute {name}")
        if attribute.default_value.type:
            value = onnx.helper.get_attribute_value(attribute.default_value)
            defaults[name] = value.decode() if isinstance(value, bytes) else value
        kind = str(attribute.type).rpartition(".")[2]
        if name in node.attributes and not _fits(node.attributes[name], kind):
            raise Unsupported(f"its attribute {name} is {node.attributes[name]!r}, which is no "
                              f"{kind}")
    return _filled(node, operator, defaults, version)


def _fits(value: Any, kind: str) -> bool:
    """Whether an attribute's value is of a type that ONNX's schemas name."""
    kinds = {"INT": int, "FLOAT": int | float, "STRING": str}
    if kind.endswith("S") and kind[:-1] in kinds:
        parts: Any = value
        return isinstance(value, list | tuple) and all(isinstance(v, kinds[kind[:-1]] | bytes)
                                                       for v in parts)
    return not isinstance(value, bool) and isinstance(value, kinds.get(kind, object))


def _counted(node: OnnxNode, fewest: int, most: int) -> None:
    count = 1 + max((k for k, name in enumerate(node.inputs) if name), default=-1)
    if not (count <= most and fewest <= len(node.inputs)):
        takes = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        raise Unsupported(f"it has {len(node.inputs)} inputs, and {node.op} takes {takes}")


def _named(node: OnnxNode, names: set[str], known: set[str] | None = None) -> None:
    """Unsupported if the node has an attribute of another name."""
    for name, value in node.attributes.items():
        if name not in names:
            shown = " ".join(str(value).split())[:40]
            what = "is not supported" if name in (known or ()) else f"is none that {node.op} has"
            raise Unsupported(f"its attribute {name} ({shown}) {what}")


def _filled(node: OnnxNode, operator: Operator, defaults: Mapping[str, Any], version: int
            ) -> OnnxNode:
    """The node with all attributes, each of a value that is implemented."""
    for name, value in node.attributes.items():
        attribute = operator.attributes[name]
        if attribute.only and value not in attribute.only:
            values = " or ".join(str(v) for v in attribute.only)
            raise Unsupported(f"its attribute {name} is {value!r}, and only {values} is "
                              f"supported", attribute.help)
        if isinstance(value, float) and not (attribute.infinite and abs(value) == np.inf or (
                np.isfinite(value))):
            raise Unsupported(f"its attribute {name} is {value}, which is not finite")
    return replace(node, attributes={**defaults, **node.attributes}, version=version)
