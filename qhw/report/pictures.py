"""Pictures of comparisons: accuracy against LUTs, and the cost of each scheme by layer."""

import io
import re
import warnings
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from itertools import product
from math import ceil, floor, inf, log10
from typing import Any

import matplotlib
import numpy as np
from markupsafe import Markup
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ..names import visible
from ..quantization.metrics import Metric
from ..targets.cost import SITES
from .labels import Box, placed
from .page import Size, number
from .rows import Row, labels

__all__ = ["accuracy", "costs", "drawing", "files", "inlined", "tradeoff"]

INK, SOFT, LINE, BEST, PAGE = "#1b2026", "#59636e", "#d3d9df", "#1f5f9f", "#ffffff"
THEME = {INK: "ink", SOFT: "soft", LINE: "line", BEST: "measured", PAGE: "page"}
"""Colors and the page's names for them, which are lighter where the page is dark."""
mpl: Any = matplotlib
"""Matplotlib without types, because its stubs leave keyword arguments without them."""
STYLE: dict[Any, Any] = {
    "font.size": 8.5, "axes.titlesize": 11, "axes.spines.top": False, "axes.spines.right": False,
    "axes.axisbelow": True, "axes.grid": True, "grid.color": LINE, "legend.frameon": False,
    "text.color": INK, "axes.titlecolor": INK, "axes.edgecolor": SOFT, "axes.labelcolor": SOFT,
    "xtick.color": SOFT, "ytick.color": SOFT, "svg.hashsalt": "qhw", "text.parse_math": False}
LABEL = 8.5
"""Points."""
MOST_LAYERS = 9
"""That have a colour of their own."""


@contextmanager
def drawing() -> Generator[None]:
    """The pictures' style, and no complaint about letters of names that the font does not have."""
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        yield


def files(name: str, figure: Figure) -> dict[str, bytes]:
    """Draws a figure as SVG and PNG; returns the files by name."""
    found: dict[str, bytes] = {}
    for kind, about in (("svg", {"Date": None}), ("png", {})):
        drawn = io.BytesIO()
        with drawing():
            figure.savefig(drawn, format=kind, dpi=130, metadata=about)  # pyright: ignore[reportUnknownMemberType]
        found[f"{name}.{kind}"] = drawn.getvalue()
    return found


