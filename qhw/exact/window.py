"""A window that slides over an image: kernel, stride, dilation and pads in both directions."""

from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from .. import limits

__all__ = ["Window"]

Pair = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """Pairs are (vertical, horizontal) in pixels; ``pads`` are (top, left, bottom, right).

    ValueError if kernel, stride or dilation is below 1, or a pad below 0.
    """

    kernel: Pair
    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)

    def __post_init__(self) -> None:
        if min(*self.kernel, *self.stride, *self.dilation) < 1 or min(self.pads) < 0:
            raise ValueError(f"A window needs positive kernel, stride and dilation, and pads of at "
                             f"least 0, not {self}")

    @property
    def taps(self) -> int:
        """Pixels under the window."""
        return self.kernel[0] * self.kernel[1]

    @property
    def extent(self) -> Pair:
        """Rows and columns from the first tap to the last, gaps of the dilation included."""
        return self._extent(0), self._extent(1)

    def _extent(self, axis: int) -> int:
        return (self.kernel[axis] - 1) * self.dilation[axis] + 1

    def outputs(self, height: int, width: int) -> Pair:
        """Computes (rows, columns) of the output for an image; ValueError if the window does not
        fit, or if the image with its pads is larger than a layer's output may be."""
        top, left, bottom, right = self.pads
        pixels = (height + top + bottom) * (width + left + right)
        if pixels > limits.LAYER_ELEMENTS:
            raise ValueError(f"An image of {height} x {width} with pads {self.pads} has {pixels} "
                             f"pixels, more than {limits.LAYER_ELEMENTS}")
        found = tuple((size + self.pads[axis] + self.pads[axis + 2] - self._extent(axis))
                      // self.stride[axis] + 1 for axis, size in enumerate((height, width)))
        if min(found) < 1:
            raise ValueError(f"A window of {self.extent[0]} x {self.extent[1]} does not fit "
                             f"an image of {height} x {width} with pads {self.pads}")
        return found[0], found[1]

    def ceiled(self, height: int, width: int) -> "Window":
        """Makes a window with pads for a last, partial window: ONNX's ceil_mode.

        The last window starts on the image or on the pads before it, and ends beyond the pads
        behind it."""
        pads = list(self.pads)
        for axis, size in enumerate((height, width)):
            stride, before = self.stride[axis], size + self.pads[axis]
            left = before + self.pads[axis + 2] - self._extent(axis)
            count = -(-left // stride) + 1
            if (count - 1) * stride >= before:
                count -= 1
            pads[axis + 2] += max((count - 1) * stride - left, 0)
        return replace(self, pads=(pads[0], pads[1], pads[2], pads[3]))

    def framed(self, frame: tuple[int, int, int, int]) -> "Window":
        """Adds the pads ``frame`` (top, left, bottom, right), in pixels, to those of the window."""
        top, left, bottom, right = (a + b for a, b in zip(self.pads, frame, strict=True))
        return replace(self, pads=(top, left, bottom, right))

    def rows(self, k: int) -> Pair:
        """Computes the image rows (from, to) under output row ``k``; rows outside the image are
        pads."""
        first = k * self.stride[0] - self.pads[0]
        return first, first + self.extent[0]

    def blind(self, height: int, width: int) -> bool:
        """Tells whether the window covers nothing but pads at some position."""
        for axis, (size, count) in enumerate(zip((height, width), self.outputs(height, width),
                                                 strict=True)):
            step = self.dilation[axis]
            first = np.arange(count) * self.stride[axis] - self.pads[axis]
            before = np.maximum(-(first // step), 0)    # taps above or left of the image
            if not ((before < self.kernel[axis]) & (first + before * step < size)).all():
                return True
        return False

    def patches(self, x: np.ndarray, fill: float | int) -> np.ndarray:
        """Cuts images (N, H, W, C) into windows (N, rows, columns, *kernel, C); pads hold ``fill``.
        """
        rows, columns = self.outputs(*x.shape[1:3])
        seen = np.lib.stride_tricks.sliding_window_view(self.padded(x, fill), self.extent,
                                                        axis=(1, 2))
        seen = seen[:, ::self.stride[0], ::self.stride[1], :, ::self.dilation[0],
                    ::self.dilation[1]]
        return seen[:, :rows, :columns].transpose(0, 1, 2, 4, 5, 3)

    def padded(self, x: np.ndarray, fill: float | int) -> np.ndarray:
        """Adds the pads, which hold ``fill``, to images (N, H, W, C), in Fortran's order if the
        images are."""
        if not any(self.pads):
            return x
        top, left, bottom, right = self.pads
        samples, h, w, channels = x.shape
        made = np.empty((samples, top + h + bottom, left + w + right, channels), x.dtype,
                        order="F" if x.flags.fnc else "C")
        made[:, top:top + h, left:left + w] = x
        for pad in (made[:, :top], made[:, top + h:], made[:, :, :left], made[:, :, left + w:]):
            pad[...] = fill
        return made

    def reduced(self, x: np.ndarray, fill: float | int, combine: np.ufunc) -> np.ndarray:
        """Combines the elements of images (N, H, W, C) under each window, channel by channel; pads
        hold ``fill``. Returns (N, rows, columns, C).

        ``combine`` is associative and commutative: a window's rows are combined first, then the
        results."""
        sizes, x = self.outputs(*x.shape[1:3]), self.padded(x, fill)
        for axis in (1, 0):
            step, last = self.stride[axis], (sizes[axis] - 1) * self.stride[axis]
            first = (np.arange(self.kernel[axis]) * self.dilation[axis]).tolist()
            rest = [slice(None)] * (2 - axis)
            taps = [(..., slice(k, k + last + 1, step), *rest) for k in first]
            found = np.copy(x[taps[0]])
            for tap in taps[1:]:
                combine(found, x[tap], out=found)
            x = found
        return x

    @classmethod
    def same(cls, kernel: Pair, stride: Pair, dilation: Pair, size: Pair, *, upper: bool
             ) -> "Window":
        """Makes a window with pads for ceil(size / stride) outputs: ONNX's SAME_UPPER and
        SAME_LOWER.

        Parameters
        ----------
        kernel, stride, dilation : pairs (vertical, horizontal) in pixels
        size : (height, width) of the image in pixels
        upper : whether the odd pad is at the end (bottom, right) rather than at the beginning
        """
        pads = list[tuple[int, int]]()
        for axis in (0, 1):
            extent = (kernel[axis] - 1) * dilation[axis] + 1
            whole = (ceil(size[axis] / stride[axis]) - 1) * stride[axis] + extent - size[axis]
            whole = max(whole, 0)
            pads.append((whole // 2, whole - whole // 2) if upper
                        else (whole - whole // 2, whole // 2))
        return cls(kernel, stride, dilation, (pads[0][0], pads[1][0], pads[0][1], pads[1][1]))
