"""A window that slides over an image: kernel, stride, dilation and padding of both directions."""

from dataclasses import dataclass, replace
from math import ceil

import numpy as np

__all__ = ["Window"]

Pair = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """Pairs are (vertical, horizontal); ``pads`` are (top, left, bottom, right)."""

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
        """Positions in the window."""
        return self.kernel[0] * self.kernel[1]

    @property
    def extent(self) -> Pair:
        """Rows and columns from the first position to the last."""
        return self._extent(0), self._extent(1)

    def _extent(self, axis: int) -> int:
        return (self.kernel[axis] - 1) * self.dilation[axis] + 1

    def outputs(self, height: int, width: int) -> Pair:
        """Rows and columns of the result; ValueError if the window does not fit."""
        found = tuple((size + self.pads[axis] + self.pads[axis + 2] - self._extent(axis))
                      // self.stride[axis] + 1 for axis, size in enumerate((height, width)))
        if min(found) < 1:
            raise ValueError(f"A window of {self.extent[0]} x {self.extent[1]} does not fit "
                             f"an image of {height} x {width} with pads {self.pads}")
        return found[0], found[1]

    def ceiled(self, height: int, width: int) -> "Window":
        """With pads for a last window that begins on the image or on the pads before it and ends
        beyond those behind it; ONNX's ceil_mode."""
        pads = list(self.pads)
        for axis, size in enumerate((height, width)):
            stride, before = self.stride[axis], size + self.pads[axis]
            left = before + self.pads[axis + 2] - self._extent(axis)
            count = -(-left // stride) + 1
            if (count - 1) * stride >= before:
                count -= 1
            pads[axis + 2] += max((count - 1) * stride - left, 0)
        return replace(self, pads=(pads[0], pads[1], pads[2], pads[3]))

    def rows(self, k: int) -> Pair:
        """The image's rows that output row ``k`` sees, from .. to, beyond its edges too."""
        first = k * self.stride[0] - self.pads[0]
        return first, first + self.extent[0]

    def blind(self, height: int, width: int) -> bool:
        """Whether at some place the window sees nothing of an image, only its pads."""
        for axis, (size, count) in enumerate(zip((height, width), self.outputs(height, width),
                                                 strict=True)):
            first = np.arange(count)[:, None] * self.stride[axis] - self.pads[axis]
            seen = first + np.arange(self.kernel[axis]) * self.dilation[axis]
            if not ((seen >= 0) & (seen < size)).any(axis=1).all():
                return True
        return False

    def patches(self, x: np.ndarray, fill: float | int) -> np.ndarray:
        """What the window sees, (N, rows, columns, *kernel, C), of images (N, H, W, C)."""
        top, left, bottom, right = self.pads
        padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=fill)
        rows, columns = self.outputs(*x.shape[1:3])
        seen = np.lib.stride_tricks.sliding_window_view(padded, self.extent, axis=(1, 2))
        seen = seen[:, ::self.stride[0], ::self.stride[1], :, ::self.dilation[0],
                    ::self.dilation[1]]
        return seen[:, :rows, :columns].transpose(0, 1, 2, 4, 5, 3)

    @classmethod
    def same(cls, kernel: Pair, stride: Pair, dilation: Pair, size: Pair, *, upper: bool
             ) -> "Window":
        """Padded so that there are size / stride outputs; an odd pad is last, or first if not
        ``upper``."""
        pads = []
        for axis in (0, 1):
            extent = (kernel[axis] - 1) * dilation[axis] + 1
            whole = (ceil(size[axis] / stride[axis]) - 1) * stride[axis] + extent - size[axis]
            whole = max(whole, 0)
            pads.append((whole // 2, whole - whole // 2) if upper
                        else (whole - whole // 2, whole // 2))
        return cls(kernel, stride, dilation, (pads[0][0], pads[1][0], pads[0][1], pads[1][1]))
