"""What is refused: domains, versions, attributes, outputs; all that is claimed is covered."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from qhw.errors import ModelError
from qhw.loaders.onnx.operators import OPERATORS
from tests.loaders.onnx.foreign import KNOWN, MICROSOFT, QGEMM, QUANT, SHAPE, X, Y, refused
from tests.loaders.onnx.handlers.read import QONNX
from tests.loaders.onnx.handlers.test_qdq_operators import ON_CODES
from tests.loaders.onnx.handlers.test_qonnx_operators import CHANNELS_LAST, CUSTOM
from tests.onnx_models import grid, made, ours, runtime


def test_all_that_is_claimed_of_other_domains_is_covered():
    """Each attribute in a case, with a value that is not the default, or refused for all others."""
    cases = [*((op, more) for op, _, more in ON_CODES), *((c[0], c[3]) for c in CUSTOM),
             *((op, more) for op, _, more in CHANNELS_LAST),
             ("RequantShift", {"n_levels": 5, "n_levels_out": 8, "div": 2, "signed": 1}),
             ("RequantizedShift", {"n_levels": 5, "n_levels_out": 8, "div": 2, "signed": 1}),
             ("QLinearSoftmax", {"axis": 1, "opset": 13}), ("QGemm", {"transB": 1}),
             ("QuantizeLinear", {"axis": 0}), ("Binarizer", {"threshold": .5}),
             ("Scaler", {"offset": [.5], "scale": [2.]}),
             ("ZipMap", {"classlabels_int64s": [0, 1], "classlabels_strings": ["a", "b"]}),
             ("DequantizeLinear", {"axis": 0})]
    for (domain, op), operator in OPERATORS.items():
        for name, attribute in ({} if operator.versions else operator.attributes).items():
            if attribute.only[1:] or not attribute.only:
                values = [more[name] for of, more in cases if of == op and name in more]
                assert any(v != attribute.default for v in values), (domain, op, name)


@pytest.mark.parametrize(("key", "value"), [
    (key, value) for (domain, op), operator in OPERATORS.items() if not operator.versions
    for key, value in [((domain, op), "mystery")]], ids=str)
def test_other_attributes_of_other_domains_are_refused(key, value, tmp_path):
    domain, op = key
    count = OPERATORS[key].inputs[0]
    refused(tmp_path, f"'own' \\({op}\\): its attribute {value} .* none that {op} has",
            helper.make_node(op, ["a", *["s"] * (count - 1)], ["y"], "own", domain=domain,
                             **{value: 1}))


@pytest.mark.parametrize(("op", "domain", "inputs", "attributes", "match"), [
    ("Relu", "com.acme", ["a"], {}, "operator Relu of domain com.acme is not supported"),
    ("Relu", MICROSOFT, ["a"], {}, "operator Relu of domain com.microsoft"),
    ("Quant", MICROSOFT, list(QUANT), {}, "operator Quant of domain com.microsoft"),
    ("Add", "", ["a", "s"], {"in3_mul": 3}, r"attribute in3_mul \(3\) is none that Add has"),
    ("QLinearConv", "", [*X, "k", "ks", "kz", *Y], {"channels_last": 1}, "channels_last"),
    ("QLinearConv", MICROSOFT, [*X, "k", "ks", "kz", *Y], {}, "QLinearConv of domain"),
    ("QGemm", MICROSOFT, list(QGEMM), {"transA": 1}, "attribute transA is 1, and only 0"),
    ("Conv", "", ["a", "kf"], {"kernel_shape": [2, 2]}, "is not that of its weights"),
    ("Conv", "", ["a", "kf"], {"auto_pad": "SAME_UPPER", "pads": [1, 1, 1, 1]}, "leave one out"),
    ("Conv", "", ["a", "kf"], {"auto_pad": "SIDEWAYS"}, "auto_pad is 'SIDEWAYS'"),
    ("Conv", "", ["a", "kf"], {"weight_bits": 2}, "does not fit the 2 bits"),
    ("Conv", "", ["a", "kf"], {"strides": [1.5, 1.5]}, "strides .* no INTS"),
    ("BatchNormalization", "", ["a", "g", "b", "mu", "var"], {"training_mode": 1}, "training"),
    ("LeakyRelu", "", ["a"], {"alpha": float("nan")}, "alpha is nan, which is not finite"),
    ("Resize", "", ["a", "", "up"], {"mode": "linear"}, "mode is 'linear', and only nearest"),
    ("Resize", "", ["a", "", "up"], {"exclude_outside": 1}, "exclude_outside is 1"),
    ("Cast", "", ["a"], {"to": TensorProto.BOOL}, "it casts to bool"),
    ("Cast", "", ["a"], {"to": TensorProto.FLOAT16}, "it casts to float16"),
    ("MultiThreshold", QONNX, ["a", "levels"], {"data_layout": "HWCN"}, "data_layout HWCN"),
    ("MultiThreshold", QONNX, ["a", "levels"], {"data_layout": "NHWC", "out_scale": -1.0},
     "out_scale -1.0 is not positive"),
    ("Quant", QONNX, list(QUANT), {"signed": 2}, "signed is 2, and only 1 or 0"),
    ("Quant", QONNX, list(QUANT[:3]), {}, "it has 3 inputs, and Quant takes 4"),
    ("Relu", "", ["a", "s"], {}, "it has 2 inputs, and Relu takes 1"),
    ("Softmax", "", ["a"], {"axis": 2}, "it is over"), ("ArgMax", "", ["a"], {}, "across samples"),
    ("Constant", "", [], {"value_string": "a"}, "only one of value"),
])
def test_what_is_not_understood_is_refused(op, domain, inputs, attributes, match, tmp_path):
    first = [helper.make_node("QuantizeLinear", ["a", "s", "z"], ["q"])] if "q" in inputs else []
    refused(tmp_path, f"'own' \\({op}\\): .*{match}", *first,
            helper.make_node(op, inputs, ["y"], "own", domain=domain, **attributes),
            constants={"kf": KNOWN["k"].astype(np.float32),
                       "up": np.array([1, 1, 2, 2], np.float32)})


@pytest.mark.parametrize(("domains", "match"), [
    ({"": 6}, "opset 6 is not supported, only 7 to"), ({"": 99}, "opset 99 is not supported"),
    ({QONNX: 3}, "version 3 of domain qonnx.custom_op.general is not known, only up to 2")])
def test_versions_that_are_not_known(domains, match, tmp_path):
    model = made([helper.make_node("Relu", ["a"], ["r"], "own"),
                  helper.make_node("BipolarQuant", ["r", "s"], ["y"], domain=QONNX)], KNOWN,
                 shape=(1, *SHAPE), quantized=False)
    for entry in model.opset_import:
        entry.version = domains.get(entry.domain, entry.version)
    with pytest.raises(ModelError, match=match):
        ours(model, grid(SHAPE), tmp_path)


def test_a_file_that_imports_no_opset(tmp_path):
    model = made([helper.make_node("Relu", ["a"], ["y"], "own")], shape=(1, *SHAPE))
    del model.opset_import[:]
    with pytest.raises(ModelError, match="imports no opset of ONNX's operators"):
        ours(model, grid(SHAPE), tmp_path)


def test_an_operator_that_the_file_defines_itself(tmp_path):
    """Even if it is called like one that is known."""
    model = made([helper.make_node("BipolarQuant", ["a", "s"], ["y"], "own", domain=QONNX)], KNOWN,
                 shape=(1, *SHAPE))
    model.functions.append(helper.make_function(
        QONNX, "BipolarQuant", ["x", "s"], ["y"], [helper.make_node("Mul", ["x", "s"], ["y"])],
        [helper.make_opsetid("", 13)]))
    with pytest.raises(ModelError, match=r"'own'.*a function of the file's own; inline it"):
        ours(model, grid(SHAPE), tmp_path)


@pytest.mark.parametrize(("op", "inputs", "attributes"), [
    ("MaxPool", ["a"], {"kernel_shape": [2, 2]}), ("Dropout", ["a"], {})])
def test_a_second_output_is_refused_where_it_is_read(op, inputs, attributes, tmp_path):
    node = helper.make_node(op, inputs, ["y", "more"], "own", **attributes)
    x = grid(SHAPE)
    pool = helper.make_node("MaxPool", ["y"], ["z"], kernel_shape=[1, 1])
    assert np.array_equal(
        ours(made([node, pool], shape=(1, *SHAPE), outputs=("z",)), x, tmp_path).shape,
        runtime(made([node, pool], shape=(1, *SHAPE), outputs=("z",)), x).shape)
    reads = helper.make_node("Cast", ["more"], ["f"], "reader", to=TensorProto.FLOAT)
    for outputs, nodes, match in ((("f",), [node, reads], "'reader'.*output 2 of 'own'"),
                                  (("y", "more"), [node], "its output is output 2 of 'own'")):
        with pytest.raises(ModelError, match=match):
            ours(made(nodes, shape=(1, *SHAPE), outputs=outputs), x, tmp_path)
