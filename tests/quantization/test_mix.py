"""The choice of schemes against all mixes of made-up tables."""

from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.fold.goal import MARGIN, weights
from qhw.quantization import mix
from qhw.quantization.mix import DEFAULT, Want, candidates, choose, measurements
from qhw.quantization.record import Mixed, Trial
from qhw.targets import target

CHIP = target("ecp5-25k")


class Made:
    """A network whose losses and prices are a table (layers, schemes), and add up but for ``more``
    LUTs of each pair of layers in different schemes."""

    def __init__(self, seed, layers=4, schemes=3, more=0):
        rng = np.random.default_rng(seed)
        self.layers = [f"fc{k}" for k in range(layers)]
        self.names = [f"s{k}" for k in range(schemes)]
        self.loss = rng.uniform(0, 1, (layers, schemes))
        self.price = rng.integers(0, 90, (layers, schemes, 3))
        self.more = more
        self.real, self.target, self.cycles = SimpleNamespace(name="net"), CHIP, None
        self.x, self.labels = np.zeros((100, 2)), np.zeros(100)

    @property
    def candidates(self):
        return dict.fromkeys(self.layers, self.names)

    def at(self, layer, scheme):
        return self.layers.index(layer), self.names.index(scheme)

    def trial(self, layer, scheme):
        return Trial(layer, scheme, self.loss[self.at(layer, scheme)], 1.)

    def mixed(self, schemes, *, uniform):
        prices = {n: self.price[self.at(n, s)].astype(float) for n, s in schemes.items()}
        loss = sum(self.loss[self.at(n, s)] for n, s in schemes.items())
        odd = self.more * (len(set(schemes.values())) - 1)
        costs = np.sum(list(prices.values()), axis=0) + np.array([odd, 0, 0])
        correct = int(100 - 100 * loss / len(self.layers))
        return Mixed(dict(schemes), uniform, loss, *costs.astype(int), correct, correct / 100), {
            "": np.zeros(3), **prices}

    @property
    def every(self):
        return [self.mixed(dict(zip(self.layers, s, strict=True)), uniform=False)[0]
                for s in product(self.names, repeat=len(self.layers))]


