"""``estimate`` and ``synth``: which cost decides whether a network fits, and what else is said."""

import pytest

from qhw import verbs
from qhw.design.top import stages
from qhw.errors import ModelError
from qhw.targets.cost import Cost
from tests.board.test_bitstream import network


@pytest.fixture
def priced(monkeypatch):
    """A product of 5,000 LUTs as predicted and of 100 as measured, on a chip of 7,680."""
    def cost(product):
        return lambda graph, chip: {**{unit.name: Cost() for unit in stages(graph)},
                                    "fc1": Cost(luts=product, ns=10), "": Cost(luts=2681)}
    monkeypatch.setattr("qhw.verbs.costs.estimate_costs", cost(5000))
    monkeypatch.setattr("qhw.verbs.costs.synthesize", cost(100))
    monkeypatch.setattr("qhw.tools.programs.yosys_version", lambda: "Yosys 1")


@pytest.mark.usefixtures("priced")
def test_a_prediction_that_does_not_fit():
    known = verbs.estimate(network(), "ice40hx8k")
    assert known.shortfalls == ("it needs 7681 LUTs of the 7680 that ice40hx8k has, 5000 of them "
                                "for 'fc1'",)
    assert known["luts"] == known.estimate.luts == 7681
    assert known.measured is None and known.goal is None and not known.settings.tools


@pytest.mark.usefixtures("priced")
def test_what_is_measured_decides():
    known = verbs.synth(network(), "ice40hx8k")
    assert known.shortfalls == ()
    assert (known["luts"], known.estimate.luts) == (2781, 7681)
    assert known.settings.tools == {"yosys": "Yosys 1"}


def test_a_board_is_its_chip_with_the_fastest_folds_that_fit():
    """32 products: all at once."""
    known = verbs.estimate(network(), board="icebreaker")
    assert (known.target, known.cycles_per_inference) == ("ice40up5k", 1)
    assert known.goal.exact and known.settings.folds == {"fc1": (4, 8)}


@pytest.mark.parametrize("verb", [verbs.estimate, verbs.synth])
def test_costs_are_of_a_chip(verb):
    with pytest.raises(ModelError, match="give a target or a board"):
        verb(network())
    with pytest.raises(ModelError, match="not both"):
        verb(network(), "ice40hx8k", board="icebreaker")
