"""What a simulation counts at each layer's output, and how it gets into the report."""


import numpy as np
import pytest

import qhw
from qhw import verbs
from qhw.design.top import stages
from qhw.loaders import shipped
from qhw.lower import lower

MODEL = "digits-binary"


@pytest.fixture(scope="module")
def digits():
    x, labels = verbs.read_input(shipped()[MODEL].parent / "digits" / "test.npz", 9)
    return x.astype(np.int64), labels


@pytest.mark.parametrize("stalls", [None, 3])
def test_every_beat_is_counted_once(digits, stalls):
    found = qhw.simulate(MODEL, digits[0], engine="verilator", trace=True, stalls=stalls)
    units = {unit.name: unit for unit in stages(lower(qhw.load(MODEL))) if unit.node}
    assert found.activity.keys() == units.keys()
    for name, counted in found.activity.items():
        unit = units[name]
        assert counted["moved"] == 9 * unit.y.size // unit.o_lanes
        assert sum(counted.values()) <= found.cycles
    assert (sum(counted["blocked"] for counted in found.activity.values()) > 0) == bool(stalls)


def test_only_the_traced_simulation_counts(digits):
    assert qhw.simulate(MODEL, digits[0], engine="verilator").activity == {}
    assert qhw.simulate(MODEL, digits[0], trace=True).activity == {}
