"""Streaming networks in compiled Verilog over whole sequences: every layer of every inference
equals the golden, in the cycles predicted, and a build's own check is long enough to see state."""

from pathlib import Path

import numpy as np
import pytest

import qhw
from qhw.design.cycles import total
from qhw.errors import ModelError, QhwError
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Input
from qhw.lower import lower
from qhw.ops import History
from qhw.simulators import selfcheck
from qhw.simulators.golden import evaluate
from qhw.verilog.design import Design

ZOO = Path(__file__).parents[3] / "shared/zoo2"
MOST = 3000
"""Elements of all layers."""


def both_ways(graph, x):
    """The whole sequence, with and without pauses."""
    free = qhw.simulate(graph, x, engine="verilator", trace=True)
    paused = qhw.simulate(graph, x, engine="verilator", trace=True, stalls=3)
    assert free.matches == paused.matches == len(x)
    assert free.cycles == total(lower(graph), len(x))
    return free


def drawn(kind, seed, folder, operator):
    """A random network with an operator, and its sequence of inputs."""
    tflites = pytest.importorskip("sim.proof.tflites", reason="flatbuffers is not installed")
    data, x, ops = getattr(tflites, kind)(seed)
    path = folder / "n.tflite"
    path.write_bytes(data)
    assert operator in ops
    return qhw.load(path), x[:, 0]


@pytest.mark.slow(but=2)
@pytest.mark.parametrize("seed", range(500, 530))
def test_gates_of_random_streaming_networks(seed, tmp_path):
    tflites = pytest.importorskip("sim.proof.tflites", reason="flatbuffers is not installed")
    data, x, ops = tflites.streaming(seed)
    path = tmp_path / "n.tflite"
    path.write_bytes(data)
    try:
        graph = qhw.load(path)
    except ModelError as e:
        pytest.skip(f"{ops}: {e}")
    if sum(t.size for t in graph.tensors.values()) > MOST:
        pytest.skip("too large for a simulation of gates")
    both_ways(graph, x[:, 0])


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("seed", [16, 29, 30])
def test_gates_of_random_filters(seed, tmp_path):
    both_ways(*drawn("filtered", seed, tmp_path, "SVDF"))


@pytest.mark.slow(but=2)
@pytest.mark.parametrize("seed", range(12))
def test_gates_of_random_lstm(seed, tmp_path):
    both_ways(*drawn("recurrent", seed, tmp_path, "UNIDIRECTIONAL_SEQUENCE_LSTM"))


@pytest.mark.slow
def test_gates_of_an_lstm_that_hears_words():
    path = ZOO / "models/tflm_micro_speech_lstm.tflite"
    if not path.is_file():
        pytest.skip("the networks of others are not beside this project")
    data = np.load(ZOO / "data/tflm_micro_speech_lstm.npz")
    found = both_ways(qhw.load(path), data["x"][:3, 0])
    assert (found.codes.ravel() == data["codes"][:3].ravel()).all()


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("name", ["mww_vad", "mww_okay_nabu", "mww_hey_jarvis", "mww1_alexa"])
def test_gates_of_wake_words(name):
    path = ZOO / f"models/{name}.tflite"
    if not path.is_file():
        pytest.skip("the networks of others are not beside this project")
    data = np.load(ZOO / f"data/{name}.npz")
    found = both_ways(qhw.load(path), data["x"][:, 0])
    assert (found.codes.ravel() == data["codes"].ravel()).all()


KEPT = Graph("kept", (
    Node("x", Input((1, 2), Int(-8, 7))),
    Node("a", History(np.full((11, 2), 3)), ("x",)),
    Node("b", History(np.arange(4).reshape(2, 2)), ("a",)))).check()


@pytest.mark.parametrize(("wrong", "right"), [
    ("missing > 4'd1", "missing > 4'd2"),       # an initial row is gone an inference too early
    ("put >= 4'd11", "put >= 4'd10")])          # the ring is a word too short
def test_a_fault_that_only_later_inferences_show_is_not_written(wrong, right, tmp_path,
                                                                monkeypatch):
    files = Design.files.func

    def planted(design):
        (name, text), *others = files(design).items()
        assert wrong in text
        return {name: text.replace(wrong, right), **dict(others)}

    monkeypatch.setattr(Design, "files", property(planted))
    with pytest.raises(QhwError, match=r"layer 'a': .* of the compiled Verilog differ"):
        qhw.build(KEPT, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_check_goes_on_until_the_initial_state_is_forgotten(tmp_path):
    """At most 11 inferences by the first ring, and 1 by the second, besides the usual ones."""
    check = qhw.build(KEPT, tmp_path / "out")["check"]
    assert (check["samples"], check["stalled"]) == (8 + 12, 4 + 12)
    x = selfcheck.samples(KEPT, 20)
    later = x.copy()
    later[0] ^= 1
    a, b = (evaluate(KEPT, v)["b"] for v in (x, later))
    assert (a[11] != b[11]).any() and (a[12:] == b[12:]).all()
