"""A random description folder by its number, with samples that lie on ties and at both ends."""

import random
from typing import Any

import numpy as np

from .codes import scheme_and_codes
from .drawn import Drawn

__all__ = ["draw"]

SAMPLES = 6
ROUNDINGS = ("half-even", "half-even", "half-up", "half-away", "floor")


class Draw:
    """Grows a description layer by layer."""

    def __init__(self, seed: int):
        self.drawn = Drawn(seed)
        self.random = random.Random(f"description {seed}")
        self.numbers = np.random.default_rng(seed)
        self.layers: list[dict[str, Any]] = []
        self.spread = 1.0
        """About how large the numbers are now."""

    def pick(self, *options: Any) -> Any:
        return self.random.choice(options)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def add(self, kind: str, **keys: Any) -> str:
        name = f"{kind}{len(self.layers)}"
        self.layers.append({"name": name, "type": kind, **keys})
        return name

    @property
    def last(self) -> str:
        """The type of the layer before."""
        return self.layers[-1]["type"] if self.layers else "input"

    def give(self, name: str, what: str, array: Any) -> None:
        self.drawn.arrays[f"{name}.{what}"] = np.asarray(array)

    def scale(self, about: float) -> float | str:
        """A step of about this size: a power of two, a float, or a fraction."""
        power = 2.0 ** round(float(np.log2(about)))
        return self.pick(power, power, power, about * self.random.uniform(.7, 1.4),
                         f"{max(round(about * 255), 1)}/255")

    def format(self, most: int = 8, *, unsigned: bool = False) -> dict[str, Any]:
        """Bits or a range, with a zero point and a rounding at times."""
        if self.chance(.25):
            lo = self.random.randint(-100, 100)
            found: dict[str, Any] = {"range": [lo, lo + self.random.randint(1, 120)]}
            lo, hi = found["range"]
        else:
            bits, signed = self.random.randint(1, most), self.chance(.5) and not unsigned
            narrow = signed and bits > 1 and self.chance(.4)
            found = {"bits": bits}
            if signed:
                found["signed"] = True
            if narrow:
                found["narrow"] = True
            hi = (1 << bits - signed) - 1
            lo = -hi - 1 + narrow if signed else 0
        if self.chance(.35):
            found["zero_point"] = self.random.randint(lo, hi) if self.chance(.9) else hi + 3
        if self.chance(.6):
            found["rounding"] = self.pick(*ROUNDINGS)
        self.levels = max(hi - found.get("zero_point", 0), found.get("zero_point", 0) - lo, 1)
        return found

    # -- the input

    def begin(self) -> None:
        self.shape: tuple[int, ...] = self.pick(
            (self.random.randint(1, 12),), (self.random.randint(1, 5), self.random.randint(1, 5),
                                            self.random.randint(1, 3)))
        spec = self.format()
        spec["shape"] = list(self.shape)
        if self.chance(.8):
            spec["scale"] = self.scale(self.pick(1.0, .25, .05, 2.0**-12, 300.0))
        self.drawn.text = {"schema": 1, "name": self.pick("net", "a-b", "module"), "input": spec}
        step = number(spec.get("scale", 1))
        size = (SAMPLES, *self.shape)
        zero = spec.get("zero_point", 0)
        lo, hi = spec.get("range") or ends(spec)
        if self.chance(.25):
            x = self.numbers.integers(lo, hi + 1, size)
            x[0], x[1] = lo, hi
            self.drawn.x = x
        else:
            codes = self.numbers.integers(2 * lo - 4, 2 * hi + 5, size) / 2 - zero
            codes[0] = self.numbers.normal(size=self.shape) * (hi - lo)
            codes[1] = lo - zero - self.pick(.5, 1000)
            self.drawn.x = (codes * step).astype(self.pick(np.float32, np.float64))
        self.spread = max(abs(lo - zero), abs(hi - zero), 1) * step

    # -- layers

    def weights(self, name: str, units: int, inputs: int, keys: dict[str, Any]) -> None:
        scheme, codes, table = scheme_and_codes(self.random, self.numbers, (units, inputs))
        keys["scheme"] = scheme
        label = scheme["name"] if isinstance(scheme, dict) else scheme
        if codes is None:
            self.drawn.taken.append(name)
            self.give(name, "weight", self.numbers.normal(size=(units, inputs)))
            self.spread *= inputs ** .5
            return
        self.give(name, "codes", codes)
        if table is not None:
            self.give(name, "table", table)
        about = self.pick(1.0, .1, 2.0**-7)
        each = self.chance(.5) and label != "dfp"
        scale = np.array([number(self.scale(about)) for _ in range(units if each else 1)])
        self.give(name, "scale", scale if each else scale[0])
        size = {"fixed": 8, "dfp": 64, "affine": 64, "shiftcnn": 64, "minifloat": 2000,
                "po2": 30, "inq": 20, "ttq": 10}.get(label, 2)
        self.spread *= about * size * inputs ** .5

    def weighted(self, units: int | None = None, *, same: bool = False, bias: bool = True) -> str:
        units = units or self.random.randint(1, 5)
        name = f"{'dense' if len(self.shape) == 1 else 'conv'}{len(self.layers)}"
        keys: dict[str, Any] = {"units": units}
        if len(self.shape) == 1:
            inputs = self.shape[0]
            self.shape = (units,)
        else:
            rows, columns, channels = self.shape
            groups = self.pick(1, 1, channels) if units % channels == 0 else 1
            keys |= {"kernel": [3, 3], "pads": [1] * 4} if same else self.window(rows, columns)
            if groups > 1:
                keys["groups"] = groups
            inputs = keys["kernel"][0] * keys["kernel"][1] * channels // groups
            self.shape = (*outputs(keys, rows, columns), units)
        self.weights(name, units, inputs, keys)
        if bias and self.chance(.4):
            self.give(name, "bias", np.rint(self.numbers.normal(size=units) * 8) / 8 * self.spread)
        return self.add(name.rstrip("0123456789"), **keys)

    def window(self, rows: int, columns: int, *, pool: bool = False) -> dict[str, Any]:
        kernel = [self.random.randint(1, min(3, n)) for n in (rows, columns)]
        found: dict[str, Any] = {"kernel": kernel}
        if self.chance(.5):
            found["stride"] = [self.pick(1, 2, 3), self.pick(1, 2)]
        if self.chance(.2):
            found["dilation"] = [2 if 2 * (k - 1) < n else 1
                                 for k, n in zip(kernel, (rows, columns), strict=True)]
        if self.chance(.4):
            found["pads"] = [self.random.randint(0, k - 1) for k in kernel * 2]
        return found

    def pool(self) -> None:
        rows, columns, channels = self.shape
        kind = self.pick("max_pool", "average_pool")
        keys = self.window(rows, columns, pool=True)
        self.shape = (*outputs(keys, rows, columns), channels)
        self.add(kind, **keys)
        if kind == "average_pool":
            self.quantizer()

    def norm(self) -> None:
        c = self.shape[-1]
        kind = self.pick("batch_norm", "batch_norm", "shift_norm")
        gamma = np.rint(self.numbers.normal(size=c) * 4) / 4
        mean = np.rint(self.numbers.normal(size=c) * 4) / 4 * self.spread
        keys: dict[str, Any] = {}
        if kind == "batch_norm" and self.chance(.6):
            keys["epsilon"] = self.pick(0.0, .25, 1e-3, .9)
        name = self.add(kind, **keys)
        self.give(name, "gamma", gamma)
        self.give(name, "beta", np.rint(self.numbers.normal(size=c) * 4) / 4)
        self.give(name, "mean", mean)
        if kind == "shift_norm":
            self.give(name, "inverse", abs(self.numbers.normal(size=c)) / self.spread + 1e-9)
        else:
            variance = self.spread**2 * self.pick(1, .25) * self.pick(
                np.ones(c), self.numbers.uniform(.2, 2, c))
            self.give(name, "variance", variance)
        self.spread = 2.0

    def quantizer(self, most: int = 6) -> None:
        keys = self.format(most)
        self.add("quantize", **keys, scale=self.scale(self.spread / self.levels))

    def activation(self) -> None:
        """From real numbers to codes."""
        if self.chance(.25):
            self.add("relu")
        unit = 2.0 ** round(float(np.log2(self.spread)))
        match self.pick("quantize", "quantize", "quantize", "sign", "ternary", "hwgq", "log",
                        "minifloat", "residual"):
            case "quantize":
                self.quantizer()
                return
            case "sign":
                self.add("sign", of_zero=self.pick(1, -1), scale=self.scale(1.0))
            case "ternary":
                name = self.add("ternary", scale=self.scale(1.0))
                high = np.rint(self.numbers.normal(size=self.shape[-1]) * 4) / 4 * unit
                self.give(name, "high", high)
                self.give(name, "low", high - abs(np.rint(self.numbers.normal(
                    size=self.shape[-1]) * 4)) / 4 * unit)
            case "hwgq":
                levels = sorted(self.random.sample(range(1, 32), 2))
                self.add("hwgq", **self.pick({}, {"bits": 3, "step": unit / 4}, {
                    "levels": [v / 8 for v in (*levels, 40)]}))
            case "log":
                self.add("log", bits=self.pick(2, 3), signed=self.chance(.5),
                         full_scale=round(float(np.log2(self.spread))) + 1)
            case "minifloat":
                self.add("minifloat", exponent=self.pick(3, 4), mantissa=self.pick(1, 2))
            case "residual":
                self.add("residual", scales=self.pick([4.0, 1.5], [5.0], [4.5, 2.0, 1.0]))
        self.spread = 1.0

    def join(self) -> None:
        before, first = self.shape, self.layers[-1]["name"] if self.layers else "input"
        quantize = {**self.format(5), "scale": self.scale(.25)}
        ends_ = []
        kind = self.pick("add", "concat")
        for _ in range(2):
            self.shape = before
            units = before[-1] if kind == "add" else self.random.randint(1, 3)
            name = self.weighted(units, same=len(before) == 3)
            self.layers[-1]["inputs"] = [first]
            if self.chance(.5):
                self.norm()
            ends_.append(self.add("quantize", **quantize))
            if kind == "add" and self.chance(.3) and first != "input":
                ends_.append(first)
                break
            del name
        self.shape = before if kind == "add" else (*before[:-1], sum(
            self.layer(e)["units"] for e in ends_))
        self.add(kind, inputs=ends_[:2])
        self.spread = 8.0
        self.activation()

    def layer(self, name: str) -> dict[str, Any]:
        """The weighted layer before an activation."""
        k = next(i for i, v in enumerate(self.layers) if v["name"] == name)
        return next(v for v in reversed(self.layers[:k]) if "units" in v)

    def integer(self) -> None:
        """Sums, and their requantization."""
        self.add("quantize", bits=self.random.randint(2, 6), signed=True)
        name = self.weighted(bias=False)
        if f"{name}.scale" not in self.drawn.arrays:
            return self.activation()
        self.give(name, "scale", np.array(1.0))
        shift = self.random.randint(4, 12)
        keys = self.format(8)
        if self.chance(.3):
            keys |= {"first_shift": self.random.randint(1, 8), "rounding": "half-away"}
        name = self.add("requantize", shift=shift, scale=self.scale(.1), **keys)
        c = self.shape[-1]
        self.give(name, "multiplier", self.numbers.integers(-200, 400, c))
        if self.chance(.5):
            self.give(name, "offset", self.numbers.integers(-5000, 5000, c))
        self.spread = self.levels * .1

    def run_time(self) -> None:
        """A scale for each sample, which a dense layer reads."""
        before = [v["type"] for v in self.layers if v["type"] not in ("flatten", "max_pool")]
        steps = not before or before[-1] in ("quantize", "requantize", "sign", "ternary")
        if not steps:
            self.quantizer()
        if self.chance(.5):
            self.add("block_float", bits=self.pick(3, 4, 6))
            self.weighted()
        else:
            self.add("residual", planes=self.pick(1, 2))
            units, inputs = self.random.randint(1, 4), self.shape[0]
            name = f"dense{len(self.layers)}"
            self.give(name, "codes", self.numbers.integers(0, 2, (units, inputs)))
            self.give(name, "scale", np.array(.5))
            self.add("dense", units=units, scheme="binary")
            self.shape = (units,)

    def flat(self) -> None:
        if len(self.shape) > 1:
            self.add("flatten")
            self.shape = (int(np.prod(self.shape)),)


