"""A random network that grows operator by operator, with parameters at the corners."""

from dataclasses import dataclass
from math import prod

import numpy as np

from .made import Made

__all__ = ["Grown", "Point"]


@dataclass(frozen=True)
class Point:
    """A tensor of a growing network."""

    number: int
    shape: tuple[int, ...]
    scale: float
    zero: int


class Grown:
    """A network that grows operator by operator behind ``here``."""

    def __init__(self, seed: int):
        self.rng, self.made = np.random.default_rng(seed), Made()
        self.type = "INT16" if self.rng.random() < 0.15 else "INT8"
        self.half = 128 if self.type == "INT8" else 32768
        rank = self.rng.choice([2, 3, 4], p=[0.2, 0.1, 0.7])
        shape = (1, *(int(n) for n in self.rng.integers(1, 9, rank - 1)))
        self.here = self.first = self.tensor(shape)
        self.ops: list[str] = []
        self.ends = [self.here.number]

    def scale(self) -> float:
        """A scale near 1, or far from it."""
        return float(np.float32(np.exp(self.rng.normal(-2, 2 if self.rng.random() < 0.2 else 0.7))))

    def tensor(self, shape, scale=None, zero=None) -> Point:
        if zero is None:
            zero = 0 if self.type == "INT16" else int(self.rng.choice(
                [-128, 127, 0, self.rng.integers(-128, 128)], p=[0.2, 0.05, 0.15, 0.6]))
        scale = self.scale() if scale is None else scale
        number = self.made.tensor(shape, self.type, scale, zero)
        return Point(number, tuple(int(n) for n in shape), scale, zero)

    def op(self, name, inputs, shape, like=None, **options) -> None:
        """Adds an operator whose output, of ``shape`` and the coding of ``like``, is the new end.
        """
        out = self.tensor(shape, *((like.scale, like.zero) if like else ()))
        self.made.op(name, inputs, [out.number], **options)
        self.here = out
        self.ops.append(name)

    def codes(self, shape) -> np.ndarray:
        """Weights: mostly any codes, sometimes few or extreme ones."""
        low, high = self.rng.choice([(-128, 127), (-127, 127), (-1, 1), (0, 1), (127, 127)],
                                    p=[0.4, 0.3, 0.1, 0.1, 0.1])
        return self.rng.integers(low, high, shape, endpoint=True)

    def weights(self, shape, outputs: int, axis: int) -> tuple[int, float]:
        """Weights per tensor or per channel, and a scale of their sums' size."""
        several = self.rng.random() < 0.6 and self.type == "INT8" or self.rng.random() < 0.3
        scale = [self.scale() for _ in range(outputs)] if several else self.scale()
        count = prod(shape) / outputs
        number = self.made.tensor(shape, "INT8", scale, 0, self.codes(shape), axis=axis)
        return number, float(np.mean(scale)) * self.here.scale * count**0.5 * (
            60 if self.type == "INT8" else 16000)

    def bias(self, outputs: int, weights: int) -> list[int]:
        if self.rng.random() < 0.2 and self.type == "INT8":
            return []
        kind = "INT32" if self.type == "INT8" else "INT64"
        values = self.rng.integers(-1000, 1000, outputs) * self.rng.choice([0, 1, 20])
        scale = np.float32(self.here.scale) * np.float32(self.made.tensors[weights]["scale"])
        return [self.made.tensor((outputs,), kind, scale, 0, values)]

    def activation(self) -> str:
        return str(self.rng.choice(["NONE", "RELU", "RELU6", "RELU_N1_TO_1"],
                                   p=[0.5, 0.25, 0.2, 0.05]))

    def fitting(self, reach: float) -> float:
        """A scale with which sums of this reach fill the codes, or are far off."""
        factor = np.exp(self.rng.normal(0, 2.5 if self.rng.random() < 0.15 else 0.5))
        return float(np.float32(max(reach / self.half * factor, 1e-6)))

    def window(self, dilated=True) -> dict | None:
        if len(self.here.shape) != 4:
            return None
        kernel = [int(k) for k in self.rng.integers(1, 4, 2)]
        size = self.here.shape[1:3]
        found = {"padding": int(self.rng.integers(2)), "stride_h": int(self.rng.integers(1, 4)),
                 "stride_w": int(self.rng.integers(1, 4))}
        dilation = [int(self.rng.choice([1, 1, 2])) if dilated else 1 for _ in size]
        extent = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        stride = found["stride_h"], found["stride_w"]
        if found["padding"]:
            made = [(n - e) // s + 1 for n, e, s in zip(size, extent, stride, strict=True)]
        else:
            made = [-(-n // s) for n, s in zip(size, stride, strict=True)]
        if min(made) < 1:
            return None
        if dilated:
            found |= {"dilation_h": dilation[0], "dilation_w": dilation[1]}
        return {"options": found, "kernel": kernel, "made": made}

    def other(self) -> Point:
        """A branch of the same shape, or a constant that broadcasts to it."""
        shape = self.here.shape
        if self.rng.random() < 0.5 and shape:
            here = self.here
            like = Point(0, (), self.scale(), self.tensor((1,)).zero)
            self.op("QUANTIZE", [here.number], shape, like)
            made, self.here = self.here, here
            return made
        small = [shape, shape[-1:], (1,) * (len(shape) - 1) + shape[-1:]][self.rng.integers(3)]
        found = self.tensor(small)
        lo, hi = (-128, 127) if self.type == "INT8" else (-32768, 32767)
        self.made.tensors[found.number]["data"] = self.rng.integers(lo, hi, small, endpoint=True)
        return found
