"""Pictures of comparisons: what stands on the axes and beside the points."""

import numpy as np
import pytest
from matplotlib.text import Text

from qhw.exploration.sweep import mark
from qhw.report import pictures
from qhw.schemes import schemes
from tests.report.pages import scored as row


def labels_of(figure):
    """The texts beside the markers and where they are."""
    figure.draw_without_rendering()
    axes, = figure.axes
    return [(t.get_text(), Text.get_window_extent(t)) for t in axes.texts]


def marks(rows, size=(9, 6)):
    """The numbers on the axes."""
    figure = pictures.accuracy(rows, size=size)
    figure.draw_without_rendering()
    axes, = figure.axes
    return ([t.get_text() for t in axis.get_ticklabels()] for axis in (axes.xaxis, axes.yaxis))


def test_axes_have_round_numbers():
    """Over decades, in a narrow range, and where nothing is lost."""
    luts, accuracies = marks([row("a", 0.9, 100), row("b", 1.0, 100_000), row("c", 0.99, 5000)])
    assert {"100", "1,000", "10,000", "100,000"} <= set(luts) and len(luts) <= 12
    assert {"90 %", "99 %", "100 %"} <= set(accuracies)
    luts, accuracies = marks([row("a", 0.981, 2410), row("b", 0.983, 2590)])
    assert luts[:3] == ["2,400", "2,420", "2,440"]
    assert {"98.1 %", "98.15 %", "98.3 %"} <= set(accuracies)
    assert list(marks([row("a", None, 5, relative_error=0.1),
                       row("b", None, 9, relative_error=0.01)]))[1][:2] == ["0.01", "0.015"]


@pytest.mark.parametrize("seed", range(4))
def test_pictures_name_every_scheme_and_no_label_covers_another(seed):
    """Even if most schemes are about as good and as large as each other."""
    rng = np.random.default_rng(seed)
    rows = mark([row(name, float(a), int(luts)) for name, a, luts in zip(
        schemes, np.clip(rng.normal(0.98, 0.03, len(schemes)), 0, 1),
        10 ** rng.normal(4, 0.2, len(schemes)), strict=True)], "luts")
    figure = pictures.accuracy(rows, "random")
    found = labels_of(figure)
    assert sorted(name for name, _ in found) == sorted(schemes)
    boxes = [box for _, box in found]
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
    area = figure.axes[0].get_window_extent()
    assert all(area.x0 <= b.x0 and b.x1 <= area.x1 and area.y0 <= b.y0 and b.y1 <= area.y1
               for b in boxes)
    assert pictures.files("a", figure) == pictures.files("a", pictures.accuracy(rows, "random"))
