"""Operators that are not supported are named with advice, in a build and an inspection."""

import pytest

from qhw.loaders import findings
from qhw.loaders.tflite.advice import advice

from .networks import refused, tflites


@pytest.mark.parametrize(("op", "help"), [("DIV", "multiply by a constant"),
                                          ("WHILE", "of one subgraph"), ("EXP", "on the host")])
def test_an_operator_that_is_not_supported_is_named_with_advice(tmp_path, monkeypatch, op, help):
    monkeypatch.setitem(tflites.made.OPTIONS, op, (0, {}))
    made = tflites.Made()
    x, y = made.tensor((1, 4), scale=0.1), made.tensor((1, 4), scale=0.1, name="made")
    made.op(op, [x, x], [y])
    refused(tmp_path, made.file([x], [y]),
            rf"node 'made' \({op}\): operator {op} is not supported; .*{help}")
    found, = findings(tmp_path / "n.tflite")
    assert found.node.name == "made" and found.reason and help in found.help


@pytest.mark.parametrize(("op", "help"), [
    ("CUSTOM FlexErf", "TFLITE_BUILTINS_INT8"), ("STABLEHLO_230", "TFLITE_BUILTINS_INT8"),
    ("CUSTOM ethos-u", "Vela"), ("CUSTOM other", "")])
def test_operators_of_other_makers(op, help):
    assert help in advice(op) and bool(advice(op)) == bool(help)
