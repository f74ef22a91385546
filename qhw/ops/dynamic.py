"""The product of activations whose scales are found at run time; see ``layers.run_time``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import ModelError
from ..exact.num import Int
from ..graph import Fold, PeSimd, Tensor
from ..hw.units.combine import RunTimeCombineUnit
from ..hw.units.dynamic import IN_FLIGHT, DynamicUnit
from ..hw.units.matvec import MatVecUnit
from ..hw.units.runtime import BlockFloatUnit, ResidualUnit
from ..layers.run_time import BlockFloat, Residual
from ..pe import BitPlanes
from ..schedule import Channel, Net, paced
from ..tools.hdl import Component
from .matvec import MatVec
from .op import HardwareOp, Operations

__all__ = ["DynamicMatVec"]


@dataclass(frozen=True, eq=False)
class DynamicMatVec(HardwareOp):
    """Quantizes integers by ``coding`` and multiplies them by the weights, all in integers.

    The input is ``x - zero``. The result of residual planes is in steps of inputs**-planes."""

    kind = "dynamic"

    coding: Residual | BlockFloat
    weights: MatVec
    zero: int = 0

    @property
    def product(self) -> Any:
        return self.weights

    # -- the meaning

    def coded(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Computes the codes (N, inputs), or the signs of planes (N, planes, inputs), and the
        factors (N, factors)."""
        v = x - self.zero
        if isinstance(self.coding, BlockFloat):
            return self._block(v, self.coding.bits)
        n, planes = v.shape[1], self.coding.planes
        signs, factors = list[np.ndarray](), list[np.ndarray]()
        for p in range(planes):
            sign = np.where(v >= 0, 1, -1)
            total = np.abs(v).sum(axis=1, keepdims=True)
            signs.append(sign)
            factors.append(total[:, 0] * n ** (planes - 1 - p))
            v = n * v - total * sign
        return np.stack(signs, 1), np.stack(factors, 1)

    def _block(self, v: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
        top = (1 << bits - 1) - 1
        peak = np.abs(v).max(axis=1)
        exponent = np.zeros(len(v), np.int64)
        while (peak >> exponent > top).any():
            exponent += peak >> exponent > top
        half = (1 << exponent) >> 1
        rounded = (v + half[:, None]) >> exponent[:, None]
        return np.clip(rounded, -top - 1, top), exponent[:, None]

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        codes, factors = self.coded(xs[0])
        weights = self.product.weights[:, 0]
        if isinstance(self.coding, BlockFloat):
            return (codes @ weights.T) << factors
        return np.einsum("np,npi,oi->no", factors, codes, weights)

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        self._fits()
        unit = self.runtime(x)
        if isinstance(self.coding, BlockFloat):
            whole = self.product.infer(Tensor(x.shape, self._code)).integer
            return Tensor((self.product.outputs,), whole * Int(1, 1 << unit.factor.hi))
        n, size = x.size, (x.integer + Int(-self.zero, -self.zero)).size
        bound = self.weights.exact.heaviest * self.coding.planes * size * n ** self.coding.planes
        if bound >= 1 << 62:
            raise ModelError(f"its sums reach {bound}, more than 62 bits: take fewer planes, "
                             f"inputs or bits")
        return Tensor((self.product.outputs,), Int(-bound, bound))

    def _fits(self) -> None:
        """ModelError if the product has no gates for such inputs."""
        p, scheme = self.product, self.product.scheme
        if isinstance(self.coding, BlockFloat):
            if p.parts > 1 or scheme.group > 1:
                raise ModelError(f"block floating point does not go with {scheme.name} weights")
        elif not isinstance(scheme.element(p.table), BitPlanes) or (
                p.parts > 1 or scheme.code_bits > 1):
            raise ModelError(f"residual planes need weights of one bit, not {scheme.name}")

    # -- the hardware

    def folds(self, *xs: Tensor) -> Sequence[Fold]:
        return self.product.even_folds()

    def wrong(self, fold: Fold, *xs: Tensor) -> str:
        if not isinstance(fold, PeSimd):
            return super().wrong(fold, *xs)
        if fold.stages:
            return "a product of run-time statistics has no stages"
        if fold.multiply:
            return (f"its inputs get their codes at run time, so they are not multiplied as "
                    f"{fold.multiply}")
        if fold.memory:
            return "the weights of run-time statistics are where the chip's rule puts them"
        return self.product.uneven(fold)

    def folded(self, fold: Fold, family: str = "") -> "HardwareOp":
        return replace(self, weights=self.weights.folded(fold, family))

    @property
    def _code(self) -> Int:
        if isinstance(self.coding, BlockFloat):
            return Int.of_bits(self.coding.bits, signed=True)
        return Int(0, (1 << self.coding.planes) - 1)

    @property
    def i_lanes(self) -> int:
        return self.product.simd

    @property
    def o_lanes(self) -> int:
        return self.product.pe

    @cached_property
    def parts(self) -> int:
        return 1 if isinstance(self.coding, BlockFloat) else self.coding.planes

    def runtime(self, x: Tensor) -> ResidualUnit | BlockFloatUnit:
        lanes, length = self.product.simd, self._beats
        if isinstance(self.coding, BlockFloat):
            return BlockFloatUnit(x=x.integer, zero=self.zero, lanes=lanes, length=length,
                                  bits=self.coding.bits)
        return ResidualUnit(x=x.integer, zero=self.zero, lanes=lanes, length=length,
                            planes=self.coding.planes)

    def unit(self, *xs: Tensor) -> Component:
        x, = xs
        codes, p = self.runtime(x), self.product
        start = np.zeros((p.outputs, self.parts), np.int64)
        if isinstance(self.coding, BlockFloat):
            element = p.scheme.gates(self._code, p.table)
            sums = p.infer(Tensor(x.shape, self._code)).integer
        else:
            element = BitPlanes(export="activations", x_planes=self.parts)
            sums = Int(-p.inputs, p.inputs)
        product = MatVecUnit(element, p.codes, start, x=self._code, y=sums, pe=p.pe, simd=p.simd)
        combine = RunTimeCombineUnit(
            p.outputs, self.parts, codes.factor, x=sums, y=self.infer(x).integer, pe=p.pe,
            shifted=isinstance(self.coding, BlockFloat))
        return DynamicUnit(codes, product, combine)

    @property
    def _passes(self) -> int:
        return 0 if isinstance(self.coding, BlockFloat) else self.coding.planes - 1

    @property
    def _beats(self) -> int:
        return self.product.inputs // self.product.simd

    @property
    def _times(self) -> int:
        """Times that a vector is read."""
        return self.product.outputs // self.product.pe

    def interval(self, *xs: Tensor) -> int:
        return max(2 * self._beats + self._passes * (self._beats + 1), self.product.interval(*xs),
                   self._times * self.parts)

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        length, each = self._beats, self._times
        vectors = net.banks(ins[0], length, length, whole=False)
        codes, factors = net.runtime(vectors, length, self._passes * (length + 1))
        sums = self.product.stream(net, (codes,), *xs)
        return net.pipeline(net.register(sums) if self.parts > 1 else sums, 2, steps=self.parts,
                            factors=net.queue(factors, IN_FLIGHT), each=each)

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        begin = paced(arrivals + 1)[-1] + 2 + self._passes * (self._beats + 1)
        sums = self.product.schedule(begin + 1 + np.arange(self._beats), *xs)
        return paced(sums, self.parts) + self.parts + 1 + (self.parts > 1)

    def operations(self, *xs: Tensor) -> Operations:
        x, = xs
        return self.product.counted(x.wire.width, self.infer(x).integer)
