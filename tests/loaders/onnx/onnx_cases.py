"""Operators with attributes that are not the default: one node, its constants, an input shape.

Inputs are multiples of 1/4, weights are whole numbers, so that no quantizer is needed and models of
old opsets can be written; what is behind the operator is the host's, or a QuantizeLinear that makes
thresholds of it.
"""

from dataclasses import dataclass, field

import numpy as np
import onnx
import pytest
from onnx import helper
from onnx.reference import ReferenceEvaluator

import qhw
import qhw.loaders.onnx.graph  # whose handlers fill the table
from qhw.loaders.onnx.operators import OPERATORS
from qhw.lower import lower
from qhw.simulators.golden import golden, host
from tests.onnx_models import grid, made, runtime

__all__ = ["OWN", "RUNS", "agrees", "answers", "model_of", "runs_of", "samples"]

INPUT = "s8:scale=1/4"
IMAGE, VECTOR, SEQUENCE = (4, 6, 4), (6,), (3, 8)
MICROSOFT, QONNX = "com.microsoft", "qonnx.custom_op.general"
LAST = "qonnx.custom_op.channels_last"


@dataclass(frozen=True, eq=False)
class Case:
    """A node between ``a`` and ``y``. ``since`` and ``until`` are the opsets that it is written
    for; ``quantized`` asks for a QuantizeLinear behind it."""

    op: str
    shape: tuple[int, ...] = IMAGE
    attributes: dict = field(default_factory=dict)
    inputs: tuple = ("a",)
    domain: str = ""
    since: int = 7
    until: int = 99
    quantized: bool = False
    outputs: tuple = ()
    """More of them."""

    def __str__(self):
        shown = [f"{k}={v}" for k, v in self.attributes.items()]
        return " ".join([self.op, *shown, *(["quantized"] if self.quantized else [])])

    def nodes(self, without=""):
        """All nodes, and the constants they read, by name; ``without`` one of the attributes."""
        names, constants = [], {}
        for k, value in enumerate(self.inputs):
            names.append(value if isinstance(value, str) else f"c{k}")
            if not isinstance(value, str):
                constants[f"c{k}"] = np.asarray(value)
        names = ["m" if n == "a" else n for n in names]
        kept = {k: v for k, v in self.attributes.items() if k != without}
        if len(self.shape) == 1:
            constants["eye"] = np.eye(self.shape[0], dtype=np.float32)
            first = helper.make_node("MatMul", ["a", "eye"], ["m"])
        else:
            first = helper.make_node("MaxPool", ["a"], ["m"],
                                     kernel_shape=[1] * (len(self.shape) - 1))
        own = helper.make_node(self.op, names, ["r" if self.quantized else "y", *self.outputs],
                               "own",
                               domain=self.domain, **kept)
        if not self.quantized:
            return [first, own], constants
        constants |= {"qs": np.float32(.25), "qz": np.int8(1)}
        return [first, own, helper.make_node("QuantizeLinear", ["r", "qs", "qz"], ["rq"]),
                helper.make_node("DequantizeLinear", ["rq", "qs", "qz"], ["y"])], constants


def both(op, *more, **attributes):
    """A function: on the host, and as thresholds or a table."""
    given = {k: attributes.pop(k) for k in ("since", "until", "shape") if k in attributes}
    since = given.pop("since", 7)
    return [Case(op, attributes=attributes, inputs=("a", *more), since=since, **given),
            Case(op, attributes=attributes, inputs=("a", *more), since=max(since, 10),
                 quantized=True, **given)]


def whole(*shape, seed=0, span=4, dtype=np.float32):
    return np.random.default_rng(seed).integers(-span, span + 1, shape).astype(dtype)


def integers(*values):
    return np.array(values, np.int64)


NONE = np.zeros(0, np.float32)
CHANNEL = np.array([1, -2, .5, 0], np.float32)
NORM = (CHANNEL, whole(4), whole(4, seed=1), np.array([.25, 3, 1, 2], np.float32))
KERNEL, LINE = whole(2, 4, 3, 2), whole(2, 3, 3)

