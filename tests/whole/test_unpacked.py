"""The bits of an iCE40, unpacked into gates again, give the golden's integers."""

import re

import numpy as np
import pytest

from qhw.errors import ToolError
from qhw.lower import lower
from qhw.simulators import verilator_sim
from qhw.simulators.golden import golden
from sim.proof.bitstream import bits, icebox_vlog, program, unpacked
from tests.networks import random_input
from tests.simulators.test_netlist_sim import small

pytestmark = pytest.mark.skipif(icebox_vlog() is None, reason="icebox_vlog is not installed")


def test_bits_are_the_network(tmp_path):
    graph = lower(small())
    exact = golden(graph, random_input(graph, 200))
    first, last = graph.hardware.nodes[0].name, graph.hardware.output.name
    verilog = unpacked(bits(graph, tmp_path))
    luts = re.findall(r"^assign \w+ = /\* LUT .*$", verilog, re.MULTILINE)
    lut = luts[len(luts) // 2]
    wrong = verilog.replace(lut, re.sub(r"= (/\*.*\*/) (.*);", r"= \1 !(\2);", lut))
    assert wrong != verilog
    for text, right in ((verilog, True), (wrong, False)):
        try:
            got = verilator_sim.drive(program(graph, text), graph, exact[first]).codes
            assert np.array_equal(got, exact[last]) == right
        except ToolError:       # a beat too few, or one that is not the last
            assert not right
