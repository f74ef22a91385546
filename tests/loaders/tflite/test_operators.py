"""Which handler an operator has, and what is refused before one is asked."""

import pytest

from qhw.loaders.tflite import operators
from qhw.loaders.tflite.operators import handles, understood
from qhw.loaders.tflite.values import TFLiteNode, Unsupported


@pytest.fixture
def handler(monkeypatch):
    """Of two operators, one with one input and one with 2 or 3."""
    monkeypatch.setattr(operators, "HANDLERS", {})

    @handles("ONE")
    @handles("MORE", inputs=(2, 3))
    def handler(reader, node): ...

    return handler


def node(op, count, fault=""):
    return TFLiteNode("n", op, "", (0,) * count, (9,), fault=fault)


@pytest.mark.parametrize(("op", "count"), [("ONE", 1), ("MORE", 2), ("MORE", 3)])
def test_what_is_understood(op, count, handler):
    assert understood(node(op, count)) is handler


@pytest.mark.parametrize(("asked", "says"), [
    (node("OTHER", 1), "^operator OTHER is not supported$"),
    (node("ONE", 0), "^it has 0 inputs, and ONE takes 1$"),
    (node("MORE", 1), "^it has 1 inputs, and MORE takes 2 to 3$"),
    (node("MORE", 4), "^it has 4 inputs, and MORE takes 2 to 3$"),
    (node("ONE", 1, "its option alpha is nan"), "^its option alpha is nan$")])
@pytest.mark.usefixtures("handler")
def test_what_is_not(asked, says):
    with pytest.raises(Unsupported, match=says):
        understood(asked)
