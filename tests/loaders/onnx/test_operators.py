"""Every operator and attribute that is claimed, against ONNX Runtime or ONNX's reference, in every
version of it; what is not claimed is refused. Walked by ONNX's own schemas.
"""

import ast
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

import qhw
from qhw.layers.functions import NAMED
from qhw.loaders.onnx.file import OnnxNode
from qhw.loaders.onnx.operators import OPERATORS, schema, understood
from qhw.loaders.onnx.values import Unsupported

from .onnx_cases import OWN, RUNS, answers, model_of, samples


@cache
def attributes(op, opset):
    """Schema of each attribute."""
    return schema(op, opset).attributes


def default(op, opset, name):
    value = attributes(op, opset)[name].default_value
    found = helper.get_attribute_value(value) if value.type else None
    return found.decode() if isinstance(found, bytes) else found


def is_same(model, x, want):
    """Whether the oracle says the same of another model, if it takes it at all."""
    try:
        found = answers(model, x)
    except Exception:       # of the runtime's own classes
        return False
    return found.shape == want.shape and np.allclose(found, want)


def by_attribute():
    """Runs by operator and attribute, where the attribute is given and not the default."""
    found = {}
    for case, opset in RUNS:
        for name, value in case.attributes.items():
            if value != default(case.op, opset, name):
                found.setdefault((case.op, name), []).append((case, opset))
    return found


ALIKE = {("Conv", "kernel_shape"), ("AveragePool", "ceil_mode"), ("Reshape", "allowzero"),
         ("Flatten", "axis"), ("ConvTranspose", "kernel_shape")}
"""Whose other values are refused, or mean the same in the cases that are supported."""


@pytest.mark.parametrize(("op", "name"), sorted(by_attribute()))
def test_an_attribute_makes_a_difference(op, name):
    """To the oracle, in one of the cases, so that a handler that ignores it fails; and none in any
    if it is said to have no bearing."""
    same = []
    for case, opset in by_attribute()[op, name]:
        x = samples(case)
        same.append(is_same(model_of(case, opset, name), x, answers(model_of(case, opset), x)))
        if not same[-1] and OPERATORS["", op].attributes[name].read:
            return
    assert all(same)
    assert (op, name) in ALIKE or not OPERATORS["", op].attributes[name].read


def test_all_that_is_claimed_is_covered():
    """Each version of each operator, and each attribute with a value that is not the default, or
    each of the values that are implemented."""
    ran = {(case.op, schema(case.op, opset).since_version) for case, opset in RUNS}
    missing = {(op, v) for op, operator in OWN.items() for v in operator.versions} - ran
    assert missing <= ELSEWHERE_VERSIONS
    there = {(case.op, name, str(value)) for case, opset in RUNS
             for name, value in case.attributes.items()
             if value != default(case.op, opset, name)}
    names = {(op, name) for op, name, _ in there}
    for op, operator in OWN.items():
        for name, attribute in operator.attributes.items():
            if name in operator.notes or (op, name) in ELSEWHERE:
                continue
            if attribute.only:
                for value in attribute.only[1:]:
                    assert (op, name, str(value)) in there, (op, name, value)
            else:
                assert (op, name) in names, (op, name)


def node(op, opset, **given):
    """With the inputs and attributes that the schema requires."""
    found = schema(op, opset)
    count = max(found.min_input, 1)
    needed = {n: SAMPLES[str(a.type).rpartition(".")[2]][0] for n, a in found.attributes.items()
              if a.required}
    return OnnxNode("n", op, "", tuple(f"i{k}" for k in range(count)), ("y",), needed | given)


SAMPLES = {"INT": (1, 2, 17), "FLOAT": (.375, -2.0), "STRING": ("sideways", "floor"),
           "INTS": ([1, 2],), "FLOATS": ([1.5],), "STRINGS": (["a"],)}


@pytest.mark.parametrize("op", sorted(OWN))
def test_what_is_not_claimed_is_refused(op):
    """Of every opset: attributes that no handler declares, and values that none implements; also an
    attribute that ONNX does not know, and one of another type."""
    for opset in range(7, onnx.defs.onnx_opset_version() + 1):
        found, operator = schema(op, opset), OWN[op]
        if found is None or found.deprecated or found.since_version not in operator.versions:
            if found is not None:
                with pytest.raises(Unsupported, match=r"no operator|not supported as"):
                    understood(node(op, opset), {"": opset})
            continue
        for name, attribute in found.attributes.items():
            known = operator.attributes.get(name)
            if known is not None and not known.only:
                with pytest.raises(Unsupported, match=f"attribute {name} is .* no "):
                    understood(node(op, opset, **{name: {"not": "a value"}}), {"": opset})
                continue
            for value in SAMPLES[str(attribute.type).rpartition(".")[2]]:
                if known is None or value not in known.only:
                    with pytest.raises(Unsupported, match=f"its attribute {name} "):
                        understood(node(op, opset, **{name: value}), {"": opset})
        with pytest.raises(Unsupported, match=f"its attribute in3_mul .* none that {op} has"):
            understood(node(op, opset, in3_mul=3), {"": opset})
        _, read = understood(node(op, opset), {"": opset})
        assert read.version == found.since_version
        for name, attribute in found.attributes.items():
            if attribute.default_value.type and name in operator.attributes:
                assert read(name) == default(op, opset, name)


def test_what_handlers_read_is_declared():
    """A name that no declaration has would never be there."""
    declared = {name for operator in OPERATORS.values() for name in operator.attributes}
    read = set()
    for path in (Path(qhw.__file__).parent / "loaders/onnx").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "node" and isinstance(
                    call.args[0], ast.Constant):
                read.add(call.args[0].value)
    assert len(read) > 30 and read <= declared


def test_functions_are_of_each_element_alone():
    """A table of one element stands for them, which an operator that mixes elements has none of."""
    x = np.random.default_rng(0).normal(size=(3, 7)) * 3
    for name, named in NAMED.items():
        function = named.function
        with np.errstate(invalid="ignore"):
            whole = function(x)
            each = np.array([[function(np.array([[v]]))[0, 0] for v in row] for row in x])
        assert np.array_equal(whole, each, equal_nan=True), name


ELSEWHERE = {
    *(("QuantizeLinear", n) for n in ("axis", "saturate", "output_dtype")),
    *(("DequantizeLinear", n) for n in ("axis", "output_dtype")),
    *((op, n) for op in ("QLinearConv", "ConvInteger") for n in (
        "kernel_shape", "strides", "dilations", "pads", "auto_pad", "group")),
    *(("Shape", n) for n in ("start", "end")),
}
"""In handlers/test_qdq_operators.py and handlers/test_moves.py."""

ELSEWHERE_VERSIONS = {(op, v) for op in ("QuantizeLinear", "DequantizeLinear", "QLinearConv",
                                         "ConvInteger", "MatMulInteger",
                                         "QLinearMatMul", "Shape") for v in OWN[op].versions}
