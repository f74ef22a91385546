"""The picture of the networks on boards: accuracy against LUTs, a panel for each task and board."""

from collections.abc import Sequence
from io import StringIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from qhw.report.labels import Box, placed

__all__ = ["Panel", "picture"]

Panel = tuple[str, str, Sequence[tuple[str, float, float, float]]]
"""Task, board, and points: label, LUTs, accuracy and its deviation in percent."""
COLOUR, SPREAD, INK = "#1f5f9f", "#a9c3de", "#1b2026"
BEHIND = {"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": "none",
          "alpha": 0.75}
"""Keeps labels apart from the bars of deviations."""
FONT = 7.5
"""Points."""
STYLE = {"font.size": FONT, "axes.spines.top": False, "axes.spines.right": False,
         "svg.fonttype": "none", "svg.hashsalt": "qhw", "svg.id": None}
ROUND = (100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000, 7000, 10000, 20000)
"""LUTs that an axis may name."""


def picture(panels: Sequence[Panel], columns: int) -> str:
    """Draws panels in rows of at most ``columns``; returns the SVG's text."""
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    with mpl.rc_context({k: v for k, v in STYLE.items() if k in mpl.rcParams}):
        figure: Any = Figure((3.4 * columns, 3.0 * rows), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, columns, squeeze=False).flatten()
        for place, panel in zip(axes, panels, strict=False):
            _draw(place, panel)
        for place in axes[len(panels):]:
            place.set_visible(False)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")    # what labels are placed in stays
        for place, panel in zip(axes, panels, strict=False):
            _label(figure, place, panel)
        drawn = StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue()


def _draw(axes: Any, panel: Panel) -> None:
    task, board, points = panel
    axes.set_title(f"{task}, {board}", fontsize=FONT + 1.5)
    axes.set(xlabel="LUTs placed", ylabel="accuracy, %", xscale="log")
    luts, right, spread = (np.array(a) for a in zip(*(p[1:] for p in points), strict=True))
    axes.errorbar(luts, right, spread, fmt="o", color=COLOUR, markersize=4, ecolor=SPREAD,
                  elinewidth=0.7, capsize=2)
    low, high = luts.min() / 1.4, luts.max() * 1.4
    axes.set_xlim(low, high)
    axes.margins(y=0.15)
    axes.xaxis.set_major_locator(FixedLocator([n for n in ROUND if low <= n <= high]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(color="#d3d9df", linewidth=0.5)
    axes.set_axisbelow(True)


def _label(figure: Any, axes: Any, panel: Panel) -> None:
    """Puts the scheme beside each point, with a line to it where there is no room."""
    points = panel[2]
    scale = 72 / figure.dpi
    spots = scale * axes.transData.transform([(luts, right) for _, luts, right, _ in points])
    area = Box(*(float(scale * side) for side in axes.get_window_extent().extents))
    sizes = [(0.58 * FONT * len(name) + 2, FONT + 2) for name, *_ in points]
    for one in placed([tuple(spot) for spot in spots], sizes, range(len(points)), area, []):
        name, luts, right, _ = points[one.point]
        axes.annotate(name, (luts, right), one.offset, textcoords="offset points", fontsize=FONT,
                      color=INK, bbox=BEHIND, ha=("left", "center", "right")[one.across],
                      va=("bottom", "center", "top")[one.up],
                      arrowprops={"arrowstyle": "-", "color": "#59636e", "linewidth": 0.4,
                                  "shrinkA": 0, "shrinkB": 2} if one.led else None)
