"""Gradients in few bits, for training distributed over machines; see docs/guides/gradients.md.

Gradients are integers in fixed point. Every codec takes its random numbers as an argument, so that
hardware and numpy can use the same ones.
"""

from dataclasses import dataclass

from .onebit import OneBit
from .rounding import stochastic_round
from .stochastic import Stochastic, qsgd, terngrad

__all__ = ["Codec", "OneBit", "Stochastic", "codecs", "qsgd", "stochastic_round", "terngrad"]


@dataclass(frozen=True)
class Codec:
    """A codec of gradients: the object that encodes and decodes them, and where it is from."""

    make: str
    """How an object of this package is made."""
    about: str
    citation: str
    """Authors, title, year, arXiv number."""


codecs: dict[str, Codec] = {
    "terngrad": Codec("terngrad()", "0, plus or minus the largest magnitude, without bias",
                      "Wen et al., TernGrad, 2017, arXiv 1705.07878"),
    "qsgd": Codec("qsgd(log_levels=2)", "levels of the largest magnitude, without bias",
                  "Alistarh et al., QSGD, 2017, arXiv 1610.02132"),
    "onebit": Codec("OneBit(length=8)", "signs; the error is added to the next gradient",
                    "Seide et al., 1-Bit Stochastic Gradient Descent, Interspeech 2014"),
    "stochastic": Codec("stochastic_round", "multiples of a step, without bias",
                        "Li et al., Training Quantized Nets, 2017, arXiv 1706.02379")}
"""Every codec, by name."""
