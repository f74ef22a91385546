"""Sensitivity: the effect of each layer alone in each scheme on a network's answers, and its price.

The answers are those of calibration samples, and no others. Price and answers of a whole mix of
schemes are measured in the same way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..errors import ModelError
from ..estimator import estimate
from ..fold.trellis import KINDS
from ..graph import Graph
from ..layers import ArgMax
from ..lower import lower
from ..schemes import Scheme
from ..simulators.golden import evaluate
from ..targets import Target
from .bias import corrected
from .metrics import right
from .places import batches
from .quantize import correct, look, quantized, scores
from .record import Mixed, Trial

__all__ = ["Setting", "priced"]


@dataclass(frozen=True, eq=False)
class Setting:
    """A network whose activations are codes, and all that its mixes are measured by."""

    real: Graph
    x: np.ndarray
    """Calibration samples (N, *shape)."""
    schemes: Mapping[str, Scheme]
    """By their names in the table."""
    labels: np.ndarray | None
    """Their classes (N,)."""
    target: Target
    cycles: int | None = None
    """Most cycles of an inference."""
    per_tensor: bool = False
    correct_bias: bool = False

    @cached_property
    def seen(self) -> Mapping[str, np.ndarray]:
        """Every layer's values on a part of the samples."""
        return look(self.real, self.x)

    @cached_property
    def judged(self) -> str:
        """The layer with the network's scores, which an argmax may be behind."""
        node = self.real.output
        while isinstance(node.op, ArgMax):
            node = self.real.by_name[node.inputs[0]]
        return node.name

    @cached_property
    def wanted(self) -> np.ndarray:
        """The scores (N, *shape) before any weight is quantized."""
        return self.answers(self.real)[0]

    def made(self, names: Mapping[str, str]) -> Graph:
        """Quantizes layers' weights as ``quantize`` does, with the names of their schemes;
        ModelError if a scheme does not fit."""
        schemes = {layer: self.schemes[name] for layer, name in names.items()}
        graph, _ = quantized(self.real, schemes, self.seen, per_tensor=self.per_tensor)
        return corrected(self.real, graph, self.x) if self.correct_bias else graph

    def answers(self, graph: Graph) -> tuple[np.ndarray, np.ndarray]:
        """Computes the scores and the outputs of a real graph, each (N, *shape)."""
        found: list[tuple[np.ndarray, np.ndarray]] = []
        for part in batches(graph, self.x):
            values = evaluate(graph, part)
            found.append((values[self.judged], values[graph.output.name]))
        made, ends = zip(*found, strict=True)
        tensor, whole = graph.tensors[self.judged], np.concatenate(made)
        return whole if tensor.codes is None else tensor.real(whole), np.concatenate(ends)

    def loss(self, made: np.ndarray) -> float:
        """Computes the squared error of scores (N, *shape), relative to the wanted ones'
        squares."""
        return float(np.square(made - self.wanted).sum()
                     / max(float(np.square(self.wanted).sum()), 1e-300))

    def trial(self, layer: str, scheme: str) -> Trial:
        """Measures one layer alone in a scheme; its price is not known yet."""
        try:
            graph = self.made({layer: scheme})
        except ModelError as e:
            return Trial(layer, scheme, reason=str(e))
        made, ends = self.answers(graph)
        accuracy = (None if self.labels is None else
                    float(right(scores(graph, ends), self.labels).mean()))
        return Trial(layer, scheme, self.loss(made), accuracy)

    def mixed(self, schemes: Mapping[str, str], *, uniform: bool
              ) -> tuple[Mixed, Mapping[str, np.ndarray]]:
        """Measures a whole mix; returns it, and the price (kinds,) of each layer with the units
        behind it, by its name, and of the units before all layers by the empty name.

        ModelError if it cannot become hardware.

        Parameters
        ----------
        schemes : names of schemes by layer
        uniform : whether it is one scheme for all"""
        graph = self.made(schemes)
        low = lower(graph, cycles=self.cycles, family=self.target.family.name)
        prices = {name: np.zeros(len(KINDS)) for name in ("", *schemes)}
        layer = ""
        for name, cost in estimate(low, self.target).items():
            layer = name if name in schemes else layer
            prices[layer] += [getattr(cost, kind) for kind in KINDS]
        luts, brams, dsps = (int(n) for n in np.sum(list(prices.values()), axis=0))
        known = Mixed(dict(schemes), uniform, self.loss(self.answers(graph)[0]), luts, brams,
                      dsps)
        if self.labels is not None:
            count = correct(low, self.x, self.labels)
            known = replace(known, correct=count, accuracy=count / len(self.x))
        return known, prices


def priced(trials: Sequence[Trial], scheme: str, prices: Mapping[str, np.ndarray]) -> list[Trial]:
    """Adds the prices of one scheme to the trials with it.

    Parameters
    ----------
    trials : layers in schemes
    scheme : the scheme as text
    prices : prices (kinds,) by layer
    """
    return [replace(one, **{kind: int(n) for kind, n in zip(KINDS, prices[one.layer], strict=True)})
            if one.scheme == scheme and one.layer in prices and one.reason is None else one
            for one in trials]
