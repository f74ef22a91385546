"""Preparation of a real network for hardware: its weights are brought into shape, and its
activations become codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import log10
from typing import TypedDict

import numpy as np

from ..errors import ModelError
from ..graph import Graph
from ..layers import Quantize, Quantizer
from .activations import Activation, parse_activation
from .activations.uniform import Signed, Unsigned
from .calibration import Histogram, Method, parse_method
from .calibration.mse import error
from .equalize import equalized
from .norms import folded
from .places import Place, before_relu, calibrated, ends, inserted, places

__all__ = ["Plan", "QuantizedActivation", "Steps", "prepare"]

BRANCH = Signed(8)
"""The format of a sum before it is added to another."""
INPUT_BITS = 8


class Steps(TypedDict, total=False):
    """The fields of a ``Plan``, as options of a call."""

    activations: str | None
    activation: Mapping[str, str]
    method: str
    first_last: int | None
    fold_norms: bool
    equalize: bool


@dataclass(frozen=True)
class Plan:
    """The steps before a network's weights are quantized.

    ``activations`` is a format as text, ``activation`` has others by the layer before them,
    and ``method`` calibrates them. ``first_last`` are the bits of the codes that the first and the
    last layers read; None for the same as all."""

    activations: str | None = None
    activation: Mapping[str, str] = field(default_factory=dict[str, str])
    method: str = "mse"
    first_last: int | None = None
    fold_norms: bool = False
    equalize: bool = False


@dataclass(frozen=True)
class QuantizedActivation:
    """A quantizer that was put behind layers, and its effect on the samples."""

    layer: str
    """The layer before, or layers with spaces between."""
    format: str
    scale: float
    zero_point: float
    lo: float
    """The smallest number of the samples."""
    hi: float
    sqnr_db: float
    """Signal to quantization noise ratio."""


def prepare(graph: Graph, plan: Plan, x: np.ndarray | None
            ) -> tuple[Graph, list[QuantizedActivation]]:
    """Folds norms, equalizes, and puts quantizers wherever hardware needs codes; returns the graph
    and a row for each quantizer.

    ModelError if the plan or the samples do not fit the network.

    Parameters
    ----------
    graph : the loaded graph
    plan : the steps
    x : calibration samples (N, *shape), or None
    """
    if plan.fold_norms or plan.equalize:
        graph = folded(graph)
    if plan.equalize:
        graph = equalized(graph)
    wanted = places(graph)
    _known(plan, [name for place in wanted for name in place.sources])
    if not wanted and plan.activations is not None:
        raise ModelError(f"Model {graph.name!r}: its activations are codes already; leave out "
                         f"--activations")
    if plan.activations is None and plan.method != Plan.method:
        raise ModelError(f"Method {plan.method!r} chooses scales of activations; add --activations")
    if not wanted:
        return graph, []
    first = wanted[0].sources[0]
    if plan.activations is None:
        raise ModelError(f"Layer {first!r}: its output is real-valued, and hardware needs codes of "
                         f"it; add --activations, such as --activations u8")
    if x is None:
        raise ModelError(f"Layer {first!r}: its output is real-valued, and codes for it are chosen "
                         f"by samples; add --calibrate FILE.npz")
    return _quantized(graph, plan, wanted, x)


def _known(plan: Plan, names: list[str]) -> None:
    for name in plan.activation:
        if name not in names:
            raise ModelError(f"Activation of {name!r}: no layer with a real-valued output that "
                             f"becomes codes has this name ({', '.join(names) or 'none'})")


def _quantized(graph: Graph, plan: Plan, wanted: list[Place], x: np.ndarray
               ) -> tuple[Graph, list[QuantizedActivation]]:
    method, forms = _formats(graph, plan, wanted)
    before = {name: before_relu(graph, name) for place, form in zip(wanted, forms, strict=True)
              if form and form.bipolar for name in place.sources}
    groups = [[before.get(name, name) for name in place.sources] for place in wanted]
    quantizers: dict[str, Quantizer] = {}
    rows: list[QuantizedActivation] = []
    try:
        for place, form, seen in zip(wanted, forms, calibrated(graph, groups, x), strict=True):
            form = form or (Unsigned if seen.lo >= 0 else Signed)(plan.first_last or INPUT_BITS)
            made = _input(form, seen) if place.kind == "input" else form.fit(seen, method)
            quantizers |= dict.fromkeys(place.sources, made)
            rows.append(_row(place, form, made, seen))
    except ValueError as e:
        raise ModelError(f"Calibration: {e}") from None
    return inserted(graph, quantizers, before), rows


def _formats(graph: Graph, plan: Plan, wanted: list[Place]
             ) -> tuple[Method, list[Activation | None]]:
    """The method, and the format of each place; None for an input whose format the samples
    choose."""
    last = ends(graph)[1]
    try:
        method, usual = parse_method(plan.method), parse_activation(plan.activations or "")
        own = {name: parse_activation(text) for name, text in plan.activation.items()}
    except ValueError as e:
        raise ModelError(str(e)) from None
    forms: list[Activation | None] = []
    for place in wanted:
        chosen = {own[name] for name in place.sources if name in own}
        if len(chosen) > 1:
            raise ModelError(f"Layers {' and '.join(place.sources)} are joined: they need one "
                             f"activation, not {' and '.join(sorted(map(str, chosen)))}")
        if chosen:
            forms.append(chosen.pop())
        elif place.kind != "activation":
            forms.append(BRANCH if place.kind == "sum" else None)
        elif plan.first_last and not last.isdisjoint(place.readers):
            forms.append(Unsigned(plan.first_last))
        else:
            forms.append(usual)
    return method, forms


def _input(form: Activation, seen: Histogram) -> Quantize:
    """The input's codes, whose scale is exact and clips nothing; ValueError if they have no even
    steps."""
    made = form.quantizer(seen.lo, seen.hi)
    if not isinstance(made, Quantize):
        raise ValueError(f"the network's input cannot be {form}; use even steps, such as u8")
    if made.zero or form.signed or seen.hi <= 0:
        return made
    whole = Fraction(seen.hi).limit_denominator(1 << 16)
    return replace(made, scale=(whole if whole > 0 else Fraction(seen.hi)) / form.top)


def _row(place: Place, form: Activation, made: Quantizer, seen: Histogram) -> QuantizedActivation:
    noise = error(seen, made)
    ratio = 10 * log10(seen.mean_square / noise) if noise > 0 and seen.mean_square > 0 else 0.0
    return QuantizedActivation(" ".join(place.sources), str(form), float(made.format.scale),
                               float(made.format.zero), seen.lo, seen.hi, ratio)