@pytest.mark.parametrize("seed", range(12))
def test_the_most_accurate_within_a_budget(seed):
    made = Made(seed)
    costs = np.array([m.cost for m in made.every])
    budget = {k: int(n) for k, n in zip(("luts", "brams", "dsps"),
                                        np.quantile(costs, [.3, .4, .5], axis=0).diagonal(),
                                        strict=True)}
    budget["luts"] = int(budget["luts"] * (1 + MARGIN)) + 1
    most = np.minimum([budget["luts"] // (1 + MARGIN), budget["brams"], budget["dsps"]],
                      [np.inf, CHIP.brams, CHIP.dsps])
    fits = (costs <= most).all(axis=1)
    if not fits.any():
        with pytest.raises(ModelError, match="no mix of the schemes is within"):
            choose(made, made.candidates, Want(budget))
        return
    found = choose(made, made.candidates, Want(budget))
    best = min(m.loss for m, one in zip(made.every, fits, strict=True) if one)
    assert found.exact and found.chosen.loss == pytest.approx(best)
    assert found.chosen.fits and found.uniform in (None, *found.measured)
    assert [t.scheme for t in found.trials if t.chosen] == [*found.chosen.schemes.values()]


@pytest.mark.parametrize("seed", range(12))
def test_the_cheapest_that_reaches_an_accuracy(seed):
    """Right answers fall with the sum of losses, so the search's order is that of all mixes."""
    made = Made(seed, layers=3)
    made.price[:, :, 1:] = 0
    wanted = .6
    good = [m for m in made.every if m.accuracy >= wanted]
    found = choose(made, made.candidates, Want({}, wanted))
    least = min(float(np.linalg.norm(m.cost * weights(CHIP))) for m in good)
    assert found.chosen.accuracy >= wanted
    assert float(np.linalg.norm(found.chosen.cost * weights(CHIP))) <= 1.05 * least


def test_a_mix_that_takes_more_than_its_layers_is_searched_again():
    made = Made(1, more=40)
    made.price[:, :, 1:] = 0
    plain = choose(made, made.candidates, Want({"luts": 200}))
    assert plain.chosen.fits and plain.chosen.luts <= 200 / (1 + MARGIN)
    assert any(not m.fits and not m.uniform for m in plain.measured)


def test_never_worse_than_the_best_uniform_one():
    """Answers that do not follow the table: uniform mixes are right more often than any other."""
    made = Made(2)
    plain = made.mixed
    made.mixed = lambda schemes, uniform: (
        (lambda m, p: (m.__class__(**{**vars(m), "correct": 99 if uniform else 5}), p))(
            *plain(schemes, uniform=uniform)))
    made.price[:, :, 1:] = 0
    found = choose(made, made.candidates, Want({"luts": 9000}))
    assert found.chosen.uniform and found.chosen is found.uniform
    assert len([m for m in found.measured if not m.uniform]) >= 2


def test_refusals_say_the_least_cost():
    made = Made(3)
    least = made.price[:, :, 0].min(axis=1).sum()
    with pytest.raises(ModelError, match=rf"net: .* at least {least} LUTs are needed, and there "
                                         rf"are 8 "):
        choose(made, made.candidates, Want({"luts": 10}))
    made.price[:, :, 1:] = 0
    with pytest.raises(ModelError, match=r"100.00% is asked for, and the best mix .* has \d+\.00%"):
        choose(made, made.candidates, Want({}, 1.0))
    made.labels = None
    with pytest.raises(ModelError, match="add the array y"):
        choose(made, made.candidates, Want({}, .9))


def test_a_scheme_that_cannot_be_is_left_out():
    made = Made(4, layers=2)
    made.price[:] //= 9
    made.trial = lambda layer, scheme: Trial(layer, scheme, reason="why") if (layer, scheme) in {
        ("fc0", "s0")} else Trial(layer, scheme, made.loss[made.at(layer, scheme)])
    found = choose(made, made.candidates, Want({}))
    assert all(m.schemes["fc0"] != "s0" for m in found.measured)
    assert sum(m.uniform for m in found.measured) == 2
    made.trial = lambda layer, scheme: Trial(layer, scheme, reason="why")
    with pytest.raises(ModelError, match=r"'fc0': it can have none of the schemes.*why"):
        choose(made, made.candidates, Want({}))


def test_a_mix_that_cannot_become_hardware_is_priced_layer_by_layer():
    made = Made(5, layers=3)
    made.price[:] //= 9
    plain = made.mixed

    def mixed(schemes, *, uniform):
        if [*schemes.values()].count("s2") > 1:
            raise ModelError("two")
        return plain(schemes, uniform=uniform)
    made.mixed = mixed
    found = choose(made, made.candidates, Want({}))
    table = {(t.layer, t.scheme): t.cost for t in found.trials}
    assert table["fc1", "s2"] == tuple(made.price[1, 2])
    assert all([*m.schemes.values()].count("s2") < 2 for m in found.measured)


def test_candidates_and_their_count():
    graph = qhw.load("digits-float")
    found, named = candidates(graph, ["binary", "fixed:bits=3"], {"fc2": "inq"}, 8)
    assert found == {"fc1": ["fixed:bits=8"], "fc2": ["inq"], "fc3": ["fixed:bits=8"]}
    found, named = candidates(graph, DEFAULT, {"fc2": "inq"}, None)
    assert found == {"fc1": [*DEFAULT], "fc2": ["inq"], "fc3": [*DEFAULT]}
    assert named["inq"].name == "inq" and len(named) == len(DEFAULT) + 1
    assert measurements(found, Want()) == 17 + 9 + mix.FEW + 1
    with pytest.raises(ModelError, match="should be a scheme"):
        candidates(graph, ["what"], {}, None)
