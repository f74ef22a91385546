"""Thresholds of a quantizer: its cuts, pulled back through real layers to integers."""

from collections.abc import Iterable
from fractions import Fraction
from functools import partial, reduce
from typing import Any

import numpy as np

from ... import limits
from ...errors import ModelError
from ...exact.cut import Cut
from ...exact.cuts import AnyCut, Cuts
from ...exact.num import Int
from ...graph import Op, Tensor
from ...layers import Quantizer, Rescale
from ...layers.real import Straight
from ...ops import Threshold

__all__ = ["Seen", "alike", "limited", "pulls", "seen", "thresholds"]

MOST = 1 << 60
"""Slopes and offsets of whole numbers stay below."""

Rows = tuple[np.ndarray, np.ndarray]
"""Thresholds of the channels (channels, codes - 1), and whether codes fall, bool (channels,)."""

Seen = list[tuple[Op, int]]
"""Real layers in a row, each with the channel of its own that an integer's way leads through."""


def seen(way: list[Op], channels: int) -> list[Seen]:
    """Lists the real layers behind the integers of each channel, for layers that do not move
    channels."""
    return [[(op, channel) for op in way] for channel in range(channels)]


def thresholds(op: Quantizer, ways: list[Seen], x: Tensor) -> Threshold:
    """Computes the integers of ``x`` at which the code changes, channel by channel, exactly.

    ``op`` is the quantizer, and each of ``ways`` ends with it. ModelError if there are too many
    thresholds."""
    made = op.format
    limited(x.channels, made.integer.hi - made.integer.lo + 1)
    channels, backs = [c for *_, (_, c) in ways], [pulls(way, x.line) for *way, _ in ways]
    found, flips = _at_once(op, channels, backs, x.value) or _each(op, channels, backs, x.value)
    return Threshold(found, flips, made.integer.lo, scale=made.scale, zero=made.zero)


def _at_once(op: Quantizer, channels: list[int], backs: list[list["partial[Any]"]], x: Int
             ) -> Rows | None:
    """The thresholds of all channels behind whole numbers; None if these are no such channels."""
    lines = [pull.args for back in backs for pull in back]
    if not isinstance(op, Rescale) or len(lines) > len(backs) or any(
            v.denominator > 1 or abs(v) > MOST for line in lines for v in line):
        return None
    slopes, offsets = np.array(lines, np.int64).T
    return op.firsts(np.array(channels), slopes, offsets, x)


def _each(op: Quantizer, channels: list[int], backs: list[list["partial[Any]"]], x: Int) -> Rows:
    """The thresholds of each channel by itself, or of those that are alike."""
    known: dict[Any, tuple[np.ndarray, bool]] = {}
    rows: list[tuple[np.ndarray, bool]] = []
    for channel, back in zip(channels, backs, strict=True):
        key = (op.alike or channel, *map(alike, back))
        if key not in known:
            known[key] = _row(op.cuts(channel), back, x)
        rows.append(known[key])
    found, flips = (np.array(part) for part in zip(*rows, strict=True))
    return found, flips


def limited(channels: int, levels: int) -> None:
    """Raises ModelError if the levels of all channels are too many."""
    if channels * levels > limits.THRESHOLDS:
        raise ModelError(f"its {levels} levels of {channels} channels need more than "
                         f"{limits.THRESHOLDS} thresholds; quantize to fewer bits")


def _row(cuts: Iterable[Cut], pulls: list["partial[Any]"], x: Int) -> tuple[np.ndarray, bool]:
    """A channel's thresholds, and whether it falls."""
    if isinstance(cuts, Cuts):
        return _places(reduce(lambda c, pull: pull(c), pulls, cuts), x)
    for pull in pulls:
        cuts = [pull(cut) for cut in cuts]
    cuts = list(cuts)
    flip = any(cut.falling for cut in cuts if cut.always is None)
    return np.array(sorted(_first(cut, x, flip) for cut in cuts), np.int64), flip


def _places(cuts: Cuts, x: Int) -> tuple[np.ndarray, bool]:
    """The thresholds of conditions, and whether they fall."""
    flip = cuts.falling and not cuts.always.all()
    ends = np.where((cuts.always > 0) != flip, x.lo, x.hi + 1)
    places = np.where(cuts.always, ends, np.clip(cuts.firsts(), x.lo, x.hi + 1))
    return np.sort(places.astype(np.int64)), flip


def alike(pull: "partial[Any]") -> tuple[Any, ...]:
    """Returns a key that is equal for channels whose cuts are pulled back in the same way."""
    op = getattr(pull.func, "__self__", None)
    return pull.args if op is None else (id(op), op.alike or pull.keywords["channel"])


def pulls(way: Seen, line: tuple[Fraction, Fraction]) -> list["partial[Any]"]:
    """Lists the functions that pull a cut back through the layers of ``way`` to the integers of
    ``line``, a slope and an offset.

    Neighbouring scales and offsets become one function."""
    found: list[partial[Any]] = []
    slope, offset = line
    for op, channel in way:
        if isinstance(op, Straight):
            slope, offset = op.after((slope, offset), channel)
        else:
            monotone: Any = op
            found += [partial(_through, slope, offset), partial(monotone.pull, channel=channel)]
            slope, offset = Fraction(1), Fraction(0)
    return [partial(_through, slope, offset), *reversed(found)]


def _through(slope: Fraction, offset: Fraction, cut: AnyCut) -> AnyCut:
    return cut if (slope, offset) == (1, 0) else cut.through_affine(slope, offset)


def _first(cut: Cut, x: Int, flip: bool) -> int:
    """Where the comparison becomes true (false if ``flip``), no farther out than it can matter."""
    if cut.always is not None:
        return x.lo if cut.always != flip else x.hi + 1
    return min(max(cut.first(), x.lo), x.hi + 1)
