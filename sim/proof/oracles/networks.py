"""Whole networks of layers between quantizers: chains, residuals, joins and tails."""

from functools import partial

import numpy as np

from .elsewhere import moved
from .forms import Form, Qdq, Qonnx
from .layers import conv, function, layer, pool, weighted
from .maker import DOMAIN, Impossible, Made

__all__ = ["network"]


def network(seed: int, form: type[Form]) -> Made:
    """A file of quantizers, by its seed."""
    f = form(seed)
    f.opset = f.pick(13, 13, 11, 17, 18) if form is Qonnx else f.pick(10, 13, 13, 17, 19, 21, 21)
    f.meaning.opset = f.opset
    f.versions = {DOMAIN: f.pick(1, 2)}
    shape = f.pick((f.pick(1, 3, 8, 16),), (f.pick(1, 2, 4), f.pick(4, 7, 9)),
                   *[(f.pick(1, 2, 3, 4), f.pick(2, 3, 4, 5, 6), f.pick(1, 3, 4, 5, 7))] * 4)
    f.constant_nodes = form is Qdq and f.chance(.2)
    if f.chance(.08):
        x = f.begin_codes(shape)
    else:
        x = f.begin(shape)
        if f.chance(.1):
            x = f.attempt(partial(function, f, x)) or x
        x = f.quant(x)
    for _ in range(f.pick(1, 1, 2, 2, 3)):
        x = next((y for _ in range(5) if (y := f.attempt(partial(block, f, x)))), x)
    x = f.attempt(lambda: tail(f, x)) or x
    if not isinstance(x, str):
        return f.finish(f.form, *x)
    return f.finish(f.form, x)


def functions(f: Form, x: str) -> str:
    for _ in range(f.pick(0, 1, 1, 2)):
        x = f.attempt(partial(function, f, x)) or x
    return x


def block(f: Form, x: str) -> str:
    """From a quantized tensor to a quantized tensor."""
    joins = ["residual", "concat", "thrice"] * (f.exact or f.chance(.3))
    kind = f.pick("layer", "layer", "layer", "layer", "move", "pool", "quant", *joins)
    match kind:
        case "layer":
            y = functions(f, layer(f, x))
            if f.chance(.15):
                y = f.attempt(lambda: pool(f, y)) or y
            return f.quant(y)
        case "residual":
            return residual(f, x)
        case "concat":
            return concat(f, x)
        case "move":
            y = moved(f, functions(f, x) if f.chance(.3) else x)
            return f.quant(y) if f.chance(.3) else y
        case "pool":
            y = pool(f, functions(f, x) if f.chance(.4) else x)
            kept = "Max" in f.nodes[-1].op_type and f.chance(.5)
            return y if kept else f.quant(functions(f, y))
        case "thrice":
            return thrice(f, x)
    return f.quant(functions(f, x))


def branch(f: Form, x: str, outputs: int) -> str:
    """A branch that keeps rows and columns."""
    y = weighted(f, x, outputs) if len(f.shape(x)) == 1 else conv(f, x, outputs, same=True)
    y = functions(f, y)
    return f.quant(y) if f.chance(.95) else y


def residual(f: Form, x: str) -> str:
    a = branch(f, x, f.shape(x)[0])
    b = f.pick(x, x, f.quant(x) if f.chance(.5) else branch(f, x, f.shape(x)[0]))
    if f.shape(a) != f.shape(b):
        raise Impossible
    y = f.node(f.pick("Add", "Add", "Add", "Sub"), *f.random.sample([a, b], 2))
    return f.quant(functions(f, y))


def concat(f: Form, x: str) -> str:
    parts = [branch(f, x, f.pick(1, 2, 3)), x]
    if f.chance(.2):
        parts.append(f.quant(x))
    f.random.shuffle(parts)
    y = f.node("Concat", *parts, axis=f.pick(1, -len(f.shape(x))))
    return f.quant(functions(f, y)) if f.chance(.8) else y


def thrice(f: Form, x: str) -> str:
    """A tensor that three read."""
    c = f.shape(x)[0]
    y = f.quant(f.node("Add", branch(f, x, c), branch(f, x, c)))
    return f.quant(f.node("Add", *f.random.sample([x, y], 2)))


def tail(f: Form, x: str) -> str | tuple[str, ...]:
    """How a network ends."""
    if f.chance(.15):
        x = functions(f, x)
    if len(f.shape(x)) > 1 and f.chance(.85):
        if len(f.shape(x)) > 2 and f.chance(.2):
            x = f.node(f.pick("GlobalAveragePool", "GlobalMaxPool"), x)
        axis = {} if f.chance(.4) else {"axis": 1}
        size = int(np.prod(f.shape(x)))
        x = f.node("Flatten", x, **axis) if f.chance(.7) else f.node(
            "Reshape", x, f.constant([f.pick(0, -1), size], "int64"))
    if f.chance(.8):
        x = weighted(f, x)
    vector = len(f.shape(x)) == 1 or f.chance(.1)
    match f.pick("real", "real", "quant", "quant", "function", "two", *[
            "softmax", "softmax quant", "argmax"] * vector):
        case "quant":
            x = f.quant(functions(f, x))
        case "function":
            x = functions(f, x)
        case "softmax":
            x = f.node(f.pick("Softmax", "Softmax", "LogSoftmax"), x, **axis_of(f, x))
        case "softmax quant":
            x = f.quant(f.node("Softmax", x, **axis_of(f, x)))
        case "argmax":
            more = {"select_last_index": f.pick(0, 1)} if f.opset >= 12 and f.chance(.3) else {}
            if f.chance(.5):
                more["keepdims"] = f.pick(0, 1)
            axis = f.pick(1, 1, -1, 2) if len(f.shape(x)) > 1 else f.pick(1, 1, -1)
            x = f.node("ArgMax", x, axis=axis, **more)
        case "two" if f.chance(.1):
            return x, f.quant(x)
    if isinstance(f, Qdq) and f.chance(.1) and f.nodes[-1].op_type != "ArgMax":
        x = f.quant(x, dequantize=False)
        if "int4" in f.meaning.types[x]:     # which ONNX Runtime hands to nobody
            raise Impossible
    return x


def axis_of(f: Form, x: str) -> dict[str, int]:
    return f.pick({}, {"axis": 1}, {"axis": -1})
