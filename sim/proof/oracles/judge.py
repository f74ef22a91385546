"""A file through qhw's golden and through the executor that its kind has."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto

import qhw
from qhw.errors import QhwError
from qhw.loaders.onnx.saturation import unsaturated

from ...strict import strict
from .maker import DOMAIN, Made
from .meaning import Meaning

__all__ = ["Verdict", "golden", "judge", "reference"]

CLOSE = 1e-5
"""Of the largest output, how far float32 may be off where nothing is rounded behind."""

TIE = 1e-5
"""Of the largest number that is rounded, how near to a tie float32 may take the other side."""

onnxruntime.set_default_logger_severity(4)


@dataclass(frozen=True)
class Verdict:
    """``kind`` is exact, refused, tie, rounding, wrong, broken, or rationals only where no
    executor takes the file."""

    kind: str
    reason: str = ""


KINDS = ("exact", "rationals only", "tie", "rounding", "executor", "wrong", "refused", "broken")


def reference(made: Made, tensors: Sequence[str] = ()) -> list[np.ndarray]:
    """The executor's outputs, (samples, *shape) each, or the tensors asked for."""
    x = made.x
    model = onnx.ModelProto()
    model.CopyFrom(made.model)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = len(x)
    name = model.graph.input[0].name
    if any(o.domain == DOMAIN for o in model.opset_import):
        from qonnx.core.modelwrapper import ModelWrapper
        from qonnx.core.onnx_exec import execute_onnx
        from qonnx.transformation.infer_shapes import InferShapes

        wrapped = ModelWrapper(model).transform(InferShapes())
        found = execute_onnx(wrapped, {name: x}, return_full_exec_context=bool(tensors))
        return [np.asarray(found[t]) for t in tensors or [o.name for o in wrapped.graph.output]]
    given = {o.name for o in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=t) for t in tensors if t not in given)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options,
                                           providers=["CPUExecutionProvider"])
    return session.run(list(tensors) or None, {name: x})


def golden(made: Made, folder: Path) -> np.ndarray:
    """qhw's outputs, (samples, *shape)."""
    path = folder / "net.onnx"
    onnx.save(made.model, path)
    return qhw.simulate(qhw.load(path, made.input_format), made.x).y


def judge(made: Made, folder: Path) -> Verdict:
    """What comes of a file."""
    try:
        with warnings.catch_warnings():
            strict()
            y = golden(made, folder)
    except QhwError as e:
        text = str(e)
        return Verdict("broken", f"several lines: {text!r}") if "\n" in text else Verdict(
            "refused", text)
    except Exception as e:
        return Verdict("broken", f"{type(e).__name__}: {e}"[:200])
    made = replace(made, model=readable(made.model))
    if not made.one:
        return compare(made, y)
    return max((compare(replace(made, x=made.x[k:k + 1]), y[k:k + 1]) for k in range(len(y))),
               key=lambda verdict: KINDS.index(verdict.kind))


def readable(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy in which the axis of constant vectors is 0, their only one: tf2onnx gives a bias the
    axis of its weights, and ONNX Runtime refuses that; and whose sums no processor saturates."""
    copy = unsaturated(model)
    vectors = {t.name for t in copy.graph.initializer if len(t.dims) == 1}
    for node in copy.graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in vectors:
            for attribute in node.attribute:
                attribute.i = 0 if attribute.name == "axis" else attribute.i
    return copy


def compare(made: Made, y: np.ndarray) -> Verdict:
    """The golden's outputs ``y`` beside the executor's, and where they differ, the rationals'."""
    y = y.reshape(len(made.x), -1)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            want = flat(reference(made), len(made.x))
        except Exception as e:      # the executor takes no such file
            want, why = None, " ".join(str(e).split())[:160]
    if want is not None:
        if want.shape != y.shape:
            return Verdict("wrong", f"shape {y.shape}, not {want.shape}")
        differ = ~close(y, want, CLOSE)
        if not differ.any():
            return Verdict("exact")
    meaning = Meaning(len(made.x), exact=True, opset=made.model.opset_import[0].version)
    exact = flat([np.asarray(v, np.float64) for v in meaning.model(
        made.model, {made.model.graph.input[0].name: made.x})], len(made.x))
    if exact.shape != y.shape or not close(y, exact, 1e-9).all():
        bad = abs(y - exact) > 1e-9 * abs(exact).max() if exact.shape == y.shape else ...
        more = "" if want is None else f", and the executor {show(want[bad])}"
        return Verdict("wrong", f"{show(y[bad])} where rationals give {show(exact[bad])}{more}")
    if want is None:
        return Verdict("rationals only", why)
    if on_ties(made, meaning):
        return Verdict("tie")
    return Verdict("rounding" if close(y, want, 100 * CLOSE).all() else "executor",
                   f"{show(y[differ])} as rationals, where the executor gives "
                   f"{show(want[differ])}")


def on_ties(made: Made, meaning: Meaning) -> bool:
    """Whether the executor leaves the rationals on ties: in the first rounded tensor in which it
    does, every element that differs must be that close to one."""
    names = [n.output[0] for n in made.model.graph.node if n.output[0] in meaning.near]
    seen = replace(made, model=onnx.ModelProto())
    seen.model.CopyFrom(made.model)
    asked = [widened(seen.model, n) if meaning.types.get(n) in ("int4", "uint4") else n
             for n in names]
    for name, found in zip(names, reference(seen, asked), strict=True):
        exact = meaning.values[name].astype(np.float64)
        apart = abs(exact - found) > 100 * CLOSE * abs(exact).max(initial=1e-300)
        if apart.any():
            near = meaning.near[name]
            while near.ndim > apart.ndim:       # of several thresholds the closest
                near = near.min(axis=-1)
            return near.shape == apart.shape and bool((near[apart] < TIE).all())
    return False


def widened(model: onnx.ModelProto, name: str) -> str:
    """The same codes in 8 bits, as ONNX Runtime hands 4 bits to nobody."""
    wide = f"{name}, in 8 bits"
    model.graph.node.append(onnx.helper.make_node("Cast", [name], [wide], to=TensorProto.INT8))
    return wide


def flat(outputs: list[np.ndarray], samples: int) -> np.ndarray:
    return np.concatenate([np.asarray(o, np.float64).reshape(samples, -1) for o in outputs], axis=1)


def close(a: np.ndarray, b: np.ndarray, share: float) -> np.ndarray:
    """Which samples are equal up to a share of the largest output."""
    scale = max(abs(b).max(initial=0), 1e-300)
    return (abs(a - b) <= share * scale).all(axis=1)


def show(array: np.ndarray) -> str:
    return np.array2string(array.ravel()[:6], precision=7, separator=",")
