"""What ``make test`` and a gate leave out gets its turn, and nothing else is left out."""

from collections import Counter

import pytest

from tests.conftest import TENTHS, spared, tenth


class Item:
    """A case of a parametrized test, as pytest collects it."""

    def __init__(self, case, **marked):
        self.nodeid, self.function = f"tests/test_x.py::test_y[{case}]", test_all_get_their_turn
        self.mark = pytest.mark.slow(**marked).mark

    def get_closest_marker(self, name):
        return self.mark if name == "slow" else None


@pytest.mark.parametrize(("cases", "but"), [(7, 2), (6, 2), (3, 5), (1, 1)])
def test_all_get_their_turn(cases, but):
    """In as few days as can be."""
    items, seen = [Item(case, but=but) for case in range(cases)], Counter()
    for day in range(40, 40 - (-cases // but)):
        today = [item.nodeid for item in spared(items, day)]
        assert len(today) == len(set(today)) == min(but, cases)
        seen.update(today)
    assert len(seen) == cases


def test_what_is_slow_without_exception_stays_so():
    assert not list(spared([Item(case) for case in range(5)], 3))


def test_every_slow_test_has_a_day_of_ten():
    """And no day is without."""
    days = Counter(tenth(f"tests/test_x.py::test_{k}") for k in range(1000))
    assert set(days) == set(range(TENTHS)) and max(days.values()) < 150
