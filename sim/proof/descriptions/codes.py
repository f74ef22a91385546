"""Random codes of weight formats."""

import random
from typing import Any

import numpy as np

__all__ = ["scheme_and_codes"]

OTHERS = ("admm", "alternating", "bwnh", "codebook", "ffn", "flexpoint", "product", "sketch", "slq",
          "tnn")
"""Schemes that quantize reals themselves; what they make of them is taken as it is."""


def scheme_and_codes(chosen: random.Random, numbers: np.random.Generator, size: tuple[int, int]
                     ) -> tuple[Any, np.ndarray | None, np.ndarray | None]:
    """A scheme, codes of it, and the table that they need."""

    def whole(least: int, end: int) -> np.ndarray:
        return numbers.integers(least, end, size)

    pick = chosen.choice
    match pick(("fixed", "fixed", "binary", "ternary", "affine", "po2", "shiftcnn", "inq",
                "dfp", "minifloat", "balanced", "dorefa", "ttq", "other")):
        case "fixed":
            bits = pick((2, 3, 4, 5, 8))
            return {"name": "fixed", "bits": bits, "narrow": False}, whole(0, 1 << bits), None
        case "binary":
            return "binary", whole(0, 2), None
        case "ternary":
            return "ternary", np.array([0, 1, 3])[whole(0, 3)], None
        case "affine":
            return "affine", whole(1, 256), np.array([chosen.randint(1, 255)])
        case "po2":
            low, high = pick(((-8, -1), (-3, 0), (0, 4)))
            bits = (high - low).bit_length()
            codes = whole(0, high - low + 1) | whole(0, 2) << bits
            return {"name": "po2", "lowest": low, "highest": high}, codes, None
        case "shiftcnn":
            terms, bits = pick(((1, 4), (2, 4), (2, 3), (3, 2)))
            codes = whole(0, 1)
            for n in range(terms):
                term = whole(0, 1 << bits)
                term = np.where(term == 1 << bits - 1, 0, term)     # no negative zero
                codes = codes | term << n * bits
            return {"name": "shiftcnn", "terms": terms, "bits": bits}, codes, None
        case "inq":
            bits = chosen.randint(3, 5)
            field = bits - 2
            codes = np.where(whole(0, 4) > 0, whole(0, 1 << field) | 1 << field
                             | whole(0, 2) << field + 1, 0)
            return {"name": "inq", "bits": bits}, codes, None
        case "dfp":
            bits = pick((2, 4, 8))
            return {"name": "dfp", "bits": bits}, whole(0, 1 << bits), None
        case "minifloat":
            e, m = pick(((4, 3), (3, 2), (2, 1)))
            codes = whole(0, 2 << e + m)
            return ({"name": "minifloat", "exponent": e, "mantissa": m},
                    np.where(codes == 1 << e + m, 0, codes), None)
        case "balanced" | "dorefa" as name:
            bits = pick((1, 2, 3))
            return {"name": name, "bits": bits}, whole(0, 1 << bits), None
        case "ttq":
            table = numbers.integers(1, 100, 2) * [1, -1]
            return "ttq", np.array([0, 1, 3])[whole(0, 3)], table
    return pick(OTHERS), None, None
