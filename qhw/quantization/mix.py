"""Mixed precision: the scheme of each layer, chosen by an exact search for a budget of hardware or
for an accuracy.

The search adds up losses and prices of single layers (``sensitivity``). Errors of layers are not
independent, and a layer's price depends on its neighbours; so the best mixes of the search are
measured as whole networks beside the uniform ones, and the best that was measured is chosen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt

import numpy as np

from ..errors import ModelError
from ..fold.goal import MARGIN, weights
from ..fold.limits import Limits
from ..fold.search import Search
from ..fold.trellis import KINDS, Move, Path, Trellis
from ..graph import Graph
from ..schemes import Scheme, parse
from ..targets.cost import SITES
from .quantize import schemes_by_layer
from .record import Choice, Mixed, Trial
from .sensitivity import Setting, priced

__all__ = ["DEFAULT", "Want", "candidates", "choose", "measurements"]

DEFAULT = ("fixed:bits=8", "fixed:bits=6", "fixed:bits=4", "fixed:bits=3", "fixed:bits=2", "po2",
           "ternary", "binary")
"""Schemes that are tried if none are named."""
FEW = 4
"""Mixes beside the best one that are measured: each is the best in which one of the layers that
lose most has another scheme."""
ROUNDS = 6
"""Searches again with less room, after a mix that takes more than its layers' prices."""
HALVINGS = 8
"""Searches between the most accurate mix and the cheapest."""
LEAST = 1e-12
"""Loss that counts as none."""

@dataclass(frozen=True)
class Want:
    """A budget, an accuracy, or both."""

    budget: Mapping[str, int] = field(default_factory=dict[str, int])
    """LUTs, block RAMs and DSP blocks, by kind."""
    accuracy: float | None = None
    """0 to 1, on the calibration samples."""


def candidates(graph: Graph, texts: Sequence[str], layers: Mapping[str, str], bits: int | None
               ) -> tuple[dict[str, list[str]], dict[str, Scheme]]:
    """Lists the names of the schemes to try for each layer with float weights; returns them, and
    the schemes by name. ModelError if one is unknown.

    Parameters
    ----------
    graph : the loaded graph
    texts : schemes as text
    layers : the one scheme of a layer, by its name
    bits : bits of the first and the last layers in fixed point, if given"""
    found: dict[str, list[str]] = {}
    named: dict[str, Scheme] = {}
    for text in texts:
        for layer, one in schemes_by_layer(graph, text, layers, bits).items():
            name = next((said for said in (text, layers.get(layer)) if said and parse(said) == one),
                        f"fixed:bits={bits}")
            named[name] = one
            found[layer] = list(dict.fromkeys([*found.get(layer, ()), name]))
    return found, named


def choose(setting: Setting, candidates: Mapping[str, Sequence[str]], want: Want,
           step: Callable[[], None] = lambda: None) -> Choice:
    """Chooses the scheme of each layer; returns the record.

    With a budget the mix is the most accurate that was measured within it; with an accuracy, the
    cheapest that reaches it. ModelError if nothing that was measured does.

    Parameters
    ----------
    setting : the network, and its measures
    candidates : names of schemes to try, by layer
    want : budget and accuracy
    step : called after each measurement"""
    if want.accuracy is not None and setting.labels is None:
        raise ModelError("An accuracy is measured by labels: add the array y to the samples of "
                         "--calibrate")
    found = _Mixer(setting, candidates, want, step)
    return found.reached() if want.accuracy is not None else found.within()


def measurements(candidates: Mapping[str, Sequence[str]], want: Want) -> int:
    """Computes about how many measurements a choice takes, for a progress bar."""
    singles = sum(map(len, candidates.values()))
    schemes = {one for every in candidates.values() for one in every}
    return singles + len(schemes) + (FEW + 1 if want.accuracy is None else HALVINGS + 2)


