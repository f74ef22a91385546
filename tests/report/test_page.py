"""Numbers, shares and names as text, by hand."""

import pytest

from qhw.report.page import breaks, decimal, error, number, percent, wide
from tests.report.pages import plain


@pytest.mark.parametrize(("estimate", "measured", "said"), [
    (110, 100, "+10.0%"), (90, 100, "-10.0%"), (5, 5, "0%"), (0, 0, "0%"), (3, 0, "none"),
    (0, 3, "-100.0%"), (None, 3, "none"), (3, None, "none")])
def test_error(estimate, measured, said):
    assert plain(error(estimate, measured)) == said


@pytest.mark.parametrize(("part", "whole", "said"), [
    (540, 540, "100.0%"), (99_999, 100_000, "99.9%"), (1, 3, "33.3%"), (3, 2, "150.0%")])
def test_percent(part, whole, said):
    assert percent(part, whole) == said


@pytest.mark.parametrize(("value", "as_number", "as_decimal"), [
    (0, "0", "0"), (1234, "1,234", "1,234"), (1234.0, "1,234", "1,234"), (99.96, "100", "100"),
    (0.0416, "0", "0.0416"), (12.34, "12.3", "12.3"), (None, "none", "none")])
def test_numbers(value, as_number, as_decimal):
    assert (plain(number(value)), plain(decimal(value))) == (as_number, as_decimal)


def test_long_names_break_between_words_and_not_in_numbers():
    assert breaks("fc1_act:bits=4,x.y1.5") == "fc1_<wbr/>act:<wbr/>bits=4,<wbr/>x.<wbr/>y1.5"
    assert breaks("<b>") == "&lt;b&gt;"


def test_the_width_of_a_line():
    """At 10 pixels: an i of 3, an m of 9.6, a capital of 7.1, any other letter of 6.4."""
    assert wide("imAn", 10) == pytest.approx(3 + 9.6 + 7.1 + 6.4)
