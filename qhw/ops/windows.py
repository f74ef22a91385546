"""Sliding windows: the elements under each window become vectors for a matrix-vector product."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import ModelError
from ..exact.held import holding
from ..exact.num import Int
from ..exact.product import Depthwise
from ..exact.window import Window
from ..graph import Fold, Tensor, Whole
from ..hw.streams.wide_window import WideWindow
from ..hw.streams.window import WindowUnit
from ..schedule import Channel, Net, just_in_time, paced
from .matvec import MatVec
from .op import HardwareOp, Lanewise, divisors

__all__ = ["Windows", "filled", "image", "offered", "rows", "seen"]

BLOCK = 1 << 17
"""Elements of windows that are copied at a time: they fit a cache."""


@dataclass(frozen=True)
class Windows(Lanewise):
    """Vectors of the elements under each window: (rows, columns, groups, taps * channels of a
    group), without the dimension of groups if there is one group.

    ``fill`` is the code of the pads. A beat has ``pe`` channels of a pixel, or the whole windows of
    ``channels`` channels if that is not 0."""

    kind = "windows"
    raw = True
    moves = True

    window: Window
    groups: int = 1
    fill: int = 0
    pe: int = 1
    channels: int = 0

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        if len(x.shape) != 3 or x.channels % self.groups:
            raise ModelError(f"its input {x.shape} does not divide into {self.groups} groups of "
                             f"channels")
        taken = self.window.taps * x.channels // self.groups
        shape = (*self.window.outputs(*x.shape[:2]),
                 *((self.groups,) if self.groups > 1 else ()), taken)
        return replace(x, shape=shape, codes=filled(x, self.window, self.fill))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        seen = self.window.patches(x, self.fill)
        *lead, kh, kw, channels = seen.shape
        grouped = seen.reshape(*lead, kh * kw, self.groups, channels // self.groups)
        vectors = np.moveaxis(grouped, -2, -3).reshape(*lead, self.groups, -1)
        return vectors if self.groups > 1 else vectors[..., 0, :]

    @property
    def i_lanes(self) -> int:
        """Channels in an input beat."""
        return self.channels or self.pe

    @property
    def o_lanes(self) -> int:
        """Elements in an output beat."""
        return self.channels * self.window.taps or self.pe

    @property
    def priced(self) -> str:
        """The key of whole windows, or the kind."""
        return "windows.whole" if self.channels else self.kind

    @property
    def coupled(self) -> bool:
        """Whether whole windows leave, for which no rows wait in a buffer."""
        return self.channels > 0

    def prepared(self, *xs: Tensor) -> Callable[..., np.ndarray]:
        x, = xs

        def vectors(image: np.ndarray) -> np.ndarray:
            return self._vectors(self._patches(image, x))

        return vectors

    def _patches(self, image: np.ndarray, x: Tensor) -> np.ndarray:
        """The windows of images of format ``x``, in Fortran's order: a view."""
        kind = holding(filled(x, self.window, self.fill).size)
        return self.window.patches(image.astype(kind, order="F", copy=False), self.fill)

    def _vectors(self, patches: np.ndarray) -> np.ndarray:
        """Copies windows (N, rows, columns, *kernel, C) to vectors, in Fortran's order."""
        samples, rows, columns, kh, kw, channels = patches.shape
        each = (self.groups, kh, kw, channels // self.groups)
        grouped = patches.reshape(samples, rows, columns, kh, kw, *each[::3])
        made = np.empty((*each, columns, rows, samples), patches.dtype)
        made[:] = grouped.transpose(5, 3, 4, 6, 2, 1, 0)
        made = made.reshape(self.groups, -1, columns, rows, samples)
        return made.transpose(4, 3, 2, 0, 1) if self.groups > 1 else made[0].T

    def direct(self, op: MatVec, *xs: Tensor) -> Callable[[np.ndarray], np.ndarray]:
        """Prepares this layer and the product behind it as one, for images: some columns of windows
        at a time, or no copies of windows where each channel has weights of its own.

        Parameters
        ----------
        op : the only layer that reads these windows
        xs : the image"""
        x, = xs
        most = filled(x, self.window, self.fill).size
        alone = self.groups == x.channels == op.outputs == op.groups and op.parts == 1
        if alone and self.window.dilation == (1, 1):
            return Depthwise(op.exact, self.window, self.fill).within(most)
        product = op.prepared(self.infer(x))

        def convolved(image: np.ndarray) -> np.ndarray:
            patches = self._patches(image, x)
            columns = patches.shape[2]
            some = max(BLOCK * columns // patches.size, 1)
            return np.concatenate([product(self._vectors(patches[:, :, c:c + some]))
                                   for c in range(0, columns, some)], axis=2)

        return convolved

    def divided(self, *xs: Tensor) -> int:
        """Returns the channels of a group."""
        return xs[0].channels // self.groups

    def folds(self, *xs: Tensor) -> Sequence[Fold]:
        """Lists lanes, then the channels of whole windows."""
        x, = xs
        each = x.channels // self.groups
        whole = [Whole(each * n) for n in divisors(self.groups) if n * self.window.taps > 1]
        return [*super().folds(x), *whole * WideWindow.fits(self.window)]

    def folded(self, fold: Fold, family: str = "") -> "HardwareOp":
        """Returns this layer with lanes or with whole windows."""
        if isinstance(fold, Whole):
            return self.whole(fold.channels)
        return super().folded(fold, family)

    def whole(self, channels: int) -> "Windows":
        """Returns this layer with beats of the whole windows of ``channels`` channels."""
        return replace(self, pe=1, channels=channels)

    def at(self, pe: int) -> "Lanewise":
        """Returns this layer with ``pe`` channels a beat, tap by tap."""
        return replace(self, pe=pe, channels=0)

    def unit(self, *xs: Tensor) -> WindowUnit | WideWindow:
        """Makes the buffer of rows, or the shift registers of whole windows."""
        x, = xs
        seen = filled(x, self.window, self.fill)
        if self.channels:
            return WideWindow(x.integer.shape, self.window, image(x), groups=self.groups,
                              fill=self.fill, channels=self.channels, y=seen.shape)
        return WindowUnit(x.integer.shape, self.window, image(x), groups=self.groups,
                          fill=self.fill, lanes=self.pe, y=seen.shape)

    def interval(self, *xs: Tensor) -> int:
        """Computes the cycles of an image: its beats, or the steps of whole windows."""
        if not self.channels:
            return max(xs[0].size, self.infer(*xs).size) // self.pe
        unit = self.unit(*xs)
        assert isinstance(unit, WideWindow)
        return unit.high * unit.wide * unit.parts

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        """Adds rows in a buffer, or whole windows step by step."""
        return rows(self.unit(*xs), net, ins[0])

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        """Computes when the windows' beats leave, (beats,)."""
        return seen(self.unit(*xs), arrivals)

    def taken(self, arrivals: tuple[np.ndarray, ...], place: int, *xs: Tensor) -> np.ndarray:
        """Computes when whole windows take their pixels, (beats,)."""
        unit = self.unit(*xs)
        assert isinstance(unit, WideWindow)
        return entering(unit, arrivals[place])[unit.steps[0]]

    def latest(self, leave: np.ndarray, *xs: Tensor) -> np.ndarray | None:
        """Computes the latest cycles of the image's beats, (beats,)."""
        return offered(self.unit(*xs), leave)


def rows(unit: WindowUnit | WideWindow, net: Net, i: Channel) -> Channel:
    """Adds the sliding window ``unit`` to ``net`` behind the channel ``i``."""
    if isinstance(unit, WideWindow):
        return net.slide(i, *unit.steps)
    every = range(unit.rows)
    return net.rows(i, unit.width * unit.each, unit.slots, [unit.end(k) for k in every],
                    [unit.base(k + 1) for k in every],
                    unit.columns * unit.each * unit.window.taps)


def seen(unit: WindowUnit | WideWindow, arrivals: np.ndarray) -> np.ndarray:
    """Computes the cycles in which a sliding window's beats leave: a row starts a cycle after its
    last image row, or a whole window leaves a cycle after its last pixel."""
    if isinstance(unit, WideWindow):
        return entering(unit, arrivals)[unit.steps[1]] + 1
    line = unit.width * unit.each
    there = paced(arrivals)[line - 1::line]
    row = unit.columns * unit.each * unit.window.taps
    begin = paced(np.array([there[unit.end(k) - 1] + 1 for k in range(unit.rows)]), row)
    return (begin[:, None] + 1 + np.arange(row)).ravel()


def entering(unit: WideWindow, arrivals: np.ndarray) -> np.ndarray:
    """Computes the cycle of each step of an image, (steps,)."""
    takes, _ = unit.steps
    times = np.full(len(takes), arrivals[0])
    times[takes] = arrivals
    return paced(times)


def offered(unit: WindowUnit | WideWindow, leave: np.ndarray) -> np.ndarray:
    """Computes the latest cycles of an image's beats for the cycles ``leave`` of the window's
    beats, (beats,)."""
    if isinstance(unit, WideWindow):
        takes, gives = unit.steps
        times = np.full(len(takes), leave[-1] + len(takes))
        times[gives] = leave - 1
        times[-1] = leave[-1] + gives[::-1].argmax() - 1
        return just_in_time(times)[takes]
    line = unit.width * unit.each
    begin = leave.reshape(unit.rows, -1)[:, 0] - 1
    return just_in_time(np.repeat(begin[unit.wanted] - 1, line))


def filled(x: Tensor, window: Window, fill: int) -> Int:
    """Computes the interval of the elements under a window.

    Parameters
    ----------
    x : the image
    window : its pads decide whether ``fill`` occurs
    fill : code of the pads, an integer
    """
    return x.integer | Int(fill, fill) if any(window.pads) else x.integer


def image(x: Tensor) -> tuple[int, int, int]:
    """Returns rows, columns and channels of an image."""
    h, w, c = x.shape
    return h, w, c
