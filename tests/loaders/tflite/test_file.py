"""Files that are damaged or lie are refused in one line."""

import struct
from contextlib import suppress

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.loaders import findings

from .networks import refused, tflites


def small():
    """A convolution, a pool and a fully connected layer."""
    rng, made = np.random.default_rng(0), tflites.Made()
    x = made.tensor((1, 6, 5, 2), scale=0.1, zero=3, name="image")
    w = made.tensor((3, 3, 3, 2), scale=[0.1, 0.2, 0.3], data=rng.integers(-128, 128, (3, 3, 3, 2)))
    b = made.tensor((3,), "INT32", data=rng.integers(-500, 500, 3))
    y = made.tensor((1, 6, 5, 3), scale=0.5, zero=-20, name="conv/relu;conv/bias")
    made.op("CONV_2D", [x, w, b], [y], stride_w=1, stride_h=1, activation="RELU")
    p = made.tensor((1, 3, 2, 3), scale=0.5, zero=-20)
    made.op("MAX_POOL_2D", [y], [p], padding=1, stride_w=2, stride_h=2, filter_width=2,
            filter_height=2)
    f = made.tensor((4, 18), scale=0.1, data=rng.integers(-128, 128, (4, 18)))
    z = made.tensor((1, 4), scale=2.0, name="scores")
    made.op("FULLY_CONNECTED", [p, f, -1], [z])
    return made.file([x], [z])


def test_a_file_that_ends_early_is_refused(tmp_path):
    data = small()
    for end in range(8, len(data) - 1, 37):
        refused(tmp_path, data[:end])


def test_changed_words_are_refused_or_read_but_never_break_anything(tmp_path):
    """What is read of them has a shape; nothing takes memory or time beyond the limits."""
    data, rng, path = small(), np.random.default_rng(1), tmp_path / "n.tflite"
    for _ in range(400):
        broken = bytearray(data)
        for at in rng.integers(8, len(data) - 4, rng.integers(1, 4)):
            word = int(rng.choice([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
                                   rng.integers(1 << 32)]))
            size = int(rng.choice([1, 4]))
            broken[at:at + size] = struct.pack("<I", word)[:size]
        path.write_bytes(broken)
        for ask in (qhw.load, findings):
            with suppress(ModelError):
                ask(path)


@pytest.mark.parametrize(("count", "reason"), [(0, "no subgraph"), (4, "version")])
def test_what_the_root_lacks_is_said(tmp_path, count, reason):
    import flatbuffers

    b = flatbuffers.Builder(64)
    b.Finish(tflites.table(b, {}, {0: ("uint", count or 3)}), b"TFL3")
    refused(tmp_path, bytes(b.Output()), reason)


def test_an_option_that_is_not_known_is_refused(tmp_path, monkeypatch):
    """A later schema's field, of which the reader knows no meaning."""
    made, name = tflites.Made(), "MAX_POOL_2D"
    x, y = made.tensor((1, 2, 2, 1), scale=0.1), made.tensor((1, 1, 1, 1), scale=0.1, name="pool")
    number, fields = tflites.made.OPTIONS[name]
    monkeypatch.setitem(tflites.made.OPTIONS, name, (number, {**fields, "later": (6, "byte", 0)}))
    made.op(name, [x], [y], stride_h=1, stride_w=1, filter_height=2, filter_width=2, padding=1,
            later=1)
    data = made.file([x], [y])
    monkeypatch.undo()
    refused(tmp_path, data, r"node 'pool' \(MAX_POOL_2D\): its options have a field 6")
