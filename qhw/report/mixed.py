"""The sensitivity table of a mix of schemes: its picture and its page."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..names import visible
from ..quantization.record import Choice, Quantized, Trial
from ..targets.cost import SITES
from .page import SIZES, number, render, share
from .pictures import BEST, INK, PAGE, drawing, inlined
from .record import Record

__all__ = ["mixed_html", "sensitivity"]

LEAST = 1e-9
"""Loss that is drawn as the least."""
DARK = 0.6
"""Part of the colours from which on text is light."""


def sensitivity(choice: Choice, title: str) -> Figure:
    """Draws the loss and the LUTs of each layer in each scheme as two tables of colours; frames
    are the schemes that were chosen.

    Parameters
    ----------
    choice : the choice
    title : title above the picture"""
    layers = list(dict.fromkeys(one.layer for one in choice.trials))
    schemes = list(dict.fromkeys(one.scheme for one in choice.trials))
    with drawing():
        figure: Any = Figure((2.4 + 1.5 * len(schemes), 2.1 + 0.32 * len(layers)),
                             layout="constrained")
        FigureCanvasAgg(figure)
        figure.suptitle(visible(title))
        panels = figure.subplots(1, 2, sharey=True)
        _table(panels[0], choice.trials, layers, schemes, lambda one: one.loss, share)
        panels[0].set_title("squared error of the scores, this layer alone")
        panels[0].invert_yaxis()
        panels[0].set_yticks(range(len(layers)), [visible(name) for name in layers])
        _table(panels[1], choice.trials, layers, schemes, lambda one: one.luts, number)
        panels[1].set_title("LUTs of the layer")
        frame = Rectangle((0, 0), 1, 1, fill=False, edgecolor=BEST, linewidth=2)
        figure.legend([frame], ["chosen"], loc="outside lower center")
    return figure


def _table(axes: Any, trials: Sequence[Trial], layers: Sequence[str], schemes: Sequence[str],
           value: Callable[[Trial], float | None], said: Callable[[Any], str]) -> None:
    """Draws one number of each trial, and its colour on a logarithmic scale."""
    numbers = np.full((len(layers), len(schemes)), np.nan)
    places = {(one.layer, one.scheme): one for one in trials}
    for (layer, scheme), one in places.items():
        if one.reason is None and (found := value(one)) is not None:
            numbers[layers.index(layer), schemes.index(scheme)] = max(found, LEAST)
    low, high = (float(np.nanmin(numbers)), float(np.nanmax(numbers)))
    scale: Any = LogNorm(low, max(high, low * 1.01))
    axes.pcolormesh(np.arange(len(schemes)), np.arange(len(layers)), numbers, cmap="Greys",
                    norm=scale, alpha=0.85, shading="nearest")
    for (layer, scheme), one in places.items():
        y, x = layers.index(layer), schemes.index(scheme)
        dark = float(scale(numbers[y, x])) > DARK if np.isfinite(numbers[y, x]) else False
        axes.text(x, y, "not possible" if one.reason else said(value(one)), ha="center",
                  va="center", color=PAGE if dark else INK, fontsize=7.5)
        if one.chosen:
            axes.add_patch(Rectangle((x - .48, y - .46), .96, .92, fill=False, edgecolor=BEST,
                                     linewidth=2, zorder=3))
    axes.set_xticks(range(len(schemes)), [visible(name) for name in schemes], rotation=30,
                    ha="right", rotation_mode="anchor")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def mixed_html(known: Quantized, choice: Choice) -> str:
    """Makes the page of a mix: its picture, the table, and the mixes that were measured."""
    figure = sensitivity(choice, "")
    width, height = (int(96 * side) for side in figure.get_size_inches())
    size = SIZES[0]._replace(width=width, height=height)
    return render("mixed.html.jinja", settings=[], known=known, choice=choice, share=share,
                  kinds=SITES, drawing=inlined(figure, size),
                  record=Record(name=known.name, qhw=known.qhw, target=choice.target))
