"""Several outputs, of which the host computes some."""

import numpy as np
import pytest

import qhw
from qhw.lower import lower
from qhw.simulators.golden import evaluate, host
from sim.proof.tflites import Made

from .compared import exact, read

pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")


class Forked:
    """Two dense layers of one input."""

    def __init__(self):
        rng, self.net = np.random.default_rng(1), Made()
        self.x = self.net.tensor((1, 6), scale=0.1, zero=3)
        self.ends = [self.net.tensor((1, n), scale=s, zero=z) for n, s, z in (
            (4, 0.3, 2), (3, 0.2, 9))]
        for k, end in enumerate(self.ends):
            w = self.net.tensor((4 - k, 6), scale=0.02, data=rng.integers(-128, 128, (4 - k, 6)))
            self.net.op("FULLY_CONNECTED", [self.x, w], [end])

    def behind(self, op, end, **options):
        """What an operator makes of an end."""
        shape = self.net.tensors[end]["shape"]
        made = self.net.tensor(shape, *(("FLOAT32",) if op == "DEQUANTIZE" else (
            "INT8", 1 / 256, -128)))
        self.net.op(op, [end], [made], **options)
        return made

    def softmax(self, end):
        return self.behind("SOFTMAX", end, beta=1.0)

    def largest(self, end):
        made = self.net.tensor((1,), "INT32")
        self.net.op("ARG_MAX", [end, self.net.constant(1)], [made], output_type=2)
        return made


HEADS = {
    "a softmax and codes": lambda f: [f.softmax(f.ends[0]), f.ends[1]],
    "codes and a softmax": lambda f: [f.ends[1], f.softmax(f.ends[0])],
    "a softmax and reals": lambda f: [f.softmax(f.ends[0]), f.behind("DEQUANTIZE", f.ends[1])],
    "a sigmoid and a softmax": lambda f: [f.behind("LOGISTIC", f.ends[1]), f.softmax(f.ends[0])],
    "a softmax and its input": lambda f: [f.softmax(f.ends[0]), f.ends[0]],
    "two softmaxes": lambda f: [f.softmax(e) for e in f.ends],
    "a real softmax": lambda f: [f.ends[1], f.behind("DEQUANTIZE", f.softmax(f.ends[0]))],
    "the largest of a softmax": lambda f: [f.largest(f.softmax(f.ends[0])), f.ends[1]],
    "the largest, and a softmax": lambda f: [f.softmax(f.ends[0]), f.largest(f.ends[0])]}


@pytest.mark.parametrize("which", HEADS)
def test_several_outputs_of_which_the_host_computes_some(which, tmp_path):
    forked = Forked()
    ends = HEADS[which](forked)
    if which == "the largest, and a softmax":
        forked.net.nodes = [n for n in forked.net.nodes if forked.ends[1] not in n[2]]
    assert exact(forked.net, forked.x, ends, tmp_path)
    graph, _ = read(forked.net, forked.x, ends, tmp_path)
    samples = np.random.default_rng(2).integers(-128, 128, (5, 6))
    lowered, want = lower(graph), evaluate(graph, samples)[graph.output.name]
    codes = evaluate(lowered.hardware, samples)[lowered.hardware.output.name]
    assert (host(lowered, codes) == want).all()


def test_a_softmax_and_codes_in_gates(tmp_path):
    forked = Forked()
    graph, _ = read(forked.net, forked.x, [forked.softmax(forked.ends[0]), forked.ends[1]],
                    tmp_path)
    samples = np.random.default_rng(2).integers(-128, 128, (2, 6))
    assert qhw.simulate(graph, samples, engine="amaranth", trace=True).matches == 2