FUNCTIONS = [
    *both("Relu"), *both("Sigmoid"), *both("Tanh"), *both("Abs"), *both("Softplus"),
    *both("Softsign"), *both("Neg"), *both("Erf", since=9), *both("HardSwish", since=14),
    *both("Elu"), *both("Elu", alpha=.25), *both("Elu", alpha=-.5),
    *both("Selu"), *both("Selu", alpha=.5), *both("Selu", gamma=-2.0), *both("Celu", since=12),
    *both("Celu", alpha=2.5, since=12), *both("Celu", alpha=-2.0, since=12),
    *(case for alpha in (.75, 1.0, -1.5)
      for case in both("ThresholdedRelu", alpha=alpha, since=10)),
    *both("Gelu", since=20), *both("Gelu", approximate="tanh", since=20), *both("Mish", since=18),
    *both("LeakyRelu", alpha=.25), *both("LeakyRelu"), *both("HardSigmoid"),
    *both("HardSigmoid", alpha=.125, beta=.25), *both("HardSigmoid", alpha=-.5),
    *both("HardSigmoid", beta=.75),
    *both("LeakyRelu", alpha=-.5), *(case for slopes in ([.5, 0, 2, 1], [.5, 0, -2, -1])
      for case in both("PRelu", np.array(slopes, np.float32).reshape(4, 1, 1))),
    *both("Clip", min=-1.0, max=2.5, until=10), *both("Clip", min=-1.0, until=10),
    *both("Clip", max=1.5, until=10), *both("Clip", np.float32(-1), np.float32(2.5), since=11),
    *both("Clip", "", np.float32(1.5), since=11), *both("Clip", min=-np.inf, max=1.5, until=10),
    *(case for lo, hi in ((-np.inf, .5), (-.25, np.inf), (-np.inf, np.inf))
      for case in both("Clip", np.float32(lo), np.float32(hi), since=11)),
    *both("Add", CHANNEL.reshape(4, 1, 1)), *both("Sub", np.float32(1.5)), *both("Add", "a"),
    *both("Mul", CHANNEL.reshape(4, 1, 1)), *both("Div", np.float32(4)),
    *both("Sub", "a"), Case("Sub", inputs=(np.float32(2), "a")),
    *both("BatchNormalization", *NORM), *both("BatchNormalization", *NORM, epsilon=.5),
    *both("BatchNormalization", *NORM, epsilon=1.0),
    *both("BatchNormalization", *NORM, momentum=.1),
    *both("Identity"), *both("Dropout", ratio=.75, until=11), *both("Dropout", seed=7, since=12),
    *both("Dropout", np.float32(.75), since=12),
    *both("Cast", to=1), *(Case("Cast", attributes={"to": to}) for to in (3, 6, 7, 11)),
    *both("Floor"), *both("Ceil"), *both("Round", since=11),
    *both("Mul", "a"), Case("Mul", (4, 1, 4), inputs=("a", "a"), since=10, quantized=True),
    *(case for op in ("Max", "Min") for case in (
        *both(op, np.float32(.75), since=8), *both(op, "a"),
        *both(op, CHANNEL.reshape(4, 1, 1), "a", since=8),
        Case(op, since=8))),
    Case("Exp", shape=(4, 2, 2), quantized=True, since=10),
    Case("Exp", shape=VECTOR), Case("Sqrt", inputs=("a",), shape=VECTOR),
]
CLASSES = [
    Case("Softmax", VECTOR), Case("LogSoftmax", VECTOR), Case("Softmax", VECTOR, {"axis": -1}),
    *(Case(op, IMAGE, {"axis": axis}, since=since, until=until) for op in ("Softmax", "LogSoftmax")
      for axis, since, until in ((1, 7, 99), (3, 13, 99), (-3, 13, 99), (-3, 11, 99))),
    Case("ArgMax", VECTOR, {"axis": 1}), Case("ArgMax", VECTOR, {"axis": -1}, since=11),
    Case("ArgMax", VECTOR, {"axis": 1, "keepdims": 0}),
    Case("ArgMax", VECTOR, {"axis": 1, "select_last_index": 1}, since=12),
    *(Case("ArgMax", IMAGE, {"axis": axis, "select_last_index": last, "keepdims": last},
           since=12) for axis in (1, 2, -1) for last in (0, 1)),
    *(Case("TopK", shape, {"axis": axis}, ("a", integers(1)), since=10, outputs=("i",))
      for shape, axis in ((VECTOR, 1), (IMAGE, 1), (IMAGE, -2))),
    Case("TopK", VECTOR, {"sorted": 0}, ("a", integers(1)), since=11, outputs=("i",)),
]
MOVES = [
    Case("Reshape", inputs=("a", integers(1, 12, 8))),
    Case("Reshape", inputs=("a", integers(0, -1))),
    Case("Reshape", attributes={"allowzero": 1}, inputs=("a", integers(1, 24, 4)), since=14),
    *(Case("Flatten", attributes={"axis": axis}, since=since)
      for axis, since in ((1, 7), (0, 7), (-3, 11))),
    Case("Squeeze", (4, 6, 1), {"axes": [3]}, until=12),
    Case("Squeeze", (4, 6, 1), inputs=("a", integers(3)), since=13),
    Case("Squeeze", (4, 6, 1), {"axes": [-1]}, since=11, until=12),
    Case("Unsqueeze", attributes={"axes": [2]}, until=12),
    Case("Unsqueeze", inputs=("a", integers(2, 4)), since=13),
    Case("Transpose", attributes={"perm": [0, 2, 3, 1]}),
    Case("Transpose", attributes={"perm": [0, 1, 3, 2]}),
    Case("Gather", attributes={"axis": 2}, inputs=("a", integers(3, 1))),
    *(Case("Gather", attributes={"axis": axis}, inputs=("a", integers(3, 0, 2, 2, 1)))
      for axis in (1, 3)),
    *(Case("Tile", inputs=("a", integers(1, *times)))
      for times in ((1, 1, 1), (1, 2, 3), (2, 1, 1))),
    *(Case("Expand", shape, inputs=("a", integers(*wanted)), since=8) for shape, wanted in (
        ((4, 1, 4), (1, 4, 3, 4)), (IMAGE, (1,)), ((4, 6, 1), (6, 2)), ((1, 6, 4), (1, 3, 1, 1)))),
    Case("Slice", inputs=("a", integers(-1, 9), integers(-9, 0), integers(1, 2), integers(-1, -2)),
         since=10),
    Case("Gather", attributes={"axis": -1}, inputs=("a", integers(3, 1)), since=11),
    Case("Slice", attributes={"starts": [1, 0], "ends": [3, 2], "axes": [2, 3]}, until=9),
    Case("Slice", attributes={"starts": [0, 1], "ends": [1, 3]}, until=9),
    Case("Slice", inputs=("a", integers(1, 5), integers(3, 0), integers(2, 3),
                          integers(1, -2)), since=10),
    *(Case("Split", attributes={"axis": axis, "split": [1, 3]}, since=since, until=12,
           outputs=("other",)) for axis, since in ((1, 7), (-1, 11))),
    *(Case("Split", attributes={"axis": axis}, inputs=("a", integers(3, 1)), since=13,
           outputs=("other",)) for axis in (1, 3)),
    Case("Split", attributes={"axis": 2, "num_outputs": 2}, since=18, outputs=("other",)),
    Case("Split", attributes={"axis": 2}, until=17, outputs=("o1", "o2")),
    Case("Slice", inputs=("a", integers(1, 0), integers(4, 6), integers(2, 3),
                          integers(2, 3)), since=10),
    Case("DepthToSpace", attributes={"blocksize": 2}),
    Case("DepthToSpace", (8, 2, 3), {"blocksize": 2, "mode": "CRD"}, since=11),
    Case("SpaceToDepth", attributes={"blocksize": 2}),
    Case("Concat", attributes={"axis": 1}, inputs=("a", "a")),
    Case("Concat", attributes={"axis": -3}, inputs=("a", "a"), since=11),
    *(Case("Concat", shape, {"axis": axis}, ("a", "a", "a")) for shape, axis in (
        (IMAGE, 2), (IMAGE, 3), (SEQUENCE, 1), (SEQUENCE, 2), (VECTOR, 1))),
    Case("Upsample", attributes={"scales": [1., 1, 2, 3]}, until=8),
    Case("Upsample", inputs=("a", np.array([1, 1, 2, 3], np.float32)), since=9, until=9),
    *(Case("Resize", inputs=("a", np.array([1, 1, *f], np.float32)), since=10, until=10)
      for f in ((2, 3), (1.5, 2.25))),
    *(Case("Resize", attributes={
        "coordinate_transformation_mode": how, "nearest_mode": nearest}, since=since,
        inputs=("a", NONE, np.array([1, 1, 3, 2], np.float32)))
      for how, nearest, since in (
          ("asymmetric", "floor", 11), ("half_pixel", "round_prefer_ceil", 11),
          ("pytorch_half_pixel", "round_prefer_floor", 11))),
    Case("Resize", inputs=("a", NONE, NONE, integers(1, 4, 12, 8)), since=11),
    *(Case("Resize", shape, {"coordinate_transformation_mode": "asymmetric",
                             "nearest_mode": "floor"}, ("a", NONE, np.float32(factors)), since=11)
      for shape, factors in ((IMAGE, [1, 2, 3, 1]), (IMAGE, [1, 2, 1, 1]), (SEQUENCE, [1, 1, 3]),
                             (SEQUENCE, [1, 2, 1]))),
    *(Case("Resize", attributes={
        "coordinate_transformation_mode": how, "nearest_mode": nearest}, since=since, until=until,
        inputs=("a", NONE, np.array([1, 1, *factors], np.float32)))
      for how, since, until in (
          ("half_pixel", 19, 99), ("pytorch_half_pixel", 19, 99), ("align_corners", 19, 99),
          ("asymmetric", 19, 99), ("tf_half_pixel_for_nn", 11, 12),
          ("half_pixel_symmetric", 19, 99))
      for nearest in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
      for factors in ((.5, 2), (1.5, .75), (.25, 1), (2, 3))),
    *(Case("Resize", shape, {"axes": axes}, given, since=18) for shape, axes, given in (
        (IMAGE, [3], ("a", NONE, np.array([2], np.float32))),
        (IMAGE, [1, -1], ("a", NONE, NONE, integers(8, 3))),
        (SEQUENCE, [2], ("a", NONE, NONE, integers(5))),
        (SEQUENCE, [1], ("a", NONE, np.array([2], np.float32))))),
    Case("Resize", attributes={"cubic_coeff_a": -.5},
         inputs=("a", NONE, np.array([1, 1, 3, 2], np.float32)), since=11),
    Case("Resize", attributes={"extrapolation_value": 2.0},
         inputs=("a", NONE, np.array([1, 1, 3, 2], np.float32)), since=11),
]
WINDOWS = [
    *(Case(op, IMAGE, {"kernel_shape": [3, 2], **more}, inputs) for op, inputs in (
        ("Conv", ("a", KERNEL)), ("MaxPool", ("a",)), ("AveragePool", ("a",)))
      for more in ({}, {"strides": [2, 1]}, *({"auto_pad": a} for a in ("NOTSET", "VALID")))),
    *(Case(op, IMAGE, {"kernel_shape": [3, 2], "strides": [2, 1], "auto_pad": a}, inputs)
      for op, inputs in (("Conv", ("a", KERNEL)), ("MaxPool", ("a",)))
      for a in ("SAME_UPPER", "SAME_LOWER")),
    *(Case("AveragePool", IMAGE, {"kernel_shape": [3, 2], "auto_pad": a, "count_include_pad": 1})
      for a in ("SAME_UPPER", "SAME_LOWER")),
    Case("Conv", IMAGE, {"pads": [1, 0, 2, 1]}, ("a", KERNEL, whole(2))),
    Case("Conv", IMAGE, {"dilations": [2, 3]}, ("a", KERNEL)),
    Case("Conv", IMAGE, {"group": 2}, ("a", whole(6, 2, 2, 2))),
    Case("Conv", SEQUENCE, {"strides": [2], "pads": [1, 0], "dilations": [2]}, ("a", LINE)),
    Case("MaxPool", IMAGE, {"kernel_shape": [3, 3], "pads": [1, 0, 2, 1]}),
    Case("MaxPool", IMAGE, {"kernel_shape": [2, 2], "dilations": [3, 2]}, since=10),
    *(Case("MaxPool", IMAGE, {"kernel_shape": [3, 3], "strides": s, "pads": p, "ceil_mode": 1},
           since=10) for s in ([2, 2], [4, 3]) for p in ([0, 0, 0, 0], [1, 1, 0, 1])),
    Case("MaxPool", IMAGE, {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [0, 0, 1, 1],
                            "ceil_mode": 1}, since=10),
    Case("MaxPool", IMAGE, {"kernel_shape": [2, 2], "storage_order": 1}, since=8),
    Case("MaxPool", SEQUENCE, {"kernel_shape": [3], "strides": [2], "ceil_mode": 1}, since=10),
    Case("AveragePool", IMAGE, {"kernel_shape": [2, 2], "pads": [1, 0, 0, 1],
                                "count_include_pad": 1}),
    *(Case("AveragePool", IMAGE, {"kernel_shape": [3, 2], "auto_pad": a, "strides": [2, 3]})
      for a in ("SAME_UPPER", "SAME_LOWER")),
    *(Case("AveragePool", IMAGE, {"kernel_shape": [3, 3], "strides": s, "pads": p, "ceil_mode": 1,
                                  "count_include_pad": c}, since=19)
      for s in ([2, 2], [4, 3]) for p in ([0, 0, 0, 0], [1, 1, 0, 1]) for c in (0, 1)),
    Case("AveragePool", IMAGE, {"kernel_shape": [2, 2], "pads": [1, 0, 0, 1]}),
    Case("AveragePool", SEQUENCE, {"kernel_shape": [3], "pads": [1, 2]}),
    Case("AveragePool", IMAGE, {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1},
         since=10),
    Case("AveragePool", IMAGE, {"kernel_shape": [2, 2], "dilations": [2, 1]}, since=19),
    Case("GlobalMaxPool"), Case("GlobalAveragePool"), Case("GlobalMaxPool", SEQUENCE),
    Case("ReduceMean", IMAGE, {"axes": [2, 3]}, until=17),
    Case("ReduceMean", IMAGE, {"axes": [-1, -2], "keepdims": 0}, since=11, until=17),
    Case("ReduceMean", IMAGE, {"keepdims": 0}, ("a", integers(2, 3)), since=18),
    Case("ReduceMean", IMAGE, {"noop_with_empty_axes": 1}, since=18),
    *(Case("ReduceMean", shape, {"axes": axes, "keepdims": keep}, since=7, until=17)
      for keep in (0, 1) for shape, axes in ((IMAGE, [1]), (IMAGE, [2]), (IMAGE, [3, 1]),
                                             (IMAGE, [1, 2, 3]), (SEQUENCE, [2]),
                                             (SEQUENCE, [1]), (VECTOR, [1]))),
    Case("ReduceSum", IMAGE, {"axes": [2, 3]}, until=12),
    Case("ReduceSum", IMAGE, {"axes": [1], "keepdims": 0}, until=12),
    Case("ReduceSum", IMAGE, {"keepdims": 0}, ("a", integers(1)), since=13),
    Case("ReduceSum", IMAGE, {"noop_with_empty_axes": 1}, since=13),
]
PADS = [
    *(Case("Pad", shape, {"pads": pads, **more}, until=10)
      for shape, pads in ((IMAGE, [0, 0, 1, 2, 0, 0, 0, 1]), (IMAGE, [0, 1, 0, 0, 0, 2, 1, 0]),
                          (SEQUENCE, [0, 0, 3, 0, 0, 0]), (VECTOR, [0, 1, 0, 2]),
                          (IMAGE, [0, 0, -1, 2, 0, 0, 1, -2]))
      for more in ({}, {"value": 1.5})),
    Case("Pad", IMAGE, {}, ("a", integers(0, 0, 1, 2, 0, 0, 0, 1)), since=11),
    Case("Pad", IMAGE, {"mode": "constant"}, ("a", integers(0, 0, 1, 2, 0, 0, 0, 1),
                                              np.float32(-2.25)), since=11),
    *(Case("Pad", shape, {"mode": mode}, ("a", pads), since=since)
      for mode, since in (("reflect", 11), ("edge", 11), ("wrap", 19))
      for shape, pads in ((IMAGE, integers(0, 0, 1, 2, 0, 0, 0, 3)), (VECTOR, integers(0, 3, 0, 1)),
                          (IMAGE, integers(0, 2, 0, 0, 0, 1, 3, 0)),
                          (SEQUENCE, integers(0, 1, 4, 0, 0, 2)))),
    Case("Pad", IMAGE, {"mode": "edge", "pads": [0, 0, 2, 1, 0, 0, 0, 3]}, until=10),
    Case("Pad", IMAGE, {}, ("a", integers(1, 2, 0, 3), np.float32(1), integers(3, -2)), since=18),
]
PRODUCTS = [
    Case("MatMul", VECTOR, inputs=("a", whole(6, 3))),
    *(Case("Gemm", VECTOR, more, ("a", whole(6, 3), whole(3)))
      for more in ({}, {"alpha": .75}, {"beta": -1.5}, {"alpha": 2.0, "beta": .1}, {"beta": 0.0})),
    Case("Gemm", VECTOR, {"transB": 1}, ("a", whole(3, 6), whole(3))),
    Case("Gemm", VECTOR, {"transB": 0}, ("a", whole(6, 3), whole(1, 3)), since=11),
]
UP = whole(4, 3, 3, 2)
TRANSPOSED = [
    *(Case("ConvTranspose", IMAGE, {"strides": [2, 3], **more}, ("a", UP, whole(3)), since=since)
      for since in (7, 11) for more in (
          {}, {"pads": [1, 0, 1, 1]}, {"output_padding": [1, 2]}, {"kernel_shape": [3, 2]},
          {"auto_pad": "VALID"}, {"dilations": [2, 2]}, {"output_shape": [11, 10]},
          {"output_shape": [12, 12], "auto_pad": "SAME_UPPER", "output_padding": [0, 2]})),
    *(Case("ConvTranspose", IMAGE, {"strides": [2, 1], "auto_pad": auto}, ("a", UP)) for auto in (
        "SAME_UPPER", "SAME_LOWER")),
    *(Case("ConvTranspose", SEQUENCE, {"strides": [2], **more}, ("a", whole(3, 2, 3))) for more in (
        {"auto_pad": "SAME_LOWER"}, {"output_shape": [16]}, {"output_shape": [14]})),
    Case("ConvTranspose", IMAGE, {}, ("a", UP)),
    Case("ConvTranspose", IMAGE, {"group": 2, "strides": [2, 1]}, ("a", UP)),
    Case("ConvTranspose", SEQUENCE, {"strides": [2], "pads": [1, 0]}, ("a", whole(3, 2, 3))),
    Case("ConvTranspose", IMAGE, {"strides": [2, 2], "pads": [1, 1, 0, 1]}, ("a", UP),
         quantized=True, since=10),
]
CASES = [*TRANSPOSED, *FUNCTIONS, *CLASSES, *MOVES, *WINDOWS, *PADS, *PRODUCTS]

