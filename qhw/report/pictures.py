"""Pictures of comparisons: accuracy against LUTs, and the cost of each scheme by layer."""

import io
import warnings
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise, product
from math import cos, hypot, pi, sin
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import Bbox

from ..names import visible
from ..targets.cost import SITES
from .rows import Row

__all__ = ["accuracy", "costs", "files", "tradeoff"]

STYLE: dict[Any, Any] = {
    "font.size": 9, "axes.titlesize": 11, "axes.spines.top": False, "axes.spines.right": False,
    "axes.axisbelow": True, "axes.grid": True, "grid.color": "#e8e8e8", "legend.frameon": False,
    "svg.hashsalt": "qhw", "text.parse_math": False}
BEST, PLAIN, MISFIT, LEAD = "#c0392b", "#2c6a9e", "#b8b8b8", "#999999"
ACCURACIES = (0.9999, 0.999, 0.998, 0.995, 0.99, 0.98, 0.95, 0.9, 0.8, 0.5, 0)
MOST_LAYERS = 9
"""That have a colour of their own."""
RINGS, ANGLES = (7, 13, 20, 30, 42, 56, 72, 90, 110), 16
"""Points from a marker to its label, the nearer the better, and directions."""


@contextmanager
def _drawing() -> Generator[None]:
    """The pictures' style, and no complaint about letters of names that the font does not have."""
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        yield


def files(name: str, figure: Figure) -> dict[str, bytes]:
    """The picture as SVG and PNG."""
    found: dict[str, bytes] = {}
    for kind, about in (("svg", {"Date": None}), ("png", {})):
        drawn = io.BytesIO()
        with _drawing():
            figure.savefig(drawn, format=kind, dpi=130, metadata=about)
        found[f"{name}.{kind}"] = drawn.getvalue()
    return found


def accuracy(rows: Sequence[Row], title: str) -> Figure:
    """Draws each scheme's accuracy against its LUTs; a line joins the Pareto front."""
    rows = sorted((row for row in rows if row.error is None), key=lambda row: row.size)
    kinds = {"Pareto front": (BEST, [row for row in rows if row.pareto]),
             "others that fit": (PLAIN, [r for r in rows if not r.pareto and r.fits]),
             "does not fit": (MISFIT, [r for r in rows if not r.pareto and not r.fits])}
    with _drawing():
        figure, axes = _loss_axes(rows, title)
        steps, = axes.plot(*_places(kinds["Pareto front"][1], rows), color=BEST, linewidth=1,
                           drawstyle="steps-post")
        for label, (color, chosen) in kinds.items():
            if chosen:
                axes.plot(*_places(chosen, rows), "o", color=color, label=label,
                          zorder=3 if color == BEST else 2)
        figure.legend(loc="outside lower center", ncols=4)
        _label(figure, axes, rows, rows, steps)
    return figure


def tradeoff(rows: Sequence[Row], title: str) -> Figure:
    """Draws accuracy against LUTs for many points: a colour for each target, a marker for each
    fold."""
    rows = [row for row in rows if row.error is None]
    targets = list(dict.fromkeys(row.target for row in rows))
    folds = list(dict.fromkeys(_fold(row) for row in rows))
    with _drawing():
        figure, axes = _loss_axes(rows, title)
        for (k, target), (n, fold) in product(enumerate(targets), enumerate(folds)):
            for best in (False, True):
                chosen = [row for row in rows if row.pareto == best
                          and (row.target, _fold(row)) == (target, fold)]
                axes.plot(*_places(chosen, rows), "osD^vP*X"[n % 8], color=f"C{k % 10}",
                          alpha=1 if best else 0.3, markeredgecolor="black" if best else "none",
                          label=f"{target}, {fold}" if best else None)
        figure.legend(loc="outside right center", title="outlined: Pareto front")
        _label(figure, axes, [row for row in rows if row.pareto], rows)
    return figure


def _fold(row: Row) -> str:
    return " ".join(f"{value} {name}" for name, value in row.fold.items()) or "default fold"


def _loss_axes(rows: Sequence[Row], title: str) -> tuple[Figure, Axes]:
    """Makes logarithmic axes; the loss grows downwards."""
    figure = Figure((9, 6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(title=visible(title), xlabel="LUTs", xscale="log", yscale="log")
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda luts, _: f"{luts:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    if any(row.accuracy is not None for row in rows):
        axes.set_ylabel("accuracy (the scale is that of errors)")
        axes.yaxis.set_major_locator(FixedLocator([1 - a for a in ACCURACIES]))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda lost, _: f"{100 * (1 - lost):.4g} %"))
    else:
        axes.set_ylabel("relative squared error of the weights")
    axes.yaxis.set_minor_locator(NullLocator())
    axes.margins(0.08)
    return figure, axes


