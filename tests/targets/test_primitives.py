"""Cells counted by their role."""

import pytest

from qhw.targets.cost import Cost
from qhw.targets.primitives import Primitives
from tests.netlist import cell, netlist

ROLES = Primitives(("DFF", "LATCH"), luts={"LUT": 1, "PAIR": 2, "RAM4": 4},
                   blocks={"B": 1, "BB": 2}, dsps=("MUL", "MAC"), carries={"PAIR": 2, "CY": 1},
                   carry_in=("CI",), carry_out="CO", free=("MUX",))
KINDS = ["LUT", "LUT", "PAIR", "RAM4", "DFF", "DFFE", "LATCHR", "B", "BB", "MUL", "MAC", "CY",
         "MUX", "ODD", "xDFF"]


def test_every_cell_once_and_flip_flops_by_the_start_of_their_names():
    found = netlist(*(cell(kind, "Q", D=1, Q=2) for kind in KINDS))
    assert ROLES.cost(found) == Cost(luts=2 + 2 + 4, ffs=3, brams=3, dsps=2, carries=3)


def test_luts_of_a_whole_module():
    packed = Primitives(("DFF",), {"LUT": 1}, {}, packed=lambda module: 7 * len(module["cells"]))
    found = netlist(cell("LUT", "Q", D=1, Q=2), cell("DFF", "Q", D=1, Q=2))
    assert packed.cost(found) == Cost(luts=14, ffs=1)


@pytest.mark.parametrize(("kind", "starts"), [
    ("DFF", True), ("DFFE", True), ("LATCH", True), ("B", True), ("BB", True), ("BBB", False),
    ("LUT", False), ("xDFF", False), ("MUL", False)])
def test_where_ways_begin(kind, starts):
    assert ROLES.starts(kind) == starts
