"""Layers and functions between quantizers, with attributes at the corners."""

import numpy as np

from .forms import Form
from .maker import Impossible

__all__ = ["function", "layer", "pool", "weighted"]

MOST_PRODUCTS = 30_000


def weighted(f: Form, x: str, outputs: int | None = None) -> str:
    """A layer with weights that takes the tensor's shape."""
    if len(f.shape(x)) == 1:
        return dense(f, x, outputs)
    if f.chance(.07):
        return rows(f, x)
    return conv(f, x, outputs) if outputs or f.chance(.9) else transposed(f, x)


def conv(f: Form, x: str, outputs: int | None = None, *, same: bool = False) -> str:
    """One or two dimensions; ``same`` keeps rows and columns."""
    channels, *size = f.shape(x)
    groups = f.pick(1, 1, 1, channels, f.pick(1, 2)) if channels > 1 else 1
    if channels % groups:
        groups = 1
    outputs = outputs or f.pick(1, 2, 3, 4) * (groups if groups > 1 else 1)
    if outputs % groups:
        groups = 1
    most = [min(3, s + 1) for s in size]
    kernel = [f.pick(1, 3) if same else f.random.randint(1, k) for k in most]
    attributes = {"group": groups} if groups > 1 or f.chance(.2) else {}
    stride = [1 if same else f.pick(1, 1, 2, 3) for _ in size]
    dilation = [1 if same else f.pick(1, 1, 1, 2, 3) for _ in size]
    extent = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    if max(stride) > 1 or f.chance(.3):
        attributes["strides"] = stride
    if max(dilation) > 1 or f.chance(.3):
        attributes["dilations"] = dilation
    if f.chance(.8):
        attributes["kernel_shape"] = kernel
    if same:
        attributes["pads"] = [(k - 1) // 2 for k in kernel] * 2
    else:
        attributes |= pads_of(f, extent, size, dilation)
    w = f.weights(outputs, channels // groups, *kernel)
    y = f.node("Conv", x, w, *bias_of(f, x, w, outputs), **attributes)
    if np.prod(f.shape(y)) * f.value(w)[0].size > MOST_PRODUCTS:
        raise Impossible("too large")
    return y


def pads_of(f: Form, extent: list[int], size: list[int], dilation: list[int]) -> dict:
    kind = f.random.random()
    if kind < .12 and (max(dilation) == 1 or f.chance(.1)):
        return {"auto_pad": f.pick("SAME_UPPER", "SAME_LOWER")}
    if kind < .17:
        return {"auto_pad": "VALID"}
    if kind < .22:
        return {"auto_pad": "NOTSET"}
    if kind < .45:
        return {}
    pads = [f.random.randint(0, e - 1) if f.chance(.7) else 0 for e in extent * 2]
    if f.chance(.04):
        pads[0] = extent[0]
    return {"pads": pads}


def transposed(f: Form, x: str) -> str:
    """A transposed convolution, of any pads and size."""
    channels, *size = f.shape(x)
    groups = f.pick(1, 1, channels)
    outputs, kernel = f.pick(1, 2, 3), [f.random.randint(1, 3) for _ in size]
    stride = [f.pick(1, 2, 2, 3) for _ in size]
    attributes: dict = {"strides": stride} if max(stride) > 1 or f.chance(.5) else {}
    dilation = [f.pick(1, 1, 1, 2) for _ in size]
    if max(dilation) > 1:
        attributes["dilations"] = dilation
    if groups > 1:
        attributes["group"] = groups
    whole = [(n - 1) * s + (k - 1) * d + 1 for n, s, k, d in zip(
        size, stride, kernel, dilation, strict=True)]
    match f.pick("none", "pads", "pads", "auto", "shape", "more"):
        case "pads":
            attributes["pads"] = [f.random.randint(0, min(2, n - 1)) for n in whole * 2]
        case "auto":
            attributes["auto_pad"] = f.pick("SAME_UPPER", "SAME_LOWER", "VALID")
        case "shape":
            attributes["output_shape"] = [f.random.randint(max(1, n - 3), n) for n in whole]
            if f.chance(.5):
                attributes["auto_pad"] = f.pick("SAME_UPPER", "SAME_LOWER")
        case "more":
            attributes["output_padding"] = [f.random.randint(0, s - 1) for s in stride]
    w = f.weights(channels, outputs, *kernel)
    y = f.node("ConvTranspose", x, w, *bias_of(f, x, w, outputs * groups), **attributes)
    if np.prod(f.shape(y)) * f.value(w)[0].size > MOST_PRODUCTS:
        raise Impossible("too large")
    return y


def bias_of(f: Form, x: str, w: str, count: int) -> list[str]:
    """A bias or none, about as large as a product."""
    if f.chance(.5):
        return []
    y = f.name()
    f.meaning.values[y] = f.value(x) * abs(f.value(w)).max()
    return [f.bias(count, y)]


def dense(f: Form, x: str, outputs: int | None = None) -> str:
    outputs, inputs = outputs or f.pick(1, 2, 3, 4, 6), f.shape(x)[0]
    if inputs * outputs > MOST_PRODUCTS:
        raise Impossible("too large")
    if f.chance(.4):
        if f.chance(.3):
            w = f.node("Transpose", f.weights(outputs, inputs), perm=[1, 0])
        else:
            w = f.weights(inputs, outputs, axis=1)
        y = f.node("MatMul", x, w)
        return f.node("Add", *f.random.sample([y, f.bias(outputs, y)], 2)) if f.chance(.4) else y
    transposed = f.chance(.6)
    w = (f.weights(outputs, inputs) if transposed else f.weights(inputs, outputs, axis=1))
    attributes = {"transB": 1} if transposed else {"transB": 0} if f.chance(.2) else {}
    if f.chance(.3):
        attributes["alpha"] = float(f.pick(.5, 2.0, -1.0, .25, 1.0, .3))
    if f.chance(.3):
        attributes["beta"] = float(f.pick(.5, 2.0, -1.0, 0.0, .7))
    bias = bias_of(f, x, w, outputs)
    if f.opset < 11 and not bias:
        bias = [f.bias(outputs, x)]
    if bias and f.chance(.3):
        shape = f.pick((1, outputs), (1,), ())
        bias = [f.bias(1 if shape in ((1,), ()) else outputs, x, shape)]
    return f.node("Gemm", x, w, *bias, **attributes)


def rows(f: Form, x: str) -> str:
    """A product with each row of a tensor."""
    w = f.weights(f.shape(x)[-1], f.pick(1, 2, 3), axis=1)
    return f.node("MatMul", x, w)


def per_channel(f: Form, x: str, most: float, dense_too: bool = True) -> str:
    """A parameter that broadcasts to a tensor's channels, to all of it, or to every element."""
    shape, kind = f.shape(x), f.random.random()
    if kind < .4:
        return f.constant(f.reals(f.pick((), (1,)), most))
    if kind < .9 or not dense_too:
        lead = (1,) if f.chance(.3) else ()
        return f.constant(f.reals((*lead, shape[0], *[1] * (len(shape) - 1)), most))
    return f.constant(f.reals(shape, most))


def norm(f: Form, x: str) -> str:
    c = f.shape(x)[0]
    gamma = f.reals(c, 1.5) if f.chance(.7) else np.ones(c)
    if f.exact:
        epsilon = f.pick(0.0, .25, 2.0**-10, 1.0)
        variance = f.numbers.choice([.25, 1, 4, 16], c) * max(1, 4 * epsilon) - epsilon
    else:
        epsilon, variance = f.pick(1e-5, 1e-3, .1, 1.0), f.numbers.uniform(.01, 3, c)
    most = min(f.reach(x), 1e6)
    attributes = {} if epsilon == 1e-5 and f.chance(.5) else {"epsilon": float(epsilon)}
    if f.opset < 14 and f.chance(.2):
        attributes["momentum"] = .5
    y = f.node("BatchNormalization", x, *map(f.constant, (
        gamma, f.reals(c, 2), f.reals(c, most), variance)), **attributes)
    return y


def hard_sigmoid(f: Form, x: str) -> str:
    given = {"alpha": float(f.pick(.25, .5, .125)), "beta": float(f.pick(.5, .25, 0.0, 1.0))}
    if not f.exact:
        given = {k: v for k, v in {"alpha": f.pick(.2, .16667), "beta": .4}.items() if f.chance(.6)}
    return f.node("HardSigmoid", x, **given)


def clip(f: Form, x: str) -> str:
    most = f.reach(x) if f.exact is False else 2.0 ** round(np.log2(f.reach(x)))
    lo, hi = -most * f.pick(.25, .5, 0, -.125), most * f.pick(.25, .5, 1)
    if f.opset < 11:
        given = {k: float(v) for k, v in (("min", lo), ("max", hi)) if f.chance(.8)}
        return f.node("Clip", x, **given)
    ends = [v if f.chance(.9) else sign * np.inf for v, sign in ((lo, -1), (hi, 1))]
    inputs = [f.constant(np.float32(v)) if f.chance(.8) else "" for v in ends]
    while inputs and not inputs[-1]:
        inputs.pop()
    return f.node("Clip", x, *inputs)


def slope(f: Form, x: str) -> str:
    c = f.shape(x)[0]
    shape = f.pick((c, *[1] * (len(f.shape(x)) - 1)), (1,))
    value = abs(f.reals(shape, 1.0)) if f.chance(.97) else f.reals(shape, 1.0)
    return f.node("PRelu", x, f.constant(value))


def arithmetic(f: Form, x: str) -> str:
    op = f.pick("Mul", "Mul", "Add", "Sub", "Div")
    if op in ("Mul", "Div"):
        shape = f.value(per_channel(f, x, 1)).shape
        power = 2.0 ** f.numbers.integers(-2, 3, shape) * f.numbers.choice([1, 1, 1, -1], shape)
        other = f.constant(power if f.exact else power * f.numbers.uniform(.6, 1.4, shape))
        return f.node(op, x, other) if op == "Div" else f.node(op, *f.random.sample([x, other], 2))
    other = per_channel(f, x, min(f.reach(x), 1e9))
    return f.node(op, *f.random.sample([x, other], 2))


def function(f: Form, x: str) -> str:
    """One function of an element or none."""
    kind = f.pick("none", "none", "norm", "norm", "relu", "relu", "leaky", "clip", "prelu",
                  "hard", "arithmetic", "arithmetic", "arithmetic", "neg", "identity",
                  *["smooth"] * f.chance(.5))
    match kind:
        case "norm":
            return norm(f, x)
        case "relu":
            return f.node("Relu", x)
        case "leaky":
            given = float(f.pick(.125, .25, 0.0, 2.0) if f.exact else f.pick(.1, .3))
            return f.node("LeakyRelu", x, **({"alpha": given} if f.chance(.8) else {}))
        case "clip":
            return clip(f, x)
        case "prelu":
            return slope(f, x)
        case "hard":
            return hard_sigmoid(f, x)
        case "arithmetic":
            return arithmetic(f, x)
        case "smooth":
            return f.node(f.pick("Sigmoid", "Tanh", "Softplus", "Softsign", "Abs"), x)
        case "neg":
            return f.node("Neg", x)
        case "identity":
            return f.node(f.pick("Identity", "Dropout"), x)
    return x


def pool(f: Form, x: str) -> str:
    _, *size = f.shape(x)
    if not size:
        raise Impossible
    kind = f.pick("MaxPool", "MaxPool", "AveragePool", "AveragePool", "Global", "mean")
    if kind == "Global":
        return f.node(f.pick("GlobalAveragePool", "GlobalMaxPool"), x)
    if kind == "mean":
        axes = list(range(2, 2 + len(size)))
        axes = f.pick(axes, [a - 2 - len(size) for a in axes])
        keep = {"keepdims": f.pick(0, 1)} if f.chance(.7) else {}
        if f.opset < 18:
            return f.node("ReduceMean", x, axes=axes, **keep)
        return f.node("ReduceMean", x, f.constant(axes, "int64"), **keep)
    kernel = [f.random.randint(1, min(s, 3)) for s in size]
    attributes = {"kernel_shape": kernel}
    stride, dilation = ([f.pick(1, 1, 2, 3) for _ in size] for _ in range(2))
    if f.chance(.7):
        attributes["strides"] = stride
    if f.chance(.15) and (kind == "MaxPool" and f.opset >= 10 or f.opset >= 19):
        attributes["dilations"] = dilation
    else:
        dilation = [1] * len(size)
    extent = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    if f.chance(.35):
        padding = pads_of(f, extent, size, dilation)
        if max(padding.get("pads", [0])) >= min(kernel):
            raise Impossible("a pad of a whole kernel")
        attributes |= padding
        if kind == "AveragePool" and f.chance(.9):
            attributes["count_include_pad"] = 1
    if f.chance(.03) and f.opset >= 10:
        attributes["ceil_mode"] = 1
    return f.node(kind, x, **attributes)


def layer(f: Form, x: str) -> str:
    """From real numbers to real numbers: a pool, a move or a weighted layer."""
    return weighted(f, x) if f.chance(.7) else pool(f, x)