def _places(chosen: Sequence[Row], rows: Sequence[Row]) -> tuple[list[float], list[float]]:
    """LUTs and losses; none is drawn as half of the least there is."""
    least = min((lost for row in rows if (lost := row.loss) > 0), default=1e-3) / 2
    return [max(row.size, 1) for row in chosen], [max(row.loss, least) for row in chosen]


def _label(figure: Figure, axes: Axes, chosen: Sequence[Row], rows: Sequence[Row],
           steps: Line2D | None = None) -> None:
    """Schemes beside their markers, where there is room, with a line to those further away."""
    figure.draw_without_rendering()
    points = axes.transData.transform(np.transpose(_places(rows, rows)))
    taken = [Bbox.from_bounds(x - 5, y - 5, 10, 10) for x, y in points]
    if steps is not None:
        corners = np.asarray(steps.get_transform().transform_path(steps.get_path()).vertices)
        taken += [Bbox([a, b]).padded(1) for a, b in pairwise(corners)]
    area = axes.get_window_extent()
    for row in chosen:
        (x,), (y,) = _places([row], rows)
        own = axes.transData.transform((x, y))
        for alone, (dx, dy) in product((True, False), _around()):
            text = _beside(axes, row.scheme, (x, y), (dx, dy))
            text.get_window_extent()                # which places it
            box = Text.get_window_extent(text)      # without the line
            if (box.x0 >= area.x0 and box.x1 <= area.x1 and box.y0 >= area.y0
                    and box.y1 <= area.y1 and not box.count_overlaps(taken)
                    and not (alone and _distance(box, points).min() < _distance(box, own))):
                taken.append(box.padded(3))
                break
            text.remove()


def _beside(axes: Axes, name: str, place: tuple[float, float], offset: tuple[float, float]
            ) -> Annotation:
    dx, dy = offset
    line = {"arrowstyle": "-", "color": LEAD, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 3}
    return axes.annotate(visible(name), place, offset, textcoords="offset points", va="center",
                         fontsize=8, ha="left" if dx > 1 else "right" if dx < -1 else "center",
                         arrowprops=line if hypot(dx, dy) > RINGS[1] + 1 else None)


def _distance(box: Bbox, points: np.ndarray) -> np.ndarray:
    """From a label to markers: one that is nearer to another's would be taken for it."""
    sides = np.maximum(np.maximum(box.min - points, points - box.max), 0)
    return np.hypot(sides[..., 0], sides[..., 1]).round(3)


def _around() -> Iterator[tuple[float, float]]:
    for ring, k in product(RINGS, range(ANGLES)):
        angle = 2 * pi * k / ANGLES
        yield ring * cos(angle), ring * sin(angle)


def costs(rows: Sequence[Row], title: str) -> Figure:
    """LUTs, block RAMs and DSP blocks of each scheme, a colour for each layer."""
    rows = sorted((row for row in rows if row.error is None), key=lambda row: -row.size)
    kinds = [kind for kind in SITES if any(getattr(row, kind) for row in rows)]
    sizes = Counter[str]()
    for row in rows:
        sizes.update({layer.name: layer.luts for layer in row.layers})
    most = [name for name, _ in sizes.most_common(MOST_LAYERS)]
    named: list[str | None] = [name for name in sizes if name in most]
    named += [None] * (len(sizes) > len(named))
    with _drawing():
        figure = Figure((10, 1.9 + 0.24 * len(rows)), layout="constrained")
        figure.suptitle(visible(title))
        panels = figure.subplots(1, max(len(kinds), 1), sharey=True, squeeze=False,
                                 width_ratios=[3, 1.2, 1.2][:max(len(kinds), 1)])[0]
        bars = [_bars(axes, rows, kind, named) for axes, kind in zip(panels, kinds, strict=False)]
        if bars:
            figure.legend(bars[0], [_legend(name) for name in named], loc="outside lower center",
                          ncols=5)
    return figure


def _legend(name: str | None) -> str:
    """A layer in the legend, from which matplotlib leaves out what begins with an underscore."""
    return "others" if name is None else f" {visible(name)}" if name[:1] == "_" else visible(name)


def _bars(axes: Axes, rows: Sequence[Row], kind: str, named: Sequence[str | None]) -> list[Any]:
    """A bar for each row, drawn of what each layer takes; None stands for those without a name."""
    left, made = np.zeros(len(rows)), list[Any]()
    for k, name in enumerate(named):
        width = np.array([sum(getattr(layer, kind) for layer in row.layers
                              if layer.name == name or name is None and layer.name not in named)
                          for row in rows])
        made.append(axes.barh([visible(row.scheme) for row in rows], width, left=left,
                              color=f"C{k % 10}"))
        left += width
    axes.set_xlabel(SITES[kind])
    axes.grid(visible=False, axis="y")
    axes.margins(y=0.01)
    return made
