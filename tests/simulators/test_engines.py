"""Every engine gives the golden's integers, at every layer, in the cycles that were predicted."""

import numpy as np
import pytest

import qhw
from qhw.design.cycles import predict
from qhw.lower import lower
from qhw.simulators.golden import golden
from qhw.verbs import read_input
from tests.networks import random_input, random_network

MODELS = {"digits-binary": 0.90, "digits-ternary": 0.96, "digits-fixed4": 0.97}
RANDOM = range(16)


def run(graph, engine, x, **how):
    found = qhw.simulate(graph, x, engine=engine, trace=True, **how)
    assert found.matches == len(x)
    return found


def cycles(graph, samples):
    interval, latency = predict(lower(graph))
    return latency + (samples - 1) * interval


@pytest.fixture(scope="module")
def digits():
    from importlib.resources import files

    return read_input(files("qhw.models") / "digits" / "test.npz")


@pytest.mark.parametrize(("name", "least"), MODELS.items())
def test_accuracy(name, least, digits):
    """Through the golden, on the split that training never saw; the README says the same."""
    x, labels = digits
    right = int((qhw.simulate(name, x).codes[:, 0] == labels).sum())
    assert right >= least * len(x)
    from qhw.loaders import shipped
    assert f"**{right}/{len(x)}**" in (shipped()[name] / "README.md").read_text()


@pytest.mark.slow(but=2)
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("stalls", [None, 7])
def test_models_in_compiled_rtl(name, stalls, digits):
    x, _ = digits
    graph = qhw.load(name)
    found = run(graph, "verilator", x.astype(np.int64), stalls=stalls)
    if stalls is None:
        assert found.cycles == cycles(graph, len(x))


@pytest.mark.slow(but=2)
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("stalls", [None, 7])
def test_models_in_amaranth(name, stalls, digits):
    x, _ = digits
    graph = qhw.load(name)
    found = run(graph, "amaranth", x[:6].astype(np.int64), stalls=stalls)
    if stalls is None:
        assert found.cycles == cycles(graph, 6)


@pytest.mark.slow(but=6)
@pytest.mark.parametrize("engine", ["amaranth", "verilator"])
@pytest.mark.parametrize("seed", RANDOM)
def test_random_networks(seed, engine):
    """Sizes 1 to 300, odd ones too, 1 to 4 layers, any scheme and fold."""
    graph = random_network(seed, most=300)
    x = random_input(graph, 40 if engine == "verilator" else 3, seed)
    assert run(graph, engine, x).cycles == cycles(graph, len(x))
    run(graph, engine, x, stalls=seed)


@pytest.mark.parametrize("pe", [1, 2, 3, 6])
@pytest.mark.parametrize("simd", [1, 2, 4, 5, 20])
def test_any_fold_is_predicted(pe, simd):
    """The first layer's every fold before a second one that is slower, equal, or faster."""
    graph = random_network(5, most=40, layers=2)
    products = [n for n in lower(graph).nodes if n.op.kind == "matvec"]
    folds = {products[0].name: tuple(max(d for d in range(1, want + 1) if size % d == 0)
                                     for want, size in zip((pe, simd), products[0].op.codes.shape,
                                                           strict=True))}
    x = random_input(graph, 4)
    found = qhw.simulate(graph, x, engine="amaranth", folds=folds)
    interval, latency = predict(lower(graph, folds))
    assert (found.matches, found.cycles) == (4, latency + 3 * interval)


def test_reals_are_quantized_on_the_way_in():
    graph = random_network(2, most=30)
    codes = random_input(graph, 10)
    real = graph.tensors["input"].real(codes)
    a, b = qhw.simulate(graph, codes), qhw.simulate(graph, real.astype(np.float32))
    assert np.array_equal(a.codes, b.codes) and np.array_equal(a.y, b.y)


def test_a_wrong_integer_would_be_seen(monkeypatch):
    """A threshold off by one in the hardware alone: the comparison must notice."""
    from qhw.ops import MatVec

    graph = random_network(4, most=30, layers=1)
    unit = MatVec.unit

    def off_by_one(self, *xs):
        made = unit(self, *xs)
        made.start = made.start + 1
        return made

    x = random_input(graph, 4)
    assert qhw.simulate(graph, x, engine="amaranth").matches == 4
    monkeypatch.setattr(MatVec, "unit", off_by_one)
    assert qhw.simulate(graph, x, engine="amaranth", trace=True).matches == 0


@pytest.mark.parametrize("seed", range(3))
def test_golden_leaves_no_interval(seed, monkeypatch):
    """And says so if it would."""
    from qhw.errors import ModelError
    from qhw.ops import Threshold

    graph = lower(random_network(seed + 20, most=30, layers=3))
    x = random_input(graph, 4)
    golden(graph, x)
    prepared = Threshold.prepared

    def higher(self, *xs):
        codes = prepared(self, *xs)
        return lambda x: codes(x) + 1000

    monkeypatch.setattr(Threshold, "prepared", higher)
    if any(isinstance(n.op, Threshold) for n in graph.nodes):
        with pytest.raises(ModelError, match=r"Layer 'act\d': Values must be in"):
            golden(graph, x)
