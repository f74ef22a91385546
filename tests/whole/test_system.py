"""A RISC-V processor drives a network on a bus, through the generated driver."""

import shutil

import numpy as np
import pytest

import qhw
from qhw.bus import WRAPS
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Node
from qhw.layers import Conv, Input, Relu
from qhw.lower import lower
from qhw.schemes.ternary import Ternary
from qhw.simulators.golden import golden
from tests.networks import random_input, random_network
from tests.seeds import rotating

pytest.importorskip("pythondata_cpu_picorv32")
pytestmark = pytest.mark.skipif(shutil.which("g++") is None or shutil.which("make") is None,
                                reason="Verilator needs g++ and make to build a simulator")


@pytest.mark.parametrize("wrap", WRAPS)
def test_every_answer_of_the_digits(wrap, tmp_path):
    from sim.system.runner import ran
    found = ran(lower(qhw.load("digits-ternary")), wrap, tmp_path)
    assert (found.wrong, found.samples, found.interrupts) == (0, 6, 6)
    assert found.processor > found.network > 0


def test_a_wrong_answer_is_seen(tmp_path):
    """One element of one wanted answer is another."""
    from sim.system.runner import ran
    graph = lower(qhw.load("digits-binary"))
    x = random_input(qhw.load("digits-binary"), 3)
    wanted = golden(graph, x)[graph.hardware.output.name].reshape(3, -1).copy()
    wanted[1, 0] ^= 1
    assert ran(graph, "wishbone", tmp_path, x, wanted).wrong == 1


@pytest.mark.slow(but=2)
@pytest.mark.parametrize("seed", rotating(6))
def test_any_network(seed, tmp_path):
    """Elements of any width, of both signs, in one beat or in several."""
    from sim.system.runner import ran
    graph = random_network(seed, most=30, layers=2)
    found = ran(lower(graph), WRAPS[seed % 2], tmp_path, random_input(graph, 5))
    assert found.wrong == 0 and found.interrupts == 5


@pytest.mark.slow(but=1)
def test_a_convolutional_network(tmp_path):
    """Images of 81 beats, and answers of 49 beats of several words."""
    from sim.system.runner import ran
    rng = np.random.default_rng(0)
    kernel = Ternary().quantize(rng.normal(size=(4, 18)))
    graph = Graph("conv", (
        Node("input", Input((9, 9, 2), Int(-8, 7))),
        Node("conv", Conv(Ternary(), kernel, Window((3, 3))), ("input",)),
        Node("relu", Relu(), ("conv",)))).check()
    x = rng.integers(-8, 8, (4, 9, 9, 2))
    assert ran(lower(graph), "axi-lite", tmp_path, x).wrong == 0
