"""Exact products of constant matrices and vectors of integers, by BLAS where no sum can round.

The type is one whose mantissa holds the sum of the magnitudes of an output's products. Each partial
sum is then an integer that the type holds, in whatever order BLAS adds."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from .held import HOLDS, holding
from .window import Window

__all__ = ["Depthwise", "Digits", "Product"]

Function = Callable[[np.ndarray], np.ndarray]

WORTH = 48
"""Inputs from which on taking sums apart costs less than their products."""


@dataclass(frozen=True)
class Digits:
    """Several small sums in one float: ``count`` digits in the power of two ``base``.

    Digits are of magnitudes below half of ``base``, so that a number determines its digits. A
    product with joined weights computes ``count`` outputs at once."""

    count: int
    base: int

    @classmethod
    def of(cls, reach: int, outputs: int) -> "Digits":
        """Selects as many digits as float32 holds, at most ``outputs``; ``reach`` bounds the sum of
        the magnitudes of an output's products."""
        count, base = 1, 1 << (2 * reach).bit_length()
        while count < outputs and reach * sum(
                base**k for k in range(count + 1)) <= HOLDS[np.float32]:
            count += 1
        return cls(count, base)

    def joined(self, rows: np.ndarray) -> np.ndarray:
        """Joins rows of integers (rows, ...): the first ones are the last digits."""
        each = -(-len(rows) // self.count)
        made = np.zeros((self.count * each, *rows.shape[1:]), np.int64)
        made[:len(rows)] = rows
        parts = made.reshape(self.count, each, *rows.shape[1:])
        return np.tensordot([self.base**k for k in range(self.count)], parts, 1)

    def apart(self, joined: np.ndarray, out: np.ndarray) -> None:
        """Takes joined rows of float32 apart, into the rows ``out`` of integers of any type."""
        each, base = len(joined), np.float32(self.base)
        for k in range(0, self.count * each, each):
            part = out[k:k + each]
            if k < (self.count - 1) * each:
                above = np.rint(joined / base)
                joined, rest = above, joined - above * base
            else:
                rest = joined
            part[:] = rest[:len(part)]


@dataclass(frozen=True, eq=False)
class Product:
    """``weights @ x + start``: weights (groups, outputs of a group, inputs), start (outputs,).

    Vectors are the last dimension of x, with several groups the last two dimensions; outputs are
    the last dimension of the result."""

    weights: np.ndarray
    start: np.ndarray

    @cached_property
    def heaviest(self) -> int:
        """The largest sum of the magnitudes of an output's weights."""
        return int(np.abs(self.weights).sum(axis=2).max())

    def bound(self, most: int) -> int:
        """Computes the magnitude up to which sums may be, in every order of additions, for inputs
        of magnitudes up to ``most``."""
        return self.heaviest * most + int(np.abs(self.start).max())

    def kind(self, most: int) -> type[np.number]:
        """Selects the fastest type that is exact for inputs of magnitudes up to ``most``."""
        return holding(max(self.bound(most), most))

    def within(self, most: int) -> Function:
        """Prepares the product for inputs of magnitudes up to ``most``.

        The function takes arrays of integers of any type. It computes with vectors as columns: in
        Fortran's order they are a matrix without a copy, and so is the result."""
        groups, outputs, inputs = self.weights.shape
        kind = self.kind(most)
        digits = Digits.of(self.heaviest * most, outputs if inputs >= WORTH else 1)
        weights = [digits.joined(w).astype(kind) for w in self.weights]
        start = self.start.astype(kind)[:, None]

        def product(x: np.ndarray) -> np.ndarray:
            grouped = x if groups > 1 else x[..., None, :]
            shape = grouped.shape[:-2]
            sums = np.empty((groups, outputs, prod(shape)), kind)
            for g, w in enumerate(weights):
                columns = grouped[..., g, :].T.reshape(inputs, -1).astype(kind, copy=False)
                if digits.count == 1:
                    np.matmul(w, columns, out=sums[g])
                else:
                    digits.apart(w @ columns, sums[g])
            found = sums.reshape(len(start), -1)
            found += start
            return found.reshape(len(start), *shape[::-1]).T

        return product


@dataclass(frozen=True, eq=False)
class Depthwise:
    """The product of the windows of an image, where each channel has weights of its own.

    ``product`` has a group for each channel and an output for each group; pads hold ``fill``. The
    windows are not copied: in Fortran's order a tap of all windows of a channel is one run of the
    padded image. Runs have some elements between rows that belong to no window; they are left out.
    """

    product: Product
    window: Window
    fill: int

    def within(self, most: int) -> Function:
        """Prepares the product for images (N, H, W, C) of magnitudes up to ``most``, pads included;
        ``window`` must have no dilation. The function takes integers of any type."""
        kind, (kh, kw), (sh, sw) = self.product.kind(most), self.window.kernel, self.window.stride
        taps = self.product.weights.astype(kind).reshape(-1, kh, kw).transpose(0, 2, 1)
        start = self.product.start.astype(kind)[:, None]
        top, left, bottom, right = self.window.pads

        def product(x: np.ndarray) -> np.ndarray:
            samples, h, w, channels = x.shape
            rows, columns = self.window.outputs(h, w)
            full = self.window.framed((0, 0, -(top + h + bottom) % sh, -(left + w + right) % sw))
            padded = full.padded(x.astype(kind, order="F", copy=False), self.fill)
            run = padded.shape[1] // sh * samples
            sums = np.empty((channels, columns * run), kind)
            used = sums[:, :(columns - 1) * run + rows * samples]
            for i in range(min(sh, kh)):
                for j in range(min(sw, kw)):
                    part = np.asfortranarray(padded[:, i::sh, j::sw]).T
                    of, size = taps[:, j::sw, i::sh], part.itemsize
                    runs = np.lib.stride_tricks.as_strided(
                        part, (*of.shape, used.shape[1]),
                        (part.strides[0], run * size, samples * size, size), writeable=False)
                    if i == j == 0:
                        np.einsum("cjil,cji->cl", runs, of, out=used)
                    else:
                        used += np.einsum("cjil,cji->cl", runs, of)
            used += start
            return sums.reshape(channels, columns, -1, samples)[:, :, :rows].T

        return product
