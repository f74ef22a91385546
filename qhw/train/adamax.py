"""AdaMax by shifts: learning rate and second moment are powers of two.

Courbariaux et al., "Binarized Neural Networks", 2016 (arXiv 1602.02830), algorithm 4.
"""

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["ShiftAdaMax", "ap2"]

LEAST = 2.0**-27
"""Added to the second moment after its rounding, against division by 0."""


def ap2(z: Tensor) -> Tensor:
    """Rounds ``z``, of any shape, to the approximate power of two: sign(z) * 2**round(log2 |z|); 0
    stays 0."""
    mantissa, exponent = torch.frexp(z.abs())
    power = torch.ldexp(torch.ones_like(z), exponent - 1 + (mantissa > 0.5**0.5).int())
    return torch.where(z == 0, torch.zeros_like(z), z.sign() * power)


class ShiftAdaMax(torch.optim.Optimizer):
    """The optimizer m = b1 m + (1 - b1) g; v = max(b2 v, |g|), then AP2(v) + 2**-27; w -= AP2(lr /
    (1 - b1**t)) m / v."""

    def __init__(self, parameters, lr: float = 2.0**-10, betas: tuple[float, float] = (
            1 - 2.0**-3, 1 - 2.0**-10)):
        super().__init__(parameters, {"lr": lr, "betas": betas})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Updates all parameters; returns the loss of ``closure``, if there is one."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, group["lr"], *group["betas"])
        return loss

    def _update(self, w: Tensor, lr: float, b1: float, b2: float) -> None:
        state = self.state[w]
        if not state:
            state |= {"t": 0, "m": torch.zeros_like(w), "v": torch.zeros_like(w)}
        state["t"] += 1
        state["m"] = b1 * state["m"] + (1 - b1) * w.grad
        state["v"] = ap2(torch.maximum(b2 * state["v"], w.grad.abs())) + LEAST
        w -= ap2(torch.tensor(lr / (1 - b1 ** state["t"]))) * state["m"] / state["v"]
