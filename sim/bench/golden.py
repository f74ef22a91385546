"""The golden beside ONNX Runtime and numpy, on one thread; ``python -m sim.bench.speed golden``
starts it so, and fills docs/results/speed.md.

A row is measured in one run: processor time of a sample, the least of several repeats, in turns.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from qhw.graph import Graph
from qhw.layers import Input
from qhw.loaders import load
from qhw.lower import lower
from qhw.ops import MatVec
from qhw.simulators.golden import outputs

from ..beside import SHARED, there
from ..pages import fill
from ..proof.exporters.floats import Floats
from ..proof.exporters.runtime import Way, quantize
from .speed import used

SAMPLES, BATCH, REPEATS = 2048, 32, 7
MNIST = ("zoo_TFC_1W1A", "zoo_TFC_2W2A", "mnist_cnn_qdq_u8s8_pc", "mnist_cnn_w2a2_a",
         "mnist_cnn_w8a8_norm_a", "mnist_dwsep_w4a4_a", "mnist_resnet_w3a4_a")
Row = tuple[str, str, float, float]


def least(*calls: Callable[[], object]) -> list[float]:
    """Measures the processor time of each call in microseconds a sample."""
    best = [float("inf")] * len(calls)
    for _ in range(REPEATS):
        for k, call in enumerate(calls):
            begin = time.process_time()
            call()
            best[k] = min(best[k], time.process_time() - begin)
    return [1e6 * b / SAMPLES for b in best]


def ds_cnn() -> onnx.ModelProto:
    """MLPerf Tiny's keyword spotting network as ONNX Runtime quantizes it; weights by a seed."""
    f = Floats(0)
    x = f.node("Conv", "x", f.weights(64, 1, 10, 4), f.biases(64), strides=[2, 2],
               pads=[4, 1, 5, 1])
    x = f.node("Relu", x)
    for _ in range(4):
        x = f.node("Relu", f.conv(x, 64, 64, 3, group=64, pads=[1] * 4))
        x = f.node("Relu", f.conv(x, 64, 64, 1))
    x = f.node("Flatten", f.node("AveragePool", x, kernel_shape=[25, 5]))
    samples = f.numbers.normal(size=(32, 1, 49, 10)).astype(np.float32)
    return quantize(f.model((1, 49, 10), f.dense(x, 64, 12)),
                    Way("QDQ", "Int8", "Int8", per_channel=True), samples, {})


def beside_runtime(name: str, file: Path) -> Row:
    """Both read the same real samples, ONNX Runtime ``BATCH`` at a time if the file allows it."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    given, graph = session.get_inputs()[0], lower(load(file))
    batch = given.shape[0] if isinstance(given.shape[0], int) else BATCH
    x = np.random.default_rng(0).normal(size=(SAMPLES, *given.shape[1:])).astype(np.float32)
    theirs, ours = least(
        lambda: [session.run(None, {given.name: x[k:k + batch]}) for k in range(0, SAMPLES, batch)],
        lambda: outputs(graph, x))
    return name, "ONNX Runtime", theirs, ours


def beside_numpy(name: str, described: Graph) -> Row:
    """The golden reads codes of 8 bits; numpy multiplies the same codes in float32 by the weights
    of one layer after the other, and computes nothing between."""
    graph = lower(described)
    first, *others = graph.nodes
    assert isinstance(first.op, Input)
    plain = replace(first.op, steps=(), order=None, given=())
    graph = replace(graph, nodes=(replace(first, op=plain), *others))
    codes = graph.tensors[first.name].integer
    x = np.random.default_rng(0).integers(codes.lo, codes.hi + 1, (SAMPLES, *plain.shape))
    x = x.astype(np.uint8 if codes.lo >= 0 else np.int8)
    flat = x.reshape(SAMPLES, -1).astype(np.float32)
    weights = [n.op.weights[:, 0].T.astype(np.float32) for n in graph.nodes
               if isinstance(n.op, MatVec)]

    def products() -> np.ndarray:
        y = flat
        for w in weights:
            y = y @ w
        return y

    return name, "numpy", *least(products, lambda: outputs(graph, x))


def ratios() -> Iterator[Row]:
    """Measures networks of 8 bits beside ONNX Runtime, and MLPs beside numpy."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "kws.onnx")
        onnx.save(ds_cnn(), file)
        yield beside_runtime("KWS, DS-CNN of MLPerf Tiny, int8", file)
    if there("zoo", "networks of others"):
        zoo = SHARED / "zoo/models"
        for name in ("mnist_cnn_qdq_u8s8_pc", "digits_cnn_qcdq_w4a4"):
            yield beside_runtime(name, zoo / f"{name}.onnx")
        for name in ("zoo_TFC_1W1A", "zoo_TFC_2W2A", "kws_w3a3_mlperf", "digits_mlp_w4a4_a"):
            yield beside_numpy(name, load(zoo / f"{name}.onnx"))
    for name in ("digits-ternary", "digits-fixed4"):
        yield beside_numpy(name, load(name))


def commands() -> Iterator[tuple[str, float]]:
    """Measures ``qhw simulate`` of 500 samples of MNIST as a command, start and import included, in
    seconds of processor time: the least of three."""
    for name in MNIST:
        model, samples = (SHARED / f"zoo/{part}" for part in (f"models/{name}.onnx",
                                                              f"data/{name}.npz"))
        if model.exists():
            every = [used("-m", "qhw", "simulate", str(model), "--input", str(samples))
                     for _ in range(3)]
            if any(status for status, _ in every):
                raise SystemExit(f"qhw simulate {model} failed")
            yield name, min(usage.ru_utime + usage.ru_stime for _, usage in every)


def main() -> None:
    """Fills the tables of docs/results/speed.md."""
    lines = ["| network | beside | it, us a sample | golden, us a sample | ratio |",
             "|---|---|--:|--:|--:|"]
    for name, what, theirs, ours in ratios():
        lines.append(f"| {name} | {what} | {theirs:.2f} | {ours:.2f} | {ours / theirs:.2f} |")
        print(lines[-1], flush=True)
    lines += ["", "| `qhw simulate` of 500 samples | processor time |", "|---|--:|"]
    for name, seconds in commands():
        lines.append(f"| {name} | {seconds:.2f} s |")
        print(lines[-1], flush=True)
    fill("results/speed.md", "golden", lines)


if __name__ == "__main__":
    main()
