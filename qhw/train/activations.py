"""Activations that are quantized in the forward pass.

In evaluation they compute in the type of their input: float64 decides as integers do."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..graph import Tensor as Format
from ..layers.quantize import Quantizer
from ..layers.spec import Spec
from ..tools.typed import JsonObject
from .calibration import levels, step
from .exact import INPUT_BITS, short, straight_through

__all__ = ["Activation", "Input", "Levels", "Sign", "Uniform", "channels_last"]


class Activation(nn.Module):
    """A quantizer of activations; ``tables`` describe it."""

    relu = False
    """Whether an activation that it stands for stays in front of it: it has negative codes, and its
    own steps are no such function."""

    def tables(self) -> list[JsonObject]:
        """Returns the tables of ``model.toml``, without names, in order."""
        raise NotImplementedError

    def quantizer(self) -> Quantizer:
        """Makes the described quantizer of the first table."""
        table, *_ = self.tables()
        made: Any = Spec.types[str(table["type"])](name="x", **table)   # pyright: ignore
        return made.op(None)

    def calibrate(self, x: Tensor) -> None:
        """Chooses the first scale for samples ``x`` of any shape; nothing where there is none."""

    def codes(self, y: np.ndarray) -> np.ndarray:
        """Returns the codes of real outputs ``y``, of any shape; ValueError if one is no level."""
        codes, reals = _levels(self.quantizer())
        place = np.searchsorted(reals, y).clip(0, len(reals) - 1)
        if not np.array_equal(reals[place], y):
            raise ValueError("An output is no level of the activation")
        return codes[place]


def _levels(quantizer: Quantizer) -> tuple[np.ndarray, np.ndarray]:
    """The codes of a quantizer in the order of their reals, and these, float64."""
    made: Format = quantizer.format
    codes = quantizer.table
    if codes is None:
        codes = np.arange(made.integer.lo, made.integer.hi + 1)
    return codes, made.real(codes)


class Sign(Activation):
    """-1 below zero, otherwise +1; the gradient passes where the input is in -1..1.

    Hubara et al., "Binarized Neural Networks", 2016 (arXiv 1602.02830), eq. 4; ``stochastic`` draws
    +1 with the probability clip((x + 1) / 2, 0, 1) in training (eq. 2)."""

    def __init__(self, *, stochastic: bool = False):
        super().__init__()
        self.stochastic = stochastic

    def forward(self, x: Tensor) -> Tensor:
        """Computes the signs of ``x``, of any shape."""
        moved = x + 2 * torch.rand_like(x) - 1 if self.stochastic and self.training else x
        signs = torch.where(moved >= 0, 1.0, -1.0).to(x.dtype)
        return straight_through(signs, x.clamp(-1, 1))

    def tables(self) -> list[JsonObject]:
        return [{"type": "sign"}]


class Uniform(Activation):
    """Even steps of a learned scale, 0 .. 2**``bits`` - 1, or of both signs; ties round to even.

    The scale has 8 bits. Its gradient is that of Esser et al., "Learned Step Size Quantization",
    2019 (arXiv 1902.08153), eq. 3."""

    def __init__(self, bits: int, scale: float | None = None, *, signed: bool = False):
        super().__init__()
        if not 1 + signed <= bits <= 8:
            raise ValueError(f"There must be {1 + signed} to 8 bits, not {bits!r}")
        self.bits, self.signed, self.relu = bits, signed, signed
        self.low = -2**(bits - 1) if signed else 0
        self.top = self.low + 2**bits - 1
        self.scale = nn.Parameter(torch.tensor(2.0 / self.top if scale is None else scale))

    def step(self) -> Tensor:
        """Returns the scale in use, positive."""
        return short(self.scale.abs())

    def forward(self, x: Tensor) -> Tensor:
        """Rounds ``x``, of any shape, to steps of the scale, clamped to the codes."""
        scale = self.step().to(x.dtype)
        steps = (x / scale).clamp(self.low, self.top)
        return scale * straight_through(steps.round(), steps)

    @torch.no_grad()
    def calibrate(self, x: Tensor) -> None:
        """Chooses the scale of the least squared error."""
        self.scale.copy_(step(x, self.low, self.top))

    def tables(self) -> list[JsonObject]:
        signed: JsonObject = {"signed": True} if self.signed else {}
        return [{"type": "quantize", "bits": self.bits, **signed,
                 "scale": float(self.step().item())}]


class Levels(Activation):
    """A quantizer that is described by its table, without a learned scale: hwgq, log, minifloat,
    ternary, or residual planes of constant scales.

    The gradient passes between the lowest level and the highest.

    Parameters
    ----------
    type : the word in ``model.toml``
    numbers : the other keys there; numbers of few bits are exact"""

    def __init__(self, type: str, **numbers: Any):
        super().__init__()
        self.table: JsonObject = {"type": type, **numbers}
        self._made()
        self.relu = bool(self.reals[0] < 0 and numbers.keys() & {"full_scale", "mantissa"})

    def _made(self) -> None:
        quantizer = self.quantizer()
        cuts = list(quantizer.cuts(0))
        edges = [float(c.p) + sum(float(q) * float(r)**0.5 for q, r in c.roots) for c in cuts]
        self.above, self.reached = (
            torch.tensor([e for e, c in zip(edges, cuts, strict=True) if c.strict == strict],
                         dtype=torch.float64) for strict in (True, False))
        self.reals = torch.from_numpy(_levels(quantizer)[1])

    def choose(self, **numbers: Any) -> None:
        """Changes keys of the table."""
        self.table |= numbers
        self._made()

    def forward(self, x: Tensor) -> Tensor:
        """Rounds ``x``, of any shape, to the levels."""
        given = x.detach().contiguous()
        above, reached, reals = (t.to(x) for t in (self.above, self.reached, self.reals))
        place = torch.bucketize(given, above) + torch.bucketize(given, reached, right=True)
        return straight_through(reals[place], x.clamp(float(reals[0]), float(reals[-1])))

    @torch.no_grad()
    def calibrate(self, x: Tensor) -> None:
        """Chooses the levels of the least squared error, where the table leaves a choice."""
        self.choose(**levels(self.table, x, lambda table, x: Levels(**table)(x)))

    def tables(self) -> list[JsonObject]:
        return [dict(self.table)]

    def get_extra_state(self) -> JsonObject:
        return self.table

    def set_extra_state(self, state: JsonObject) -> None:
        self.choose(**state)


class Input(nn.Module):
    """The network's input: samples become codes; in evaluation all behind computes in float64.

    Integer samples are codes already.

    Parameters
    ----------
    shape : the shape of a sample in PyTorch
    lo, hi : the interval of the codes
    scale : what a step is worth, rounded to 12 bits
    zero : the code of 0"""

    def __init__(self, shape: tuple[int, ...], lo: int = 0, hi: int = 255, scale: float = 1.0,
                 zero: int = 0):
        super().__init__()
        self.shape, self.lo, self.hi, self.zero = tuple(shape), lo, hi, zero
        self.scale = float(short(torch.tensor(scale, dtype=torch.float64), INPUT_BITS))

    def codes(self, x: Tensor) -> Tensor:
        """Computes the codes of samples ``x`` (N, *shape), float64."""
        if not x.is_floating_point():
            return x.double()
        return (x.double() / self.scale + self.zero).round().clamp(self.lo, self.hi)

    def forward(self, x: Tensor) -> Tensor:
        """Computes the real numbers that the codes of ``x`` (N, *shape) stand for."""
        real = self.scale * (self.codes(x) - self.zero)
        return real.to(torch.get_default_dtype()) if self.training else real

    def get_extra_state(self) -> JsonObject:
        return {"lo": self.lo, "hi": self.hi, "scale": self.scale, "zero": self.zero}

    def set_extra_state(self, state: JsonObject) -> None:
        vars(self).update(state)

    def table(self) -> JsonObject:
        """Returns the table ``[input]`` of ``model.toml``."""
        return {"shape": [int(n) for n in channels_last(self.shape)], "range": [self.lo, self.hi],
                "scale": self.scale, **({"zero_point": self.zero} if self.zero else {})}


def channels_last(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Converts the shape of a sample to that of a description: an image of one dimension has one
    row."""
    if len(shape) == 2:
        return (1, shape[1], shape[0])
    return (*shape[1:], shape[0])
