"""Convolutions of batches that an image is dealt to are dilated convolutions of the image."""

from math import prod

import numpy as np
import pytest

import qhw
from qhw.layers import Conv
from sim.proof.tflites import Made

from ..compared import exact, read

pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
RNG = np.random.default_rng(0)


class Dealt:
    """SPACE_TO_BATCH_ND, a layer, BATCH_TO_SPACE_ND, and around the layer what makes an image of a
    sequence.

    With ``apart`` another operator adds the pads: the kernels leave those of SPACE_TO_BATCH_ND to
    what the memory holds."""

    def __init__(self, shape, block, pads, crops, kernel, *, apart, kind="CONV_2D", same=False,
                 axis=1, added=False, stride=1):
        self.net, self.block, self.crops = Made(), block, crops
        self.x = self.here = self.tensor(shape, 0.1, 3)
        if apart:
            every = [(0, 0), *pads, (0, 0)]
            self.op("PAD", [n + a + b for n, (a, b) in zip(shape, every, strict=True)], every)
            pads = [(0, 0)] * len(pads)
        self.deal(pads)
        if len(shape) == 3:
            self.op("EXPAND_DIMS", np.insert(self.shape, axis, 1), axis)
        self.layer(kind, kernel, same, stride)
        if added:
            c = self.net.tensor(self.shape[-1:], scale=0.02, data=RNG.integers(-99, 99, self.shape[
                -1:]))
            before = self.here
            self.here = self.tensor(self.shape, 0.05, -7)
            self.net.op("ADD", [before, c], [self.here])
        if len(shape) == 3:
            self.op("RESHAPE", self.shape[:axis] + self.shape[axis + 1:])
        self.gather()

    @property
    def shape(self):
        return self.net.tensors[self.here]["shape"]

    def tensor(self, shape, scale=None, zero=0):
        like = self.net.tensors[self.here] if scale is None else {"scale": scale, "zero": zero}
        return self.net.tensor([int(n) for n in shape], "INT8", like["scale"], like["zero"])

    def op(self, name, shape, *constants):
        made = self.tensor(shape)
        more = constants or [list(map(int, shape))]
        self.net.op(name, [self.here, *map(self.net.constant, more)], [made])
        self.here = made

    def deal(self, pads):
        sizes = [(n + a + b) // p for n, (a, b), p in zip(self.shape[1:-1], pads, self.block,
                                                          strict=True)]
        self.op("SPACE_TO_BATCH_ND", (prod(self.block), *sizes, self.shape[-1]), self.block, pads)

    def layer(self, kind, kernel, same, stride):
        depthwise, (batch, rows, columns, inputs) = kind != "CONV_2D", self.shape
        shape = (1, *kernel, inputs) if depthwise else (3, *kernel, inputs)
        outputs = inputs if depthwise else 3
        w = self.net.tensor(shape, scale=0.01, data=RNG.integers(-128, 128, shape))
        b = self.net.tensor((outputs,), "INT32", 0.001, 0, RNG.integers(-500, 500, outputs))
        made = [-(-n // stride) if same else (n - k) // stride + 1 for n, k in
                zip((rows, columns), kernel, strict=True)]
        y = self.tensor((batch, *made, outputs), 0.05, -7)
        self.net.op(kind, [self.here, w, b], [y], padding=int(not same), stride_w=stride,
                    stride_h=stride, **({"multiplier": 1} if depthwise else {}))
        self.here = y

    def gather(self):
        sizes = [n * b - sum(c) for n, b, c in zip(self.shape[1:-1], self.block, self.crops,
                                                   strict=True)]
        self.op("BATCH_TO_SPACE_ND", (1, *sizes, self.shape[-1]), self.block, self.crops)


CASES = [
    ((1, 9, 7, 2), (2, 2), [(2, 3), (2, 3)], [(0, 1), (0, 1)], (3, 3), {}),
    ((1, 9, 7, 2), (2, 2), [(2, 3), (2, 3)], [(0, 1), (0, 1)], (3, 3),
     {"kind": "DEPTHWISE_CONV_2D"}),
    ((1, 9, 7, 2), (2, 2), [(0, 1), (0, 1)], [(1, 1), (0, 1)], (3, 2), {"same": True}),
    ((1, 9, 7, 2), (3, 1), [(2, 1), (0, 0)], [(0, 1), (0, 0)], (3, 1), {"added": True}),
    ((1, 9, 7, 2), (1, 1), [(0, 0), (0, 0)], [(0, 0), (0, 0)], (3, 3), {"stride": 2}),
    ((1, 9, 2), (4,), [(8, 3)], [(0, 3)], (1, 3), {}),
    ((1, 9, 2), (4,), [(8, 3)], [(0, 3)], (3, 1), {"axis": 2}),
    ((1, 9, 2), (4,), [(8, 3)], [(0, 3)], (1, 3), {"added": True}),
    ((1, 8, 2), (2,), [(4, 0)], [(0, 0)], (1, 3), {})]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_a_convolution_of_dealt_pixels_is_dilated(case, tmp_path):
    *given, more = CASES[case]
    want = Dealt(*given, apart=True, **more)
    assert exact(want.net, want.x, [want.here], tmp_path)
    RNG.bit_generator.state = np.random.default_rng(case).bit_generator.state
    want = Dealt(*given, apart=True, **more)
    RNG.bit_generator.state = np.random.default_rng(case).bit_generator.state
    ours = Dealt(*given, apart=False, **more)
    kernels = want.net.file([want.x], [want.here])
    assert exact(ours.net, ours.x, [ours.here], tmp_path, kernels=kernels)
    graph, _ = read(ours.net, ours.x, [ours.here], tmp_path)
    conv, = (n.op for n in graph.nodes if isinstance(n.op, Conv))
    assert conv.window.dilation == tuple((*given[1], 1)[:2] if more.get("axis") == 2 or
                                         len(given[0]) == 4 else (1, *given[1]))


def test_dealt_pixels_in_gates(tmp_path):
    *given, more = CASES[5]
    made = Dealt(*given, apart=False, **more)
    graph, _ = read(made.net, made.x, [made.here], tmp_path)
    samples = RNG.integers(-128, 128, (2, 9, 2))
    assert qhw.simulate(graph, samples, engine="amaranth", trace=True).matches == 2


def test_strides_over_dealt_pixels_are_refused(tmp_path):
    made = Dealt((1, 9, 7, 2), (2, 2), [(2, 3), (2, 3)], [(0, 0), (0, 0)], (3, 3), apart=False,
                 stride=2)
    with pytest.raises(qhw.errors.ModelError, match="stride"):
        read(made.net, made.x, [made.here], tmp_path)
