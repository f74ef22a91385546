"""What a layer is if it says nothing."""

import pytest

from qhw.graph import Op


class Alone(Op):
    kind = "alone"

    def infer(self, *xs):
        return xs[0]

    def evaluate(self, *xs):
        return xs[0]


def test_a_layer_is_real_and_its_channels_differ():
    op = Alone()
    assert not (op.integer or op.alike or op.raw)


@pytest.mark.parametrize("without", ["infer", "evaluate"])
def test_both_methods_are_needed(without):
    kind = type("Half", (Op,), {n: lambda *xs: xs for n in ("infer", "evaluate") if n != without})
    with pytest.raises(TypeError, match=without):
        kind()
