"""What operators on codes mean: ONNX's QLinear and Integer operators, and ONNX Runtime's own.

QuantizeLinear, QLinearConv, QLinearMatMul, QGemm and QLinearAdd round before they add the zero
point, as does ONNX Runtime's code for each; its average pools add it first.
"""

from typing import Any

import numpy as np

from .meaning import MEANING, RANGES, Meaning, along, clipped, to_codes
from .windows import average_pool, conv

__all__: list[str] = []


def real(codes, scale, zero, axis: int = 1):
    rank = codes.ndim
    return (codes - along(zero, axis, rank)) * along(scale, axis, rank)


def kind(m: Meaning, zero: int) -> str:
    """The type of an output: its zero point's."""
    found = m.types[m.node.input[zero]]
    m.types[m.node.output[0]] = found
    return found


def _conv(m: Meaning, a: dict[str, Any], x, xs, xz, w, ws, wz, ys, yz, bias=None):
    total = conv(x - xz, w - along(wz, 0, w.ndim), a)
    if bias is not None:
        total = total + along(bias, 1, x.ndim)
    return to_codes(m, total * xs * along(ws, 1, x.ndim), ys, yz, kind(m, 7))


def _matmul(m: Meaning, a: dict[str, Any], x, xs, xz, w, ws, wz, ys, yz):
    total = (x - xz) @ (w - along(wz, 1, 2))
    return to_codes(m, total * xs * along(ws, -1, total.ndim), ys, yz, kind(m, 7))


def _gemm(m: Meaning, a: dict[str, Any], x, xs, xz, w, ws, wz, c=None, ys=None, yz=None):
    if a.get("transB", 0):
        w = w.T
    total = (x - xz) @ (w - along(wz, 1, 2))
    if c is not None:
        total = total + c
    y = total * xs * along(ws, 1, 2) * m.number(a.get("alpha", 1.0))
    return y if ys is None else to_codes(m, y, ys, yz, kind(m, 8))


def _two(operation):
    def meaning(m: Meaning, a: dict[str, Any], x, xs, xz, y, ys, yz, zs, zz):
        return to_codes(m, operation(real(x, xs, xz), real(y, ys, yz)), zs, zz, kind(m, 7))
    return meaning


def together(m: Meaning, y, scale, zero, name: str):
    """Rounded with the zero point added."""
    return clipped(m.rounded(y / scale + zero), *RANGES[name])


def _average(m: Meaning, a: dict[str, Any], x, xs, xz, ys, yz):
    y = average_pool(real(x, xs, xz), a, m.exact)
    return together(m, y, ys, yz, kind(m, 4))


def _global_average(m: Meaning, a: dict[str, Any], x, xs, xz, ys, yz):
    axes = tuple(range(2, x.ndim))
    total = real(x, xs, xz).sum(axis=axes, keepdims=True)
    count = int(np.prod(x.shape[2:]))
    return together(m, total / (m.number(count) if m.exact else count), ys, yz, kind(m, 4))


def _leaky(m: Meaning, a: dict[str, Any], x, xs, xz, ys, yz):
    y = real(x, xs, xz)
    return to_codes(m, np.where(y < 0, y * m.number(a.get("alpha", .01)), y), ys, yz, kind(m, 4))


def _sigmoid(m: Meaning, a: dict[str, Any], x, xs, xz, ys, yz):
    y = m.smooth(lambda v: 1 / (1 + np.exp(-v)), real(x, xs, xz))
    return to_codes(m, y, ys, yz, kind(m, 4))


def _concat(m: Meaning, a: dict[str, Any], ys, yz, *parts):
    found = [to_codes(m, real(*parts[k:k + 3]), ys, yz, kind(m, 1))
             for k in range(0, len(parts), 3)]
    return np.concatenate(found, axis=a["axis"])


def _conv_integer(m: Meaning, a: dict[str, Any], x, w, xz=None, wz=None):
    m.types[m.node.output[0]] = "int32"
    return conv(x - (0 if xz is None else xz), w - (0 if wz is None else along(wz, 0, w.ndim)), a)


def _matmul_integer(m: Meaning, a: dict[str, Any], x, w, xz=None, wz=None):
    m.types[m.node.output[0]] = "int32"
    return (x - (0 if xz is None else xz)) @ (w - (0 if wz is None else along(wz, 1, 2)))


MEANING |= {
    "QLinearConv": _conv, "QLinearMatMul": _matmul, "QGemm": _gemm,
    "QLinearAdd": _two(lambda x, y: x + y), "QLinearMul": _two(lambda x, y: x * y),
    "QLinearAveragePool": _average, "QLinearGlobalAveragePool": _global_average,
    "QLinearLeakyRelu": _leaky, "QLinearSigmoid": _sigmoid, "QLinearConcat": _concat,
    "ConvInteger": _conv_integer, "MatMulInteger": _matmul_integer,
}
