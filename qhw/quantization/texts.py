"""Schemes of a network's layers as text, such as ``inq,fc2=shiftcnn:terms=2,bits=4``."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..errors import ModelError
from ..graph import Graph
from ..layers import Floating
from ..schemes import AnyScheme, Scheme, parse, schemes, text_of
from .prepare import Plan, prepare
from .quantize import look, quantized, weighted

__all__ = ["AnySchemes", "Mix", "in_schemes", "mixed", "requantized",
           "split_activations", "split_schemes", "texts"]

AnySchemes = AnyScheme | Sequence[AnyScheme]
"""One or several schemes; a text may list them, as ``split_schemes`` reads it."""
Mix = str | Mapping[str, AnyScheme]
"""Schemes by layer; as text ``fc1=inq,fc2=binary``."""


def texts(schemes: AnySchemes) -> list[str]:
    """Writes schemes as one text each."""
    many = [schemes] if isinstance(schemes, AnyScheme) else schemes
    return [text for one in many
            for text in (split_schemes(one) if isinstance(one, str) else [text_of(one)])]


def mixed(mix: Mix) -> str:
    """Writes schemes by layer as text."""
    if isinstance(mix, str):
        return mix
    return ",".join(f"{name}={text_of(of)}" for name, of in mix.items())


def split_schemes(text: str) -> list[str]:
    """Splits a list of schemes such as ``all`` or ``binary,shiftcnn:terms=2,bits=4,fc2=inq``."""
    found: list[str] = []
    for part in filter(None, text.split(",")):
        name, _, value = part.partition("=")
        if value and ":" not in name and ":" in "".join(found[-1:]) and _name(value) not in schemes:
            found[-1] += f",{part}"
        else:
            found += schemes if part == "all" else [part]
    return found


def _name(scheme: str) -> str:
    return scheme.partition(":")[0]


def in_schemes(graph: Graph, text: str) -> dict[str, Scheme]:
    """Parses the scheme of each layer, by layer name.

    ``inq`` is for all layers, ``fc1=inq,fc2=binary`` for two of them, ``inq,fc2=binary`` for all
    with one exception. A layer without a scheme keeps its weights. ModelError if a layer is unknown
    or has no weights."""
    layers = {node.name: node.op for node in weighted(graph)}
    if not layers:
        raise ModelError(f"Model {graph.name!r}: no layer of it has weights")
    base: dict[str, Scheme] = {}
    found: dict[str, Scheme] = {}
    for part in split_schemes(text):
        name, equals, rest = part.partition("=")
        if equals and ":" not in name and name not in layers:
            raise ModelError(f"Schemes {text!r}: no layer with weights is called {name!r} "
                             f"({', '.join(layers)})")
        if name in layers and equals:
            found[name] = _parsed(rest)
        elif base:
            raise ModelError(f"Schemes {text!r}: {part!r} names no layer")
        else:
            base = dict.fromkeys(layers, _parsed(part))
    found = {name: (base | found)[name] for name in layers if name in base | found}
    bare = [name for name, op in layers.items() if isinstance(op, Floating) and name not in found]
    if bare or not found:
        raise ModelError(f"Schemes {text!r}: layer {(bare or list(layers))[0]!r} has no scheme")
    return found


def _parsed(text: str) -> Scheme:
    try:
        return parse(text)
    except (ValueError, TypeError) as e:
        raise ModelError(str(e)) from None


def requantized(graph: Graph, text: str | None, calibration: np.ndarray | None = None,
                plan: Plan | None = None, *, per_tensor: bool = False) -> Graph:
    """Quantizes the real activations of a loaded graph, and the weights anew, floats or the real
    values of codes; the graph has no file any more. ModelError if a scheme is unknown or does not
    fit a layer.

    Parameters
    ----------
    graph : the loaded graph
    text : schemes of its layers; None to keep the weights
    calibration : samples (N, *shape), for activations and for schemes that look at inputs
    plan : steps before, such as the format of activations
    per_tensor : one scale for all weights of a layer
    """
    schemes = {} if text is None else in_schemes(graph, text)
    graph, _ = prepare(graph, plan or Plan(), calibration)
    seen = None if calibration is None else look(graph, calibration)
    changed, _ = quantized(graph, schemes, seen, per_tensor=per_tensor)
    return replace(changed, source=None)


def split_activations(text: str) -> list[str]:
    """Splits a list of formats such as ``u8,log:bits=3,minifloat:exponent=4,mantissa=3``."""
    found: list[str] = []
    for part in filter(None, text.split(",")):
        if "=" in part and ":" not in part and found:
            found[-1] += f",{part}"
        else:
            found.append(part)
    return found
