"""ONNX's Resize and Upsample to the nearest element, of any dimensions and factors."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np

from ....ops.reorder import enlarge
from ..file import OnnxNode
from ..operators import ANY, UNREAD, Only, handles
from ..reader import Reader
from ..values import Unsupported
from .layers import channels_last, rearranged

__all__: list[str] = []

NEAREST: dict[str, Callable[[Fraction | float], int]] = {
    "round_prefer_floor": lambda x: ceil(x - Fraction(1, 2)),
    "round_prefer_ceil": lambda x: floor(x + Fraction(1, 2)), "floor": floor, "ceil": ceil}
COORDINATES = ("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
               "asymmetric", "tf_half_pixel_for_nn")


@handles("Upsample", versions=(7, 9), mode=Only("nearest"), scales=ANY)
@handles("Resize", versions=(10, 11, 13, 18, 19), mode=Only("nearest"),
         nearest_mode=Only(*NEAREST), coordinate_transformation_mode=Only(*COORDINATES), axes=ANY,
         cubic_coeff_a=UNREAD, extrapolation_value=UNREAD, exclude_outside=Only(0),
         antialias=Only(0), keep_aspect_ratio_policy=Only("stretch"))
def _resize(reader: Reader, node: OnnxNode):
    """The region of interest and the value beyond it count with tf_crop_and_resize only; the
    factors say which dimension has the channels."""
    flow = reader.flow(node)
    picked = [_picked(node, n, *wanted) for n, wanted in
              zip(flow.shape, _wanted(reader, node, flow.shape), strict=True)]
    if all(np.array_equal(p, np.arange(n)) for p, n in zip(picked, flow.shape, strict=True)):
        return flow
    factors = [len(p) // n for p, n in zip(picked, flow.shape, strict=True)]
    last = channels_last(node) or factors[-1] == 1 and (factors[0] != 1 or reader.last(flow))
    if len(picked) in (2, 3) and factors.pop(-1 if last else 0) == 1 and all(
            len(p) % n == 0 and (p == np.repeat(np.arange(n), len(p) // n)).all()
            for p, n in zip(picked, flow.shape, strict=True)):
        x = reader.image(flow, channels_last=last)
        rows, columns = [1, *factors][-2:]
        return rearranged(reader, flow, x, enlarge(reader.tensors[x.node].shape, rows, columns),
                          last)
    return replace(flow, places=flow.places[np.ix_(*picked)])


def _wanted(reader: Reader, node: OnnxNode, shape: tuple[int, ...]
            ) -> list[tuple[int, Fraction]]:
    """The size of each dimension of a sample, and its factor."""
    rank = len(shape) + reader.batch
    sizes = None if reader.value(node, 3) is None else reader.array(node, 3).tolist()
    given = sizes or list(node("scales") or reader.array(node, 1 if node.version < 11 else 2))
    axes = [int(a) % rank for a in node("axes") or range(rank)]
    if len(given) != len(axes) or min(given) <= 0:
        raise Unsupported(f"its {len(given)} sizes or factors {given} do not fit {len(axes)} "
                          f"dimensions")
    every = dict(zip(axes, given, strict=True))
    if reader.batch and every.pop(0, 1) not in (1, reader.samples if sizes else 1):
        raise Unsupported("it resizes the batch")
    found: list[tuple[int, Fraction]] = []
    for axis, n in enumerate(shape, start=int(reader.batch)):
        wanted = every.get(axis, n if sizes else 1)
        factor = Fraction(int(wanted), n) if sizes else Fraction(float(wanted))
        found.append((int(wanted) if sizes else floor(n * factor), factor))
    if any(size < 1 for size, _ in found):
        raise Unsupported(f"factors {given} leave nothing of {list(shape)}")
    return found


def _picked(node: OnnxNode, count: int, size: int, factor: Fraction) -> np.ndarray:
    """The index that each of ``size`` elements has among ``count``, (size,).

    Unsupported where float32, in which executors compute, finds another one than exact numbers."""
    if factor == 1:
        return np.arange(count)
    how, nearest = node("coordinate_transformation_mode"), node("nearest_mode")
    if node.version < 11:
        how, nearest = "asymmetric", "floor"
        if factor < 1:
            raise Unsupported(f"the factor {float(factor):g} is not supported before opset 11, "
                              f"which does not say which element is nearest")
    exact, single = ([min(max(NEAREST[nearest](_from(how, convert, k, count, size, factor)), 0),
                          count - 1) for k in range(size)] for convert in (Fraction, np.float32))
    if exact != single:
        raise Unsupported(f"it depends on the rounding of float32 which elements are the nearest "
                          f"with the factor {float(factor):g}", "say sizes instead of factors, or "
                          "choose another nearest_mode")
    return np.array(exact)


def _from(how: str, number: Callable[..., Any], k: int, count: int, size: int, factor: Fraction
          ) -> Fraction | float:
    """Where the element ``k`` comes from, in the arithmetic of ``number``."""
    half, scale = number(.5), number(float(factor)) if number is not Fraction else factor
    place = (number(k) + half) / scale
    match how:
        case "asymmetric":
            return number(k) / scale
        case "tf_half_pixel_for_nn":
            return place
        case "align_corners":
            return number(k) * number(count - 1) / number(size - 1) if size > 1 else number(0)
        case "pytorch_half_pixel" if size == 1:
            return number(0)
        case "half_pixel_symmetric":
            exact = number(count) * scale
            return number(count) / number(2) * (1 - number(size) / exact) + place - half
        case _:
            return place - half