class _Mixer:
    """One choice: the table, and the mixes that were measured."""

    def __init__(self, setting: Setting, candidates: Mapping[str, Sequence[str]], want: Want,
                 step: Callable[[], None]):
        self.setting, self.want, self.step = setting, want, step
        self.name = setting.real.name
        self.most = self._limits()
        self.exact = True
        self.known: dict[tuple[str, ...], Mixed] = {}
        self.trials = [self._trial(name, one) for name, every in candidates.items()
                       for one in every]
        self.free = {name for name, every in candidates.items() if len(every) > 1}
        self.before = np.zeros(len(KINDS))
        for scheme in dict.fromkeys(one for every in candidates.values() for one in every):
            self._uniform(scheme)
        self.layers = {name: [t for t in self.trials if t.layer == name and t.reason is None]
                       for name in candidates}
        self._some(self.layers)

    # -- the table

    def _limits(self) -> np.ndarray:
        """The most that the estimate may say, (kinds,)."""
        found: list[float] = []
        for kind in KINDS:
            chip = getattr(self.setting.target, kind) or np.inf
            most = min(self.want.budget.get(kind, np.inf), chip)
            found.append(most // (1 + MARGIN) if kind == "luts" and np.isfinite(most) else most)
        return np.array(found)

    def _trial(self, layer: str, scheme: str) -> Trial:
        made = self.setting.trial(layer, scheme)
        self.step()
        return made

    def _some(self, layers: Mapping[str, Sequence[Trial]]) -> None:
        for name, sound in layers.items():
            if not sound:
                why = next(t.reason for t in self.trials if t.layer == name)
                raise ModelError(f"Layer {name!r}: it can have none of the schemes; the first "
                                 f"fails: {why}")

    def _uniform(self, scheme: str) -> None:
        """Measures a scheme in all layers that can have it, and prices it; if that cannot become
        hardware, each layer alone."""
        sound = {layer: [t.scheme for t in self.trials if t.layer == layer and t.reason is None]
                 for layer in dict.fromkeys(t.layer for t in self.trials)}
        self._some({layer: [t for t in self.trials if t.layer == layer and t.reason is None]
                    for layer in sound})
        every = {layer: scheme if scheme in names else names[0] for layer, names in sound.items()}
        free = [layer for layer in every if layer in self.free] or list(every)
        uniform = all(every[layer] == scheme for layer in free)
        try:
            prices = self._measured(every, uniform=uniform)[1]
            self.trials = priced(self.trials, scheme, prices)
            self.before = prices[""]
        except ModelError:
            for layer in (layer for layer, one in every.items() if one == scheme):
                self._alone(layer, scheme, {name: names[0] for name, names in sound.items()})
        self.step()

    def _alone(self, layer: str, scheme: str, base: Mapping[str, str]) -> None:
        """Prices one layer in a scheme, among others in their first ones."""
        try:
            prices = self._measured({**base, layer: scheme}, uniform=False)[1]
            self.trials = priced(self.trials, scheme, {layer: prices[layer]})
        except ModelError as e:
            self.trials = [replace(t, reason=str(e)) if (t.layer, t.scheme) == (layer, scheme)
                           else t for t in self.trials]

    # -- whole mixes

    def _measured(self, names: Mapping[str, str], *, uniform: bool = False
                  ) -> tuple[Mixed, Mapping[str, np.ndarray]]:
        made, prices = self.setting.mixed(names, uniform=uniform)
        made = replace(made, fits=bool((made.cost <= self.most).all()))
        self.known.setdefault(tuple(names.values()), made)
        return made, prices

    def _measure(self, path: Path) -> Mixed | None:
        """Measures the mix of a path; None if it cannot become hardware."""
        names = dict(filter(None, path.choices))
        if tuple(names.values()) not in self.known:
            try:
                self._measured(names)
            except ModelError:
                return None
            self.step()
        return self.known[tuple(names.values())]

    # -- the search

    def _path(self, most: np.ndarray, loss: float = np.inf, *, cheap: bool = False,
              but: tuple[str, str] | None = None) -> Path | None:
        """Finds the mix of least loss within ``most`` (kinds,); if ``cheap``, of the least hardware
        with at most ``loss``. ``but`` is a layer and a scheme that it must not have."""
        steps = Trellis((), len(KINDS) + 1)
        steps.add({(): [Move((), 0, np.append(self.before, 0), None)]}.__getitem__)
        for name, sound in self.layers.items():
            moves = [Move((), 0, np.array([*t.cost, t.loss or 0.0]), (name, t.scheme))
                     for t in sound if (name, t.scheme) != but]
            if not moves:
                return None
            steps.add({(): moves}.__getitem__)
        share = np.append(weights(self.setting.target), 0) if cheap else np.eye(len(KINDS) + 1)[-1]
        path = Search(steps, Limits(np.append(np.maximum(most, 0), loss), share)).cheapest(0)
        if path is None or not path.choices:
            self.exact &= path is None
            return None
        self.exact &= path.exact
        return path

    def _fitting(self, loss: float = np.inf, *, cheap: bool = False) -> tuple[Path, Mixed] | None:
        """Searches again with less room until the mix fits as a whole."""
        most = self.most
        for _ in range(ROUNDS):
            path = self._path(most, loss, cheap=cheap)
            made = self._measure(path) if path else None
            if path is None or made is None:
                return None
            if made.fits:
                return path, made
            most = most - np.maximum(made.cost - self.most, 0)
        return None

    def within(self) -> Choice:
        """The most accurate mix within the budget."""
        best = self._fitting()
        if best:
            losses = {(t.layer, t.scheme): t.loss or 0 for t in self.trials}
            for one in sorted(best[1].schemes.items(), key=lambda one: -losses[one])[:FEW]:
                if other := self._path(self.most, but=one):
                    self._measure(other)
        sound = [made for made in self.known.values() if made.fits]
        if not sound:
            raise self._nothing()
        return self._record(min(sound, key=self._worse))

    def reached(self) -> Choice:
        """The cheapest mix that reaches the accuracy within the budget."""
        wanted = self.want.accuracy or 0.0

        def good(made: Mixed) -> bool:
            return (made.accuracy or 0.0) >= wanted

        best, least = self._fitting(), self._fitting(cheap=True)
        if best and least and not good(least[1]):
            low, high = (max(float(path.cost[-1]), LEAST) for path, _ in (best, least))
            for _ in range(HALVINGS):
                middle = sqrt(low * high)
                between = self._fitting(middle, cheap=True)
                low, high = (middle, high) if between and good(between[1]) else (low, middle)
        sound = [made for made in self.known.values() if made.fits]
        if not sound:
            raise self._nothing()
        if not any(map(good, sound)):
            top = min(sound, key=self._worse)
            raise ModelError(f"{self.name}: an accuracy of {wanted:.2%} is asked for, and the best "
                             f"mix within the limits has {top.accuracy or 0:.2%} on the "
                             f"{len(self.setting.x)} calibration samples ({_said(top.schemes)}); "
                             f"allow other schemes, more bits of activations or more hardware")
        return self._record(min(filter(good, sound), key=lambda m: (
            self._hardware(m), self._worse(m))), cheap=True)

    def _hardware(self, made: Mixed) -> float:
        return float(np.linalg.norm(made.cost * weights(self.setting.target)))

    def _worse(self, made: Mixed) -> tuple[float, float, float]:
        """A key that is smaller for a better mix: right answers count first, if there are
        labels."""
        return -(made.correct or 0), made.loss, self._hardware(made)

    # -- the result

    def _record(self, best: Mixed, *, cheap: bool = False) -> Choice:
        def order(made: Mixed) -> tuple[bool, bool, float, tuple[float, ...]]:
            return (made is not best, not made.fits, self._hardware(made) if cheap else 0.0,
                    self._worse(made))

        measured = sorted(self.known.values(), key=order)
        return Choice(
            self.setting.target.name, dict(self.want.budget), self.want.accuracy,
            {kind: int(n) if np.isfinite(n) else None
             for kind, n in zip(KINDS, self.most, strict=True)},
            MARGIN, self.setting.cycles, len(self.setting.x), self.exact,
            tuple(replace(t, chosen=best.schemes[t.layer] == t.scheme) for t in self.trials),
            tuple(replace(made, chosen=made is best) for made in measured))

    def _nothing(self) -> ModelError:
        """Says the least possible cost, and what there is."""
        endless = np.full(len(KINDS), np.inf)
        lines: list[str] = []
        for k, kind in enumerate(KINDS):
            each = [min(t.cost[k] for t in sound) for sound in self.layers.values()]
            least = int(self.before[k]) + sum(each)
            if least > self.most[k]:
                lines.append(f"at least {least} {SITES[kind]} are needed, and there are "
                             f"{int(self.most[k])}")
        if not lines:
            path = self._path(endless, cheap=True)
            assert path
            lines = [f"the cheapest mix takes {_amounts(path.cost)}, and there are "
                     f"{_amounts(self.most)}"]
        margin = (f" ({MARGIN:.0%} of the LUTs are left for the estimate's error)"
                  if np.isfinite(self.most[0]) else "")
        return ModelError(f"{self.name}: no mix of the schemes is within the budget on "
                          f"{self.setting.target.name}: {' and '.join(lines)}{margin}; allow more, "
                          f"cheaper schemes, or smaller folds by more --cycles")


def _amounts(cost: np.ndarray) -> str:
    return ", ".join(f"{n:.0f} {word}" for n, word in zip(cost, SITES.values(), strict=False)
                     if np.isfinite(n))


def _said(schemes: Mapping[str, str]) -> str:
    return ", ".join(f"{layer}={scheme}" for layer, scheme in schemes.items())
