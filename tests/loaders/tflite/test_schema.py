"""The slots and numbers of the schema are those of the package that is generated from it."""

import inspect
import re

import pytest

from qhw.loaders.tflite import graph, schema
from qhw.loaders.tflite.operators import HANDLERS

tflite = pytest.importorskip("tflite", reason="the schema's package is not installed")
RENAMED = {"activation": "fusedActivationFunction", "dilation_w": "dilationWFactor",
           "dilation_h": "dilationHFactor", "bias_type": "quantizedBiasType",
           "multiplier": "depthMultiplier"}
SLOT = r"Prepend(\w+)Slot\((\d+), (?:flatbuffers\S*\()?(\w+)\)?, ([-\d.]+)\)"
KINDS = {"byte": "Int8", "bool": "Bool", "int": "Int32", "float": "Float32",
         "[int]": "UOffsetTRelative", "string": "UOffsetTRelative"}


def numbers(enum):
    return {v: k for k, v in vars(enum).items() if isinstance(v, int)}


def test_numbers_have_their_names():
    operators = numbers(tflite.BuiltinOperator)
    assert [operators[k] for k in range(len(schema.OPERATORS))] == list(schema.OPERATORS)
    types = numbers(tflite.TensorType)
    assert [types[k] for k in range(len(schema.TYPES))] == list(schema.TYPES)
    activations = numbers(tflite.ActivationFunctionType)
    assert [activations[k] for k in range(6)] == list(schema.ACTIVATIONS)


@pytest.mark.parametrize("op", [op for op, (number, _) in schema.OPTIONS.items() if number])
def test_options_have_their_slots_kinds_and_defaults(op):
    number, fields = schema.OPTIONS[op]
    name = numbers(tflite.BuiltinOptions)[number]
    text = inspect.getsource(__import__(f"tflite.{name}", fromlist=["x"]))
    found = {field.lower(): (int(slot), kind, float(default)) for kind, slot, field, default in
             re.findall(SLOT, text)}
    for field, (slot, kind, default) in fields.items():
        known = RENAMED.get(field, field.replace("_", "")).lower()
        assert found[known] == (slot, KINDS[kind], default)


def test_every_operator_that_is_read_has_its_options_in_the_schema():
    assert graph.inspect_tflite     # its module fills the table of handlers
    assert set(HANDLERS) <= set(schema.OPTIONS)
