"""Tables, bars and stalls of the layers, by hand."""


from qhw.report import layers
from qhw.report.record import Record
from qhw.tools.typed import read
from tests.report.pages import bars, cells, costs, full, layer, report_html, text


def test_table_of_layers():
    assert cells(report_html(full()), "shapes")[1:3] == [
        ["fc1", "matvec", "8 x 5", "0..16", "4 x 11", "-500..498", "2,048", "4,096", "64"],
        ["act1", "threshold", "8 x 5", "0..16", "4 x 11", "-500..498", "none", "none", "8"]]


def test_table_of_costs():
    assert cells(report_html(full()), "costs")[2:] == [
        ["fc1", "812", "790", "+2.8%", "300", "310", "-3.2%", "8", "8", "0%"],
        ["act1", "40", "50", "-20.0%", "20", "20", "0%", "0", "0", "0%"],
        ["act1_beats8", "812", "790", "+2.8%", "300", "310", "-3.2%", "8", "8", "0%"],
        ["outside the layers", "none", "7", "none", "none", "0", "none", "none", "0", "none"],
        ["whole", "1,664", "1,637", "+1.6%", "620", "640", "-3.1%", "16", "16", "0%"],
        ["of the device", "21.7%", "21.3%", "", "", "", "", "50.0%", "50.0%", ""]]


def test_a_prediction_alone_has_no_error():
    page = report_html({"layers": [layer(measured=None), layer("fc2", measured=None)]})
    assert cells(page, "costs") == [
        ["layer", "LUTs", "Flip-flops", "Block RAMs"], ["fc1", "812", "300", "8"],
        ["fc2", "812", "300", "8"], ["whole", "1,624", "600", "16"]]
    assert "Cost, predicted" in text(page)


def test_bars_have_the_longest_as_their_scale():
    page = report_html(full())
    assert bars(page, "slow") == ["100.0%"]
    assert bars(page, "cycles") == ["12.5%", "12.5%"]
    assert bars(page, "estimate")[0] == "100.0%"
    assert bars(page, "measured")[0] == f"{100 * 790 / 812:.2f}%"


def test_shares_are_of_what_was_measured():
    """790 and 50 of 7,680 LUTs; of what was only predicted, 812."""
    def shares(record):
        return next(c.shares for c in layers.charts(read(Record, record)) if c.label == "LUTs")

    assert shares(full()) == ["10.3%", "0.7%", "10.3%"]
    assert shares(full() | {"layers": [layer(measured=None)], "measured": None}) == ["10.6%"]


def test_uncertainty_beside_the_prediction():
    record = full() | {"uncertainty": {"luts": .06},
                       "layers": [layer(uncertainty={"ffs": .013}), layer("fc2")]}
    rows = cells(report_html(record), "costs")
    assert [row[1] for row in rows[2:5]] == ["812", "812", "40"]
    assert [row[4] for row in rows[2:4]] == ["300 ±1.3%", "300"]
    assert next(row for row in rows if row[0] == "whole")[1] == "1,664 ±6%"
    assert "standard deviation" in text(report_html(record))
    assert "standard deviation" not in text(report_html(full()))


def test_carry_chains_are_a_column_of_their_own():
    page = report_html({"layers": [layer(estimate=costs(5) | {"carries": 7}, measured=None)]})
    assert cells(page, "costs")[:2] == [["layer", "LUTs", "Carry bits"], ["fc1", "5", "7"]]


def test_stalls():
    record = full()
    record["simulation"] |= {"cycles": 1000, "samples": 4, "activity": {
        "fc1": {"moved": 250, "blocked": 100, "idle": 600}}}
    page = report_html(record)
    assert cells(page, "stalls")[1][:5] == ["fc1", "100.0%", "250", "100", "600"]
    assert [bars(page, style) for style in ("moved", "blocked", "idle")] == [
        ["25.0%"], ["10.0%"], ["60.0%"]]
    assert "1,000 cycles of simulation, 4 inferences" in text(page)
    assert "stalls" not in report_html(full())


def test_what_is_outside_layers_is_told_where_all_are_known():
    """One layer has no measured cost: what the others leave of the total is not outside."""
    record = full() | {"layers": [layer(), layer("fc2", measured=None)],
                       "estimate": costs(1624, 600, 16), "measured": costs(1637, 640, 16)}
    rows = cells(report_html(record), "costs")[2:]
    assert [row[0] for row in rows] == ["fc1", "fc2", "whole", "of the device"]
    record["estimate"] = costs(1630, 600, 16)
    rows = cells(report_html(record), "costs")[2:]
    assert next(row for row in rows if row[0] == "outside the layers")[1:3] == ["6", "none"]
