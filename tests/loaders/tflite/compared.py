"""Networks of a few operators, held against TensorFlow Lite Micro's kernels."""

import numpy as np
import pytest

import qhw
from qhw.simulators.golden import evaluate
from sim.proof.tflites import Made, answers

__all__ = ["branches", "exact", "read"]


def read(net, x, ends, tmp_path):
    """Our graph of a network from tensor ``x`` to the tensors ``ends``, and its file."""
    data, path = net.file([x], ends), tmp_path / "n.tflite"
    path.write_bytes(data)
    return qhw.load(path), data


def exact(net, x, ends, tmp_path, *, kernels=None, samples=12):
    """Whether all outputs of our golden for random samples are those of the kernels; of the network
    ``kernels`` if these cannot read ours."""
    pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
    graph, data = read(net, x, ends, tmp_path)
    kind = np.int16 if net.tensors[x]["type"] == "INT16" else np.int8
    codes = np.iinfo(kind)
    given = np.random.default_rng(0).integers(
        codes.min, codes.max, (samples, *net.tensors[x]["shape"]), endpoint=True).astype(kind)
    wanted = []
    for k, end in enumerate(ends):
        made, tensor = answers(kernels or data, given, k), net.tensors[end]
        if tensor["scale"] is not None:
            made = float(np.float32(tensor["scale"])) * (made.astype(float) - tensor["zero"])
        wanted.append(made.reshape(samples, -1))
    ours = evaluate(graph, given[:, 0])[graph.output.name].reshape(samples, -1)
    return (ours.astype(np.float32) == np.concatenate(wanted, axis=1).astype(np.float32)).all()


def branches(kind, scales, zeros):
    """An input of a network, and two branches of other scales."""
    net = Made()
    x = net.tensor((1, 4, 6), kind, 0.1)
    made = [net.tensor((1, 4, 6), kind, s, z) for s, z in zip(scales, zeros, strict=True)]
    for y in made:
        net.op("QUANTIZE", [x], [y])
    return net, x, made
