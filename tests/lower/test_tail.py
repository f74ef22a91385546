"""What the host computes behind the hardware: one chain of layers, of integers with a scale."""

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.layers import Add, Flatten, Join, Relu
from qhw.layers.functions import Function
from qhw.layers.product import Product
from qhw.lower import lower
from qhw.ops import Concat
from qhw.simulators.golden import evaluate
from sim.proof import small


@pytest.mark.parametrize("act", small.ACTIVATIONS)
def test_the_end_has_its_scale(act):
    """A network that ends in an activation gives what its codes stand for, times the scale."""
    graph = small.Case("end", tuple(small.active(act).nodes)).graph
    x, made = small.samples(20), graph.tensors["act"]
    ran, answer = qhw.simulate(graph, x), lower(graph).answer
    assert np.array_equal(ran.y, made.real(evaluate(graph, x)["act"]))
    assert answer.coded is None, "the port carries integers, not codes of them"
    assert np.array_equal(ran.y, answer.real(ran.codes))


@pytest.mark.parametrize("op", [Add(), Join()])
@pytest.mark.parametrize("both", [True, False])
def test_real_branches_that_meet_are_refused(op, both):
    one, two = small.Row("a_"), small.Row("b_")
    for row, seed in ((one, 1), (two, 2)):
        row.nodes += small.active("quantize", row.prefix, seed).nodes[:1]
        row.last = row.nodes[-1].name
    one.add("relu", Relu())
    if both:
        two.add("relu", Relu())
    nodes = (*two.nodes, *one.add("out", op, two.last).nodes)
    with pytest.raises(ModelError, match=r"'a_out': .* are real-valued"):
        lower(small.Case("heads", nodes).graph)


def test_codes_pass_where_only_the_host_has_work():
    graph = small.Case("relu", tuple(small.Row().add("out", Relu()).nodes)).graph
    x, lowered = small.samples(5), lower(graph)
    assert [n.op.kind for n in lowered.hardware.nodes[1:]] == ["requantize"]
    ran = qhw.simulate(graph, x, engine="amaranth", trace=True)
    assert ran.matches == 5 and np.array_equal(ran.y, evaluate(graph, x)["out"])


def test_real_branches_of_the_input_that_meet_are_refused():
    one, two = (small.Row(f"{name}_").add("f", Function(name, np.tanh)) for name in "ab")
    nodes = (*two.nodes, *one.add("out", Product(), two.last).nodes)
    with pytest.raises(ModelError, match=r"'a_out': 'a_f' and 'b_f' are real-valued"):
        lower(small.Case("swish", nodes).graph)


def test_no_hardware_is_refused():
    with pytest.raises(ModelError, match="no layer of it can become hardware"):
        lower(small.Case("nothing", tuple(small.Row().add("out", Flatten()).nodes)).graph)


@pytest.mark.parametrize("op", [Concat(), Join()])
@pytest.mark.parametrize("last", [True, False])
def test_one_input_is_its_own_concatenation(op, last):
    row = small.active("log").add("one", op)
    if not last:
        row.add("out", small.THREE)
    graph, x = small.Case("one", tuple(row.nodes)).graph, small.samples(4)
    ran = qhw.simulate(graph, x, engine="amaranth", trace=True)
    made, want = graph.tensors[graph.output.name], evaluate(graph, x)[graph.output.name]
    assert ran.matches == 4
    assert np.array_equal(ran.y, made.real(want) if made.codes else want)
