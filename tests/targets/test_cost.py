"""Costs of parts, added up."""

from dataclasses import fields

from qhw.targets.cost import SITES, Cost


def test_all_adds_up_but_the_longest_way():
    a, b = Cost(1, 2, 3, 4, 5, 6.5, 7), Cost(10, 20, 30, 40, 50, 6, 70)
    assert a + b == Cost(11, 22, 33, 44, 55, 6.5, 77) == b + a
    assert a + Cost() == a


def test_a_chip_has_a_number_of_each_site():
    assert {*SITES} == {"luts", "brams", "dsps"} <= {f.name for f in fields(Cost)}