NEWEST_RUN = 24
"""Opset that ONNX Runtime runs; later ones are the reference's."""

OWN = {op: operator for (domain, op), operator in OPERATORS.items() if operator.versions}


def opset_of(version):
    return max(version, 7)


def versions(case):
    """The opsets at which a case is written, one for each version of its operator."""
    found = [v for v in OWN[case.op].versions if case.since <= opset_of(v) <= case.until
             or v < case.since <= case.until and v == max(
                 u for u in OWN[case.op].versions if u <= case.since)]
    return [max(opset_of(v), case.since) for v in found]


RUNS = [(case, opset) for case in CASES for opset in versions(case)]


def runs_of(handlers):
    """The runs of the operators of a module of handlers, as pytest's parameters."""
    return [pytest.param(case, opset, id=f"{case} at {opset}") for case, opset in RUNS
            if OWN[case.op].handler.__module__.endswith(f".{handlers}")]


def answers(model, x):
    """The oracle's."""
    if model.opset_import[0].version <= NEWEST_RUN:
        return runtime(model, x)
    evaluator = ReferenceEvaluator(model)
    return np.concatenate([np.atleast_1d(evaluator.run(None, {"a": one[None]})[0]) for one in x])


def ours(model, x, folder):
    path = folder / "net.onnx"
    onnx.save(model, path)
    lowered = lower(qhw.load(path, INPUT))
    return host(lowered, golden(lowered, x)[lowered.hardware.output.name])


def model_of(case, opset, without=""):
    nodes, constants = case.nodes(without)
    return made(nodes, constants, shape=(1, *case.shape), opset=opset, quantized=False)


def agrees(case, opset, tmp_path):
    """Our answers are the oracle's: real numbers to float32's precision; codes a step aside where
    float32 ends beside a tie."""
    x = samples(case)
    model = model_of(case, opset)
    got, want = ours(model, x, tmp_path), answers(model, x)
    assert got.shape == want.shape or got.size == want.size and (
        case.op in ("ArgMax", "ReduceMean"))
    off = ~np.isclose(got.ravel(), want.ravel(), rtol=1e-5, atol=2e-5)
    assert off.mean() <= (.005 if case.quantized else 0), (got, want)
    assert np.abs(got.ravel() - want.ravel())[off].max(initial=0) <= .25


def samples(case):
    """Without numbers that have no square root, and with several that are the largest."""
    x = grid(case.shape, 6)
    return np.abs(x) if case.op == "Sqrt" else np.minimum(x, 1) if case.op == "ArgMax" else x
