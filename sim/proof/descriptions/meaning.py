"""What a description folder means, sample by sample, as docs/reference/model-format.md says it.

Numbers are fractions; nothing of qhw is used.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from .numbers import ROUNDINGS, decoded, each, log2_nearest, minifloat, rational, root

__all__ = ["Description"]

Numbers = np.ndarray
"""Fractions, (rows, columns, channels) or (elements,)."""


@dataclass
class Value:
    """Real numbers, and the integers that they are ``step`` times, if they are."""

    real: Numbers
    whole: Numbers | None = None
    step: Fraction = Fraction(1)


def ends(spec: Mapping[str, Any]) -> tuple[int, int]:
    """The least and the largest code of a number format."""
    if "range" in spec:
        lo, hi = spec["range"]
        return lo, hi
    bits = spec["bits"]
    if not spec.get("signed"):
        return 0, (1 << bits) - 1
    return -(1 << bits - 1) + bool(spec.get("narrow")), (1 << bits - 1) - 1


def quantized(spec: Mapping[str, Any], x: Numbers) -> Value:
    scale, zero = rational(spec.get("scale", 1)), spec.get("zero_point", 0)
    rounded = ROUNDINGS[spec.get("rounding", "half-even")]
    lo, hi = ends(spec)
    codes = each(lambda v: min(max(rounded(v / scale + zero), lo), hi), x)
    return coded(codes, scale, zero)


def coded(codes: Numbers, scale: Fraction, zero: int = 0) -> Value:
    whole = codes - zero
    return Value(whole * scale, whole, scale)


class Description:
    """A folder's layers; ``weights`` gives the reals of schemes whose codes are not read here."""

    def __init__(self, folder: Path, weights: Mapping[str, np.ndarray] | None = None):
        self.text = tomllib.loads((folder / "model.toml").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz") as arrays:
            self.arrays = {k: arrays[k] for k in arrays.files}
        self.weights = weights or {}

    def __call__(self, x: np.ndarray) -> Numbers:
        """The network's output for one sample: reals in floating point, codes in integers."""
        spec = self.text["input"]
        given = each(Fraction, x.astype(object))
        value = (coded(given, rational(spec.get("scale", 1)), spec.get("zero_point", 0))
                 if x.dtype.kind in "iu" else quantized(spec, given))
        made = {"input": value}
        last = "input"
        for layer in self.text["layer"]:
            inputs = [made[i] for i in layer.get("inputs", [last])]
            last = layer["name"]
            made[last] = getattr(self, layer["type"])(layer, *inputs)
        return made[last].real

    def array(self, layer: Mapping[str, Any], what: str) -> Numbers | None:
        found = self.arrays.get(f"{layer['name']}.{what}")
        return None if found is None else each(rational, found)

    # -- layers with weights

    def matrix(self, layer: Mapping[str, Any]) -> tuple[Numbers, Numbers]:
        """Integers (units, inputs) and a scale a unit."""
        name, units = layer["name"], layer["units"]
        if name in self.weights:
            return each(rational, self.weights[name]), np.full(units, Fraction(1))
        codes = self.arrays[f"{name}.codes"]
        scale = each(rational, np.broadcast_to(self.arrays[f"{name}.scale"], units))
        return decoded(layer["scheme"], codes, self.arrays.get(f"{name}.table")), scale

    def dense(self, layer: Mapping[str, Any], x: Value) -> Value:
        w, scale = self.matrix(layer)
        return self.summed(layer, w @ x.real, None if x.whole is None else w @ x.whole, scale)

    def summed(self, layer: Mapping[str, Any], real: Numbers, whole: Numbers | None,
               scale: Numbers) -> Value:
        bias = self.array(layer, "bias")
        real = real * scale
        return Value(real if bias is None else real + bias, whole)

    def conv(self, layer: Mapping[str, Any], x: Value) -> Value:
        w, scale = self.matrix(layer)
        groups = layer.get("groups", 1)
        sums = []
        for numbers in (x.real, x.whole):
            if numbers is None:
                sums.append(None)
                continue
            windows = patches(layer, numbers, Fraction(0))
            per, units = numbers.shape[-1] // groups, len(w) // groups
            parts = []
            for g in range(groups):
                seen = windows[..., g * per:(g + 1) * per]
                seen = seen.reshape(*seen.shape[:2], -1)
                parts.append(seen @ w[g * units:(g + 1) * units].T)
            sums.append(np.concatenate(parts, axis=-1))
        return self.summed(layer, sums[0], sums[1], scale)

    # -- windows and joins

    def max_pool(self, layer: Mapping[str, Any], x: Value) -> Value:
        def largest(numbers: Numbers) -> Numbers:
            seen = patches(layer, numbers, None)
            flat = seen.reshape(*seen.shape[:2], -1, seen.shape[-1])
            out = np.empty((*flat.shape[:2], flat.shape[-1]), object)
            for r, c, k in np.ndindex(out.shape):
                out[r, c, k] = max(v for v in flat[r, c, :, k] if v is not None)
            return out
        return Value(largest(x.real), None if x.whole is None else largest(x.whole), x.step)

    def average_pool(self, layer: Mapping[str, Any], x: Value) -> Value:
        seen = patches(layer, x.real, Fraction(0))
        count = seen.shape[2] * seen.shape[3]
        return Value(seen.sum(axis=(2, 3)) / Fraction(count))

    def add(self, layer: Mapping[str, Any], a: Value, b: Value) -> Value:
        return Value(a.real + b.real)

    def concat(self, layer: Mapping[str, Any], *xs: Value) -> Value:
        return Value(np.concatenate([x.real for x in xs], axis=-1))

    def flatten(self, layer: Mapping[str, Any], x: Value) -> Value:
        return Value(x.real.ravel(), None if x.whole is None else x.whole.ravel(), x.step)

    # -- functions

    def batch_norm(self, layer: Mapping[str, Any], x: Value) -> Value:
        gamma, beta, mean, variance = (self.array(layer, k) for k in (
            "gamma", "beta", "mean", "variance"))
        epsilon = rational(layer.get("epsilon", 1e-5))
        return Value(gamma * (x.real - mean) / each(lambda v: root(v + epsilon), variance) + beta)

    def shift_norm(self, layer: Mapping[str, Any], x: Value) -> Value:
        gamma, beta, mean, inverse = (self.array(layer, k) for k in (
            "gamma", "beta", "mean", "inverse"))
        return Value(each(ap2, gamma) * each(ap2, inverse) * (x.real - mean) + beta)

    def relu(self, layer: Mapping[str, Any], x: Value) -> Value:
        return Value(each(lambda v: max(v, Fraction(0)), x.real))

    def argmax(self, layer: Mapping[str, Any], x: Value) -> Value:
        scores = list(x.real)
        return Value(each(Fraction, np.array([scores.index(max(scores))], object)))

    # -- activations

    def quantize(self, layer: Mapping[str, Any], x: Value) -> Value:
        return quantized(layer, x.real)

    def requantize(self, layer: Mapping[str, Any], x: Value) -> Value:
        multiplier, offset = self.array(layer, "multiplier"), self.array(layer, "offset")
        y = x.whole * multiplier + (0 if offset is None else offset)
        if first := layer.get("first_shift", 0):
            y = each(lambda v: Fraction(ROUNDINGS["half-up"](v / (1 << first))), y)
        rounded = ROUNDINGS[layer.get("rounding", "half-up")]
        (lo, hi), zero = ends(layer), layer.get("zero_point", 0)
        codes = each(lambda v: min(max(rounded(v / (1 << layer["shift"])) + zero, lo), hi), y)
        return coded(codes, rational(layer.get("scale", 1)), zero)

    def sign(self, layer: Mapping[str, Any], x: Value) -> Value:
        scale, zero = rational(layer.get("scale", 1)), layer.get("of_zero", 1)
        return coded(each(lambda v: zero if v == 0 else 1 if v > 0 else -1, x.real), scale)

    def ternary(self, layer: Mapping[str, Any], x: Value) -> Value:
        high, low = (rational(layer[k]) if k in layer else self.array(layer, k)
                     for k in ("high", "low"))
        codes = each(lambda v, h, w: (v > h) - (v < w), x.real, high, low)
        return coded(codes, rational(layer.get("scale", 1)))

    def hwgq(self, layer: Mapping[str, Any], x: Value) -> Value:
        step = rational(layer.get("step", Fraction(538, 1000)))
        levels = [rational(v) for v in layer["levels"]] if "levels" in layer else [
            step * k for k in range(1, 1 << layer.get("bits", 2))]
        return Value(each(lambda v: Fraction(0) if v <= 0 else min(
            levels, key=lambda level: (abs(v - level), level)), x.real))

    def log(self, layer: Mapping[str, Any], x: Value) -> Value:
        full = layer.get("full_scale", 0)
        least = full - ((1 << layer.get("bits", 3)) - 1)

        def one(v: Fraction) -> Fraction:
            if abs(v) < Fraction(2) ** least or v < 0 and not layer.get("signed"):
                return Fraction(0)
            size = Fraction(2) ** min(max(log2_nearest(abs(v)), least), full - 1)
            return size if v > 0 else -size
        return Value(each(one, x.real))

    def minifloat(self, layer: Mapping[str, Any], x: Value) -> Value:
        form = layer.get("exponent", 4), layer.get("mantissa", 3)
        return Value(each(lambda v: minifloat(v, *form), x.real))

    def residual(self, layer: Mapping[str, Any], x: Value) -> Value:
        rest, made = x.real, x.real * 0
        planes = layer.get("planes") or len(layer["scales"])
        for k in range(planes):
            size = (rational(layer["scales"][k]) if "scales" in layer
                    else sum(abs(rest)) / Fraction(len(rest)))
            plane = each(lambda v, s=size: s if v >= 0 else -s, rest)
            made, rest = made + plane, rest - plane
        return Value(made)

    def block_float(self, layer: Mapping[str, Any], x: Value) -> Value:
        """In steps of the input; the mantissa rounds half up."""
        top, exponent = (1 << layer.get("bits", 8) - 1) - 1, 0
        while max(abs(v) for v in x.whole) // (1 << exponent) > top:
            exponent += 1
        codes = each(lambda v: min(ROUNDINGS["half-up"](v / (1 << exponent)), top)
                     * (1 << exponent), x.whole)
        return Value(codes * x.step, codes, x.step)


def ap2(z: Fraction) -> Fraction:
    if z == 0:
        return z
    size = Fraction(2) ** log2_nearest(abs(z))
    return size if z > 0 else -size


def patches(layer: Mapping[str, Any], x: Numbers, fill: Any) -> Numbers:
    """(rows, columns, *kernel, channels) of an image with its padding."""
    (kh, kw), (sy, sx), (dy, dx) = (layer.get(k, [1, 1]) for k in ("kernel", "stride", "dilation"))
    top, left, bottom, right = layer.get("pads", [0] * 4)
    padded = np.full((x.shape[0] + top + bottom, x.shape[1] + left + right, x.shape[2]), fill,
                     object)
    padded[top:top + x.shape[0], left:left + x.shape[1]] = x
    rows = (len(padded) - (kh - 1) * dy - 1) // sy + 1
    columns = (padded.shape[1] - (kw - 1) * dx - 1) // sx + 1
    out = np.empty((rows, columns, kh, kw, x.shape[2]), object)
    for r, c in np.ndindex(rows, columns):
        out[r, c] = padded[r * sy:r * sy + (kh - 1) * dy + 1:dy,
                           c * sx:c * sx + (kw - 1) * dx + 1:dx]
    return out
