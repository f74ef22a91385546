"""Activations by their words: ``u4``, ``s8``, ``sign``, ``hwgq:bits=2`` and others."""

import re
from collections.abc import Callable

from .activations import Activation, Levels, Sign, Uniform
from .runtime import BlockFloat, Residual

__all__ = ["activation"]

STEPS = re.compile(r"([us])([1-8])")
KINDS: dict[str, tuple[Callable[..., Activation], dict[str, int]]] = {
    "sign": (Sign, {}),
    "ternary": (lambda: Levels("ternary", high=0.5, low=-0.5), {}),
    "hwgq": (lambda bits: Levels("hwgq", bits=bits, step=0.53125), {"bits": 2}),
    "log": (lambda bits, signed: Levels("log", bits=bits, full_scale=0, signed=bool(signed)),
            {"bits": 3, "signed": 0}),
    "minifloat": (lambda exponent, mantissa: Levels("minifloat", exponent=exponent,
                                                    mantissa=mantissa),
                  {"exponent": 4, "mantissa": 3}),
    "residual": (lambda planes: Levels("residual", scales=[2.0**-k for k in range(planes)]),
                 {"planes": 2}),
    "dynamic_residual": (Residual, {"planes": 1}),
    "block_float": (BlockFloat, {"bits": 8})}
"""Makers by name, and the numbers that they take with their defaults."""


def activation(text: str) -> Activation:
    """Makes the activation of a word; ValueError in one line if there is none.

    ``u4`` and ``s4`` have even steps; the others are the layers of a description. Planes of
    ``residual`` have constant scales, planes of ``dynamic_residual`` a scale of each sample."""
    if even := STEPS.fullmatch(text):
        return Uniform(int(even[2]), signed=even[1] == "s")
    name, _, rest = text.partition(":")
    if name not in KINDS:
        raise ValueError(f"Activation {text!r}: it should be u1 to u8, s2 to s8, or one of "
                         f"{', '.join(KINDS)}")
    maker, numbers = KINDS[name]
    given = dict(numbers)
    for part in filter(None, rest.split(",")):
        key, _, value = part.partition("=")
        if key not in numbers or not re.fullmatch(r"\d+", value):
            raise ValueError(f"Activation {text!r}: {part!r} should be one of "
                             f"{', '.join(f'{k}={v}' for k, v in numbers.items()) or 'none'}")
        given[key] = int(value)
    try:
        return maker(**given)
    except ValueError as e:
        raise ValueError(f"Activation {text!r}: {_line(e)}") from None


def _line(error: ValueError) -> str:
    """The line of a message that names the fault; pydantic's have several."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line for line in lines if "should" in line or "must" in line), lines[0])
