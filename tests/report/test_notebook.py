"""Records show their page in a notebook's cell."""

from html import unescape
from re import fullmatch

import qhw
from qhw.report.comparison import comparison_html
from qhw.report.report import report_html
from qhw.report.rows import Comparison, Row


def inside(frame):
    """The page in a frame that no letter of it can leave."""
    page, = fullmatch(r'<iframe srcdoc="([^"]*)" width="100%" height="\d+" style="border:0" '
                      r'sandbox=""></iframe>', frame).groups()
    return unescape(page)


def test_a_record_shows_its_report():
    known = qhw.estimate("digits-binary", "ice40up5k")
    assert inside(known._repr_html_()) == report_html(known)
    assert "fc1" in report_html(known)


def test_a_comparison_shows_its_page():
    row = Row(scheme='"<b>', target="ice40up5k", relative_error=.1, luts=3, cycles=4, fits=True,
              bits_per_weight=1.0, ffs=0, brams=0, dsps=0)
    known = Comparison("net", rows=(row,), target="ice40up5k")
    assert inside(known._repr_html_()) == comparison_html(known)
    assert "<b>" not in comparison_html(known)
