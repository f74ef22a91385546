"""Compares the golden with the framework of the network's file, if that framework is installed.

The file's format knows the framework (``Format.reference``), which computes in float32. A value
within float32's error of a quantizer's step is a tie, which the framework may round to either side.
"""

import warnings
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO

import numpy as np

from ..errors import QhwError
from ..graph import Graph
from ..layers import ArgMax, Input
from ..layers.quantize import Quantizer
from ..loaders import format_of
from ..ops import MatVec
from ..tools.typed import Maybe
from .golden import evaluate, host, outputs, seen

__all__ = ["Reference", "in_doubt", "reference"]

SAMPLES = 4
MOST_PRODUCTS = 20_000_000
"""Products of all samples."""
ERROR = 2.0**-20
"""Error of sums in float32, relative to a tensor's largest value."""
CLOSE = 2.0**-16
"""Difference at which real outputs are equal, relative to an output's largest value."""


@dataclass(frozen=True)
class Reference:
    """The result of a comparison with a framework: samples that are equal, and samples with
    ties."""

    engine: str
    """Its name and version."""
    samples: int
    """That it computed; none if it cannot compute the file."""
    reason: Maybe[str] = None
    """Why it cannot."""
    equal: Maybe[int] = None
    """Samples whose outputs are the same."""
    ties: Maybe[int] = None
    """Samples that differ within float32's error of a quantizer's step."""


def reference(described: Graph, lowered: Graph, codes: np.ndarray) -> Reference | None:
    """Compares a network's outputs with those of its own framework; None if there is no framework.

    QhwError if an output without a tie differs.

    Parameters
    ----------
    described : the graph as it was loaded
    lowered : the graph of integers
    codes : input codes (N, *shape)"""
    first = described.nodes[0].op
    assert isinstance(first, Input)
    path = described.source
    known = format_of(path).reference(path, first.given) if path else None
    if known is None:
        return None
    name, run = known
    products = sum(n.op.vectors(lowered.tensors[n.inputs[0]]) * n.op.outputs * n.op.inputs
                   for n in lowered.nodes if isinstance(n.op, MatVec))
    x = _reals(lowered, codes[:max(1, min(SAMPLES, MOST_PRODUCTS // max(products, 1)))])
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            theirs = run(x)
    except Exception as e:      # what a framework cannot compute, it says in its own ways
        return Reference(name, 0, str(e).strip().split("\n")[0][:200])
    ours = host(lowered, outputs(lowered, x)).reshape(len(x), -1)
    return _verdict(described, name, ours, theirs, x)


def _verdict(described: Graph, name: str, ours: np.ndarray, theirs: np.ndarray,
             x: np.ndarray) -> Reference:
    """Counts of samples; QhwError if one differs and is no tie."""
    near = CLOSE * np.abs(theirs).max(initial=1.0)
    equal = (np.abs(ours - theirs) <= near).all(axis=1)
    ties = ~equal & in_doubt(described, x) if not equal.all() else ~equal
    if wrong := int((~equal & ~ties).sum()):
        sample = int(np.argmax(~equal & ~ties))
        place = int(np.argmax(np.abs(ours[sample] - theirs[sample])))
        raise QhwError(
            f"{described.name}: {wrong} of {len(x)} samples differ from {name}: output {place} "
            f"is {ours[sample, place]:g} and should be {theirs[sample, place]:g}; nothing was "
            f"written. This is a fault of qhw; --no-check builds all the same")
    return Reference(name, len(x), equal=int(equal.sum()), ties=int(ties.sum()))


def in_doubt(described: Graph, given: np.ndarray) -> np.ndarray:
    """Finds the samples for which float32's error changes a code or a class, bool (N,).

    ``given`` are real samples (N, *shape).
    """
    values = evaluate(described, given)
    doubt = np.zeros(len(given), bool)
    for node in described.nodes:
        if not isinstance(node.op, Quantizer | ArgMax):
            continue
        x, = (seen(node.op, values[i], described.tensors[i]) for i in node.inputs)
        axes = tuple(range(1, x.ndim))
        off = ERROR * np.abs(x).max(axis=axes, keepdims=True)
        if isinstance(node.op, ArgMax):
            two = np.sort(x, axis=-1)[..., -2:]
            doubt |= (two[..., 1] - two[..., 0] <= 2 * off[..., 0]).any(axis=axes[:-1])
        else:
            doubt |= (node.op.evaluate(x - off) != node.op.evaluate(x + off)).any(axis=axes)
    return doubt


def _reals(lowered: Graph, codes: np.ndarray) -> np.ndarray:
    """Real input in place of codes; the host of some networks computes codes from other numbers,
    which are often bytes or parts of 1."""
    first = lowered.nodes[0]
    assert isinstance(first.op, Input)
    if len(first.op.steps) < 2:
        return lowered.tensors[first.name].real(codes)
    rng = np.random.default_rng(0)
    return np.stack([rng.integers(0, 256, codes.shape[1:]) / (255 if k % 2 else 1)
                     for k in range(len(codes))])
