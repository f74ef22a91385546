"""Networks on their way to hardware: their folds, and errors that name their file."""

from pathlib import Path

import numpy as np
import pytest

from qhw.design.cycles import predict
from qhw.engines.spatial import SpatialEngine
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.fold.goal import Goal
from qhw.graph import Graph, Node, PeSimd, Spatial
from qhw.layers import Conv, Dense, Function, Input, Sign
from qhw.lower import EVERY
from qhw.schemes.binary import Binary
from qhw.targets.boards import place
from qhw.verbs.networks import buildable, described, folded, lowered
from tests.board.test_bitstream import network
from tests.tiny import write_tiny


def product(graph):
    found, = (n.op for n in graph.nodes if n.op.kind == "matvec")
    return found.pe * found.simd


@pytest.mark.parametrize(("cycles", "elements"), [(1, 32), (8, 4), (32, 1)])
def test_folds_of_at_most_so_many_cycles(cycles, elements):
    """Of 4 outputs of 8 inputs each, 32 products."""
    graph, reached = folded(network(), place(None, None), None, None, cycles)
    assert (product(graph), reached) == (elements, None)


def test_fewer_cycles_than_folds_without_a_chip_take():
    """A window of 3 x 3 without a chip gives a tap a cycle: 16 places of 9 taps are 144 cycles."""
    rng, nowhere = np.random.default_rng(0), place(None, None)
    conv = Conv(Binary(), Binary().quantize(rng.normal(size=(4, 9))),
                Window((3, 3), pads=(1, 1, 1, 1)))
    graph = Graph("net", (Node("input", Input((4, 4, 1), Int(0, 15))),
                          Node("conv", conv, ("input",)), Node("sign", Sign(), ("conv",)))).check()
    assert predict(folded(graph, nowhere, None, None, 144)[0]).interval == 144
    with pytest.raises(ModelError, match="144 cycles an inference, and 143 are asked for; add a"):
        folded(graph, nowhere, None, None, 143)


def test_a_board_without_a_wish_gets_the_fastest():
    graph, reached = folded(network(), place(None, "icebreaker"), None, None, None)
    assert (product(graph), reached.cycles) == (32, 1)


@pytest.mark.parametrize("asked", [{"folds": {"fc1": PeSimd(2, 2)}}, {"cycles": 8}])
def test_a_board_leaves_what_was_asked_for(asked):
    graph, reached = folded(network(), place(None, "icebreaker"), None, asked.get("folds"),
                            asked.get("cycles"))
    assert (product(graph), reached) == (4, None)


def test_all_layers_in_logic_leave_nothing_to_search():
    graph, reached = folded(network(), place("ice40hx8k", None), Goal(luts=1), {EVERY: Spatial()},
                            None)
    assert reached is None
    assert [type(n.op.engine) for n in graph.nodes if n.op.kind == "matvec"] == [SpatialEngine]


def test_a_goal_is_for_a_chip():
    with pytest.raises(ModelError, match="A goal needs a chip: give a target or a board"):
        folded(network(), place(None, None), Goal(cycles=8), None, None)


def real(source=None):
    """A graph whose second product is of real numbers, and has a product and a curve before it."""
    first, second = (Dense(Binary(), Binary().quantize(np.ones((2, n)))) for n in (8, 2))
    return Graph("net", (Node("input", Input((8,), Int(0, 3))), Node("fc1", first, ("input",)),
                         Node("curve", Function("tanh", np.tanh), ("fc1",)),
                         Node("fc2", second, ("curve",)), Node("sign", Sign(), ("fc2",))),
                 source=source)


def test_errors_of_lowering_name_the_file():
    said = "Layer 'sign': dense layer 'fc2' is real-valued here; put a quantize or sign layer"
    for source, start in ((Path("net.onnx"), r"net\.onnx: "), (None, "")):
        with pytest.raises(ModelError, match=f"^{start}{said}"):
            lowered(real(source), None, None, None)
    with pytest.raises(ModelError, match=f"^mine: {said}"):
        buildable(real(), "mine")
    assert buildable(network(), "mine") is None


def test_errors_of_a_description_name_its_folder_once(tmp_path):
    folder = write_tiny(tmp_path / "tiny")
    assert described(folder).name == "tiny"
    (folder / "model.toml").write_text("schema = 1\n")
    with pytest.raises(ModelError) as e:
        described(folder)
    assert str(e.value).startswith(str(folder)) and str(e.value).count(str(folder)) == 1
    with pytest.raises(ModelError, match=r"^nothing: there is no such folder or file"):
        described(Path("nothing"))
