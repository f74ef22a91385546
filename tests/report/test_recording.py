"""The record of a lowered graph: the figures that follow from others, by hand."""

import pytest

import qhw
from qhw.design.top import stages
from qhw.lower import lower
from qhw.report.recording import record
from qhw.targets import target
from qhw.targets.cost import Cost

CHIP = target("ice40up5k")


@pytest.fixture(scope="module")
def graph():
    return lower(qhw.load("digits-ternary"))


def costs(graph, *luts):
    """LUTs of the first units and of what holds them together; none of the others."""
    names = [unit.name for unit in stages(graph)]
    given = dict(zip(names, [*luts[:-1], *[0] * len(names)], strict=False))
    return {**{name: Cost(luts=n, ns=10.0) for name, n in given.items()}, "": Cost(luts=luts[-1])}


def test_errors_of_units_add_up_as_independent_ones_do(graph, monkeypatch):
    """300 +- 10 % and 200 +- 20 % are 30 and 40 LUTs, together 50 of 1000."""
    relative = dict(zip([unit.name for unit in stages(graph)], (0.1, 0.2), strict=False))
    monkeypatch.setattr("qhw.report.recording.deviation",
                        lambda unit, target: relative.get(unit.name, 0.3))
    known = record(graph, CHIP, estimate=costs(graph, 300, 200, 500))
    assert known["uncertainty"] == {"luts": 0.05}
    assert [layer["uncertainty"]["luts"] for layer in known["layers"][:3]] == [0.1, 0.2, 0.3]
    known = record(graph, CHIP, estimate=costs(graph, 300, 0, 0))
    assert known["uncertainty"] == {"luts": 0.1}
    assert record(graph, CHIP, estimate=costs(graph, 0, 0, 0))["uncertainty"] == {"luts": 0}


def test_what_is_used_and_how_often_it_answers(graph):
    """2640 of 5280 LUTs; the longest way of two decides the clock."""
    known = record(graph, CHIP, estimate={
        **costs(graph, 2000, 0, 640), stages(graph)[1].name: Cost(ns=40.0),
        stages(graph)[2].name: Cost(ns=20.0, brams=3)})
    assert known["utilization"] == {"luts": 0.5, "brams": 0.1, "dsps": 0.0}
    clock = known["fmax_mhz"]["estimate"]
    assert known["inferences_per_second"]["estimate"] == pytest.approx(
        1e6 * clock / known["cycles_per_inference"], abs=0.05)
    assert known["estimate"]["luts"] == 2640 and known["estimate"]["ns"] == 40.0