def inlined(figure: Figure, size: Size) -> Markup:
    """Draws a figure for a page, with the page's font and colours.

    The SVG has no style sheet, comments or metadata of its own."""
    drawn = io.StringIO()
    with drawing(), mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": size.name}):
        figure.savefig(drawn, format="svg", transparent=True,  # pyright: ignore[reportUnknownMemberType]
                       metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    text = drawn.getvalue()
    text = re.sub(r"<svg [^>]*?(viewBox=\"[^\"]*\")[^>]*>",
                  rf'<svg class="scatter" width="{size.width}" height="{size.height}" \1>',
                  text[text.index("<svg"):])
    text = re.sub(r"<style.*?</style>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="([a-z]+)[^"]*"', r'<g class="\1"', text).replace("xlink:href", "href")
    for color, name in THEME.items():
        text = text.replace(color, f"var(--{name})")
    return Markup(text)


def accuracy(rows: Sequence[Row], title: str = "", size: tuple[float, float] = (9, 6)) -> Figure:
    """Draws each scheme's accuracy against its LUTs; a line joins the Pareto front.

    Parameters
    ----------
    rows : rows of a comparison; failed ones are left out
    title : title above the picture
    size : width and height in inches"""
    rows = sorted((row for row in rows if row.error is None), key=lambda row: row.size)
    hollow = {"markerfacecolor": PAGE, "color": SOFT}
    kinds: dict[str, tuple[str, Any, list[Row]]] = {
        "Pareto front": ("o", {"color": BEST, "zorder": 3}, [row for row in rows if row.pareto]),
        "others that fit": ("o", hollow, [r for r in rows if not r.pareto and r.fits is not False]),
        "does not fit": ("x", hollow, [r for r in rows if not r.pareto and r.fits is False])}
    with drawing():
        figure, axes = _loss_axes(rows, title, size)
        steps, = axes.plot(*_places(kinds["Pareto front"][2], rows), color=BEST, linewidth=1.2,
                           drawstyle="steps-post")
        for label, (marker, style, chosen) in kinds.items():
            if chosen:
                axes.plot(*_places(chosen, rows), marker, label=label, gid="points", markersize=5,
                          **style)
        figure.legend(loc="outside lower center", ncols=3, handletextpad=0.2, columnspacing=1.5)
        _mark(axes, rows, size)
        _label(figure, axes, rows, range(len(rows)), steps)
    return figure


def tradeoff(rows: Sequence[Row], title: str = "", size: tuple[float, float] = (9, 6)) -> Figure:
    """Draws accuracy against LUTs for many points: a colour for each target, a marker for each
    fold.

    Parameters
    ----------
    rows : rows of an exploration; failed ones are left out
    title : title above the picture
    size : width and height in inches"""
    rows = [row for row in rows if row.error is None]
    targets = list(dict.fromkeys(row.target for row in rows))
    folds = list(dict.fromkeys(row.folded for row in rows))
    with drawing():
        figure, axes = _loss_axes(rows, title, size)
        for (k, target), (n, fold) in product(enumerate(targets), enumerate(folds)):
            for best in (False, True):
                chosen = [row for row in rows if row.pareto == best
                          and (row.target, row.folded) == (target, fold)]
                axes.plot(*_places(chosen, rows), "osD^vP*X"[n % 8], color=f"C{k % 10}",
                          alpha=1 if best else 0.3, markeredgecolor="black" if best else "none",
                          label=f"{target}, {fold}" if best else None)
        figure.legend(loc=f"outside {'right' if size[0] > size[1] else 'lower'} center",
                      title="outlined: Pareto front")
        _mark(axes, rows, size)
        _label(figure, axes, rows, range(len(rows)))
    return figure


def _loss_axes(rows: Sequence[Row], title: str, size: tuple[float, float]) -> tuple[Any, Any]:
    """Makes a figure with logarithmic axes; the loss grows downwards."""
    figure: Any = Figure(size, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(title=visible(title), xlabel="LUTs", xscale="log",
                              yscale="linear" if _linear(rows) else "log")
    axes.invert_yaxis()
    known = _measure(rows)
    axes.set_ylabel(
        "relative squared error of the weights" if known is None else known.name
        if known.kind != "share" else f"{'accuracy' if known.name == 'top-1' else known.name} "
        f"(logarithmic scale of errors)")
    axes.margins(0.08)
    return figure, axes


def _measure(rows: Sequence[Row]) -> Metric | None:
    """The measure of the rows' answers, None without labels."""
    return next((row.measure for row in rows if row.value is not None), None)


def _linear(rows: Sequence[Row]) -> bool:
    """Whether a measure has no best value that a logarithmic axis could count from."""
    return any(row.loss < 0 for row in rows)


def _mark(axes: Any, rows: Sequence[Row], size: tuple[float, float]) -> None:
    """Puts round numbers on the axes, up to the number that fits."""
    least, known = _least(rows), _measure(rows)

    def said(loss: float, _: object) -> str:
        lost = loss if loss > 1.01 * least or _linear(rows) else 0
        if known is None or known.kind == "error":
            return f"{lost:.6g}"
        return f"{100 * (1 - lost):.6g} %" if known.kind == "share" else f"{-lost:.6g}"

    def counted(luts: float, _: object) -> str:
        return number(float(luts))

    left, right = axes.get_xlim()
    axes.xaxis.set_major_locator(FixedLocator(_round(left, right, int(1.4 * size[0]))))
    axes.xaxis.set_major_formatter(FuncFormatter(counted))
    axes.yaxis.set_major_formatter(FuncFormatter(said))
    if not _linear(rows):
        _mark_losses(axes, rows, least, size)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())


def _mark_losses(axes: Any, rows: Sequence[Row], least: float, size: tuple[float, float]) -> None:
    high, low = axes.get_ylim()
    losses = [loss for loss in _round(low, high, int(2 * size[1])) if loss > 1.2 * least]
    axes.yaxis.set_major_locator(FixedLocator(
        losses + [least] * any(row.loss <= 0 for row in rows)))


def _round(low: float, high: float, most: int) -> list[float]:
    """Selects at most ``most`` round numbers of a logarithmic axis."""
    if high < 6 * low:
        unit = 10 ** floor(log10((high - low) / (most - 1)))
        step = next(unit * k for k in (1, 2, 5, 10) if unit * k * (most - 1) >= high - low)
        return [step * k for k in range(ceil(low / step), floor(high / step) + 1)]
    tens = range(floor(log10(low)), ceil(log10(high)) + 1)
    options = [[digit * 10. ** ten for ten in tens for digit in digits
                if low <= digit * 10. ** ten <= high] for digits in (
                    (1, 1.5, 2, 3, 4, 5, 6, 8), (1, 2, 3, 5), (1, 2, 5), (1, 3), (1,))]
    return next((option for option in options if len(option) <= most), options[-1])


def _places(chosen: Sequence[Row], rows: Sequence[Row]) -> tuple[list[float], list[float]]:
    """LUTs and losses; none is drawn as half of the least there is."""
    least = -inf if _linear(rows) else _least(rows)
    return [max(row.size, 1) for row in chosen], [max(row.loss, least) for row in chosen]


def _least(rows: Sequence[Row]) -> float:
    return min((row.loss for row in rows if row.loss > 0), default=1e-2) / 2


def _label(figure: Any, axes: Any, rows: Sequence[Row], chosen: Sequence[int],
           steps: Line2D | None = None) -> None:
    """Schemes beside their markers, where there is room, with a line to those further away; the
    front's are bold and come first."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")    # what labels are placed in stays
    canvas = figure.canvas
    scale = 72 / figure.dpi
    points = scale * axes.transData.transform(np.transpose(_places(rows, rows)))
    fonts = [FontProperties(size=LABEL, weight="bold" if row.pareto else "normal") for row in rows]
    sizes = [tuple(scale * np.array(canvas.get_renderer().get_text_width_height_descent(
        visible(row.called), font, False)[:2])) for row, font in zip(rows, fonts, strict=True)]
    corners = np.empty((0, 2)) if steps is None else scale * np.asarray(
        steps.get_transform().transform_path(steps.get_path()).vertices)
    order = sorted(chosen, key=lambda k: (not rows[k].pareto, *points[k]))
    area = Box(*(float(scale * side) for side in axes.get_window_extent().extents))
    for one in placed([tuple(point) for point in points],
                      [(width + 2, LABEL + 3) for width, _ in sizes], order,
                      area, [tuple(corner) for corner in corners]):
        row = rows[one.point]
        (x,), (y,) = _places([row], rows)
        axes.annotate(
            visible(row.called), (x, y), one.offset, textcoords="offset points",
            fontproperties=fonts[one.point], gid="label",
            color=INK if row.pareto else SOFT,
            ha=("left", "center", "right")[one.across], va=("bottom", "center", "top")[one.up],
            arrowprops=dict(arrowstyle="-", color=SOFT, linewidth=0.5, shrinkA=0, shrinkB=3,
                            relpos=(one.across / 2, one.up / 2)) if one.led else None)


def costs(rows: Sequence[Row], title: str) -> Figure:
    """Draws the LUTs, block RAMs and DSP blocks of each scheme as bars, a colour for each layer."""
    rows = sorted((row for row in rows if row.error is None), key=lambda row: -row.size)
    kinds = [kind for kind in SITES if any(getattr(row, kind) for row in rows)]
    sizes = Counter[str]()
    for row in rows:
        sizes.update({layer.name: layer.luts for layer in row.layers})
    most = [name for name, _ in sizes.most_common(MOST_LAYERS)]
    named: list[str | None] = [name for name in sizes if name in most]
    named += [None] * (len(sizes) > len(named))
    with drawing():
        figure: Any = Figure((10, 1.9 + 0.24 * len(rows)), layout="constrained")
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


def _bars(axes: Any, rows: Sequence[Row], kind: str, named: Sequence[str | None]) -> list[Any]:
    """A bar for each row, drawn of what each layer takes; None stands for those without a name."""
    left, made = np.zeros(len(rows)), list[Any]()
    for k, name in enumerate(named):
        width = np.array([sum(getattr(layer, kind) for layer in row.layers
                              if layer.name == name or name is None and layer.name not in named)
                          for row in rows])
        made.append(axes.barh([visible(name) for name in labels(rows)], width, left=left,
                              color=f"C{k % 10}"))
        left += width
    axes.set_xlabel(SITES[kind])
    axes.grid(visible=False, axis="y")
    axes.margins(y=0.01)
    return made
