"""The picture and the page of a sensitivity table."""

from qhw.quantization.record import Choice, Mixed, Quantized, Trial
from qhw.report.mixed import mixed_html, sensitivity

TRIALS = (Trial("fc<1>", "fixed:bits=8", 0., 1., 1234, 1, 0, chosen=True),
          Trial("fc<1>", "binary", .123, .5, 300, 0, 0),
          Trial("a_layer_with_a_long_name", "binary", reason="why not"),
          Trial("a_layer_with_a_long_name", "fixed:bits=8", 1.5, None, 7, 2, 3, chosen=True))
BEST = Mixed({"fc<1>": "fixed:bits=8"}, True, .01, 1241, 3, 3, 9, .9, chosen=True)
OVER = Mixed({"fc<1>": "binary"}, False, .5, 9999, 3, 3, fits=False)
CHOICE = Choice("ecp5-25k", {"luts": 2000}, None, {"luts": 1700, "brams": 56, "dsps": 28}, .15,
                None, 10, True, TRIALS, (BEST, OVER))


def test_the_picture_has_every_name_and_number():
    figure = sensitivity(CHOICE, "net on ecp5-25k")
    figure.draw_without_rendering()
    losses, luts = figure.axes
    for axes in figure.axes:
        assert [t.get_text() for t in axes.get_xticklabels()] == ["fixed:bits=8", "binary"]
    assert [t.get_text() for t in losses.get_yticklabels()] == [
        "fc<1>", "a_layer_with_a_long_name"]
    assert {t.get_text() for t in losses.texts} == {"0 %", "12 %", "150 %", "not possible"}
    assert {t.get_text() for t in luts.texts} == {"1,234", "300", "7", "not possible"}
    assert figure.get_suptitle() == "net on ecp5-25k"
    frames = [p for p in losses.patches if not p.get_fill()]
    assert len(frames) == sum(one.chosen for one in TRIALS)
    page = figure.get_window_extent()
    for axes in figure.axes:
        for text in (*axes.get_xticklabels(), *axes.get_yticklabels()[:2 * (axes is losses)]):
            box = text.get_window_extent()
            assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0


def test_the_page_has_the_table_and_the_mixes():
    known = Quantized("net", "mixed", "0", (), 8, .1, 1., choice=CHOICE)
    page = mixed_html(known, CHOICE)
    for text in ("fc&lt;1&gt;", "why not", "1,234", "over the budget", "<svg", "9,999"):
        assert text in page
    assert "fc<1>" not in page
