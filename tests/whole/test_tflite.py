"""TFLite networks in compiled Verilog: every layer equals the golden, whose codes are those of
TensorFlow Lite Micro."""

import pytest

import qhw
from qhw.errors import ModelError
from qhw.simulators.golden import evaluate

tflites = pytest.importorskip("sim.proof.tflites", reason="flatbuffers is not installed")
MOST = 4000
"""Elements of all layers."""
STEP = 1000
"""Between seeds of which one is taken."""


def grown(seed, tmp_path):
    """A random network and its samples: the first of some seeds that is small and not refused."""
    path = tmp_path / "n.tflite"
    for one in range(seed, seed + 20 * STEP, STEP):
        data, x, _ = tflites.network(one)
        path.write_bytes(data)
        try:
            graph = qhw.load(path)
        except ModelError:
            continue
        if sum(t.size for t in graph.tensors.values()) <= MOST:
            return graph, x[:, 0]
    raise AssertionError("all networks are refused or too large")


@pytest.mark.slow(but=3)
@pytest.mark.parametrize("first", range(0, 300, 20))
def test_integer_layers_keep_what_the_file_means(first, tmp_path):
    for seed in range(first, first + 20):
        data, x, ops = tflites.network(seed)
        path = tmp_path / "n.tflite"
        path.write_bytes(data)
        try:
            graph = qhw.load(path)
        except ModelError:
            continue
        want = evaluate(graph, x[:, 0])[graph.output.name]
        assert not tflites.differing(graph, x[:, 0], want), (seed, ops)


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_gates_of_small_networks(seed, tmp_path):
    graph, x = grown(seed, tmp_path)
    assert qhw.simulate(graph, x[:2], engine="verilator", trace=True).matches == 2


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("seed", range(100, 160))
def test_gates_of_many_networks(seed, tmp_path):
    graph, x = grown(seed, tmp_path)
    assert qhw.simulate(graph, x[:2], engine="verilator", trace=True, stalls=3).matches == 2
