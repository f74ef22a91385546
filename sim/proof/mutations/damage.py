"""Ways to damage bytes, trees of plain values, and text."""

import random
from copy import deepcopy
from typing import Any

__all__ = ["NUMBERS", "WORDS", "bytes_damaged", "tree_damaged"]

NUMBERS: tuple[int | float, ...] = (
    0, -1, 1, 2, 3, 7, 12, 16, 64, 255, 256, 4096, 65535, 1 << 16, 1 << 20, 1 << 24, 1 << 31,
    1 << 32, 1 << 62, (1 << 63) - 1, -(1 << 63), 1 << 64, 10**30, -128, float("nan"),
    float("inf"), -float("inf"), 1e308, 5e-324, 1e-38, -0.0, 1e38, .1, -1.5)
WORDS = ("", "1e999999999", "1/0", "nan", "-1", "1/" + "9" * 399, "9" * 5000, "\0", "n" * 3000, "é",
         "module", "a b", "../x", "[/red]", "1e-999", "x\ny", "float")


def bytes_damaged(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """Bytes changed, cut off, removed, doubled, or taken from another file."""
    found = bytearray(data)
    size = len(found)
    at, count = rng.randrange(size + 1), rng.randrange(1, 200)
    match rng.randrange(6):
        case 0:
            return data[:at]
        case 1 | 2:
            for _ in range(rng.choice((1, 1, 2, 8, 40))):
                found[rng.randrange(size)] = rng.randrange(256)
        case 3:
            del found[at:at + count]
        case 4:
            found[at:at] = found[at:at + count] * rng.choice((1, 1, 50))
        case _:
            begin = rng.randrange(len(other))
            found[at:at + rng.choice((0, count))] = other[begin:begin + count]
    return bytes(found)


def tree_damaged(tree: Any, rng: random.Random) -> Any:
    """A copy of dictionaries and lists with one to three changes somewhere in it."""
    tree = deepcopy(tree)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        places = list(_places(tree))
        kinds = rng.choice((int | float, int | float | str))
        leaves = [(t, k) for t, k in places if isinstance(t[k], kinds)]
        if places:
            _change(*rng.choice(leaves if leaves and rng.random() < .7 else places), rng, places)
    return tree


def _places(tree: Any) -> Any:
    """Every container with a key of it."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree))
    for key in keys:
        yield tree, key
        if isinstance(tree[key], dict | list):
            yield from _places(tree[key])


def _change(inside: Any, key: Any, rng: random.Random, places: list[Any]) -> None:
    value = inside[key]
    if rng.random() < .4 and not isinstance(value, dict | list):
        inside[key] = _other(value, rng)
        return
    match rng.randrange(9):
        case 0 | 1 | 2:
            inside[key] = rng.choice(NUMBERS)
        case 3:
            inside[key] = rng.choice(WORDS)
        case 4:
            del inside[key]
        case 5:
            other, where = rng.choice(places)
            if where in other if isinstance(other, dict) else where < len(other):
                inside[key] = deepcopy(other[where])
        case 6 if isinstance(inside, list):
            inside[key:key] = [deepcopy(value)] * rng.choice((1, 1, 100))
        case 6:
            inside[rng.choice(WORDS)] = deepcopy(value)
        case 7:
            inside[key] = rng.choice(([value], {"a": value}, str(value), True, [], {}))
        case _:
            for _ in range(rng.choice((3, 30, 70, 300))):
                value = rng.choice(([value], {"a": value}))
            inside[key] = value


def _other(value: Any, rng: random.Random) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return rng.choice((value[::-1], value + value[-1:], value.upper(), "1/3", "1e-30", "input"))
    if isinstance(value, int):
        return rng.choice((value + 1, value - 1, 2 * value, -value, 0, 1, 16, 1 << 20))
    return rng.choice((value / 3, -value, 1e30 * value, 1e-30 * value, 0.)) if value else 1.
