"""What a record says of its own figures, and which of them its JSON has."""

from dataclasses import replace
from pathlib import Path

import pytest

from qhw.report.record import Record
from qhw.tools.typed import as_json, read
from tests.report.pages import costs, full, layer


def test_a_measured_cost_goes_before_the_predicted_one():
    assert read(Record, full()).cost.luts == 1637
    assert read(Record, full() | {"measured": None}).cost.luts == 1664
    assert read(Record, {}).cost is None


@pytest.mark.parametrize(("whole", "said"), [
    (costs(7680, 99_999, 32), ()),
    (costs(7681, brams=33), ("it needs 7681 LUTs of the 7680 that ice40hx8k has, 5000 of them for "
                             "'fc2'", "it needs 33 block RAMs of the 32 that ice40hx8k has, 30 of "
                             "them for 'fc1'")),
    (costs(1, dsps=5), ())])    # of a kind that the target does not count
def test_what_is_missing(whole, said):
    """By the measured cost, though 99 % of the predicted one are elsewhere."""
    assert read(Record, full() | {"measured": whole, "layers": [
        layer(measured=costs(2681, brams=30), estimate=costs(99)),
        layer("fc2", measured=costs(5000, brams=3), estimate=costs(1))]}).missing() == said


def test_what_is_missing_as_predicted():
    said = read(Record, full() | {"estimate": costs(8000), "measured": None, "layers": [
        layer(estimate=costs(8000), measured=None)]}).missing()
    assert said == ("it needs 8000 LUTs of the 7680 that ice40hx8k has, 8000 of them for 'fc1'",)


def test_costs_are_at_the_top_where_they_are_what_was_asked():
    asked = read(Record, full() | {"files": None, "shortfalls": []}).json()
    assert (asked["luts"], asked["ffs"], asked["brams"]) == (1637, 640, 16)
    assert "check" not in asked and asked["shortfalls"] == []
    built = read(Record, full()).json()
    assert "luts" not in built and built["check"]["samples"] == 8
    assert read(Record, built) == built


def test_costs_of_the_whole_and_of_a_layer():
    known = read(Record, full() | {"measured": costs(5), "layers": [
        layer(measured=costs(4), estimate=costs(99)),
        layer("fc2", measured=None, estimate=costs(1))]})
    assert (known.total.luts, known.cost.luts, known.cycles) == (
        5, 5, known.cycles_per_inference)
    assert [known.layer(name).cost.luts for name in ("fc1", "fc2")] == [4, 1]
    with pytest.raises(KeyError, match="'fc3' is not one of fc1, fc2"):
        known.layer("fc3")


def test_no_file_has_the_folder():
    known = replace(read(Record, full()), folder=Path("/home/me/built"))
    assert "folder" not in known.json() and known.folder.name == "built"
    assert "folder" not in as_json([known])[0]
