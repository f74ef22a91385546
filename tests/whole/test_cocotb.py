"""The cocotb benches: each test in them is one here."""

import shutil
from xml.etree import ElementTree

import pytest

from qhw.graph import Graph
from qhw.lower import lower
from tests.networks import random_input, random_network

BENCHES = ("back_to_back", "pauses_at_both_ends", "reset_in_the_middle")

pytestmark = pytest.mark.skipif(
    shutil.which("g++") is None or shutil.which("perl") is None,
    reason="cocotb needs g++ and perl to build a simulator")


def networks() -> dict[str, Graph]:
    """One with a single beat out, one with several, and real digits."""
    import qhw

    return {"digits-ternary": qhw.load("digits-ternary"),
            "scores": random_network(11, most=40, layers=2)}


def passes(results, benches):
    """Whether cocotb ran these benches, and none failed."""
    cases = {case.get("name"): case for case in ElementTree.parse(results).iter("testcase")}
    assert sorted(cases) == sorted(benches)
    failed = {n: case.find("failure") for n, case in cases.items()
              if case.find("failure") is not None or case.find("error") is not None}
    assert not failed


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("name", ["digits-ternary", "scores"])
def test_axi_stream(name, tmp_path):
    from sim.cocotb.runner import bench

    graph = networks()[name]
    passes(bench(lower(graph), random_input(graph, 16), tmp_path), BENCHES)


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("name", ["digits-ternary", "scores"])
def test_axi_lite(name, tmp_path):
    from sim.cocotb.runner import bus_bench

    graph = networks()[name]
    passes(bus_bench(lower(graph), random_input(graph, 6), tmp_path),
           ("answers", "refusals", "clearing"))