def number(scale: float | str) -> float:
    return float(scale) if not isinstance(scale, str) else int(scale.split("/")[0]) / 255


def ends(spec: dict[str, Any]) -> tuple[int, int]:
    hi = (1 << spec["bits"] - spec.get("signed", False)) - 1
    return (-hi - 1 + spec.get("narrow", False) if spec.get("signed") else 0), hi


def outputs(keys: dict[str, Any], rows: int, columns: int) -> tuple[int, int]:
    """Rows and columns behind a window."""
    found = []
    for axis, size in enumerate((rows, columns)):
        pads = keys.get("pads", [0] * 4)
        extent = (keys["kernel"][axis] - 1) * keys.get("dilation", [1, 1])[axis] + 1
        found.append((size + pads[axis] + pads[axis + 2] - extent)
                     // keys.get("stride", [1, 1])[axis] + 1)
    return found[0], found[1]


def draw(seed: int) -> Drawn:
    """A network of one to three blocks, with or without a real end."""
    d = Draw(seed)
    d.begin()
    for _ in range(d.pick(1, 1, 2, 3)):
        image = len(d.shape) == 3
        integers = d.last in ("input", "quantize", "requantize", "sign", "ternary", "flatten")
        match d.pick("plain", "plain", "plain", "join", *["integer"] * integers, *["pool"] * image):
            case "plain":
                d.weighted()
                if d.chance(.5):
                    d.norm()
                d.activation()
            case "join":
                d.join()
            case "integer":
                d.integer()
            case "pool":
                d.pool()
        if image and d.chance(.3):
            d.flat()
    d.flat()
    match d.pick("none", "real", "real", "argmax", "run time"):
        case "real":
            d.weighted()
            if d.chance(.3):
                d.norm()
        case "argmax":
            name = d.weighted(d.random.randint(2, 5))
            if f"{name}.scale" in d.drawn.arrays and d.chance(.9):
                d.give(name, "scale", d.drawn.arrays[f"{name}.scale"].ravel()[0])
            d.add("argmax")
        case "run time":
            d.run_time()
    d.drawn.text["layer"] = d.layers
    return d.drawn
