"""Gradients in few bits, for training distributed over machines; see docs/gradients.md.

Gradients are integers in fixed point. Every codec takes its random numbers as an argument, so that
hardware and numpy can use the same ones.
"""

from .onebit import OneBit
from .rounding import stochastic_round
from .stochastic import Stochastic, qsgd, terngrad

__all__ = ["OneBit", "Stochastic", "qsgd", "stochastic_round", "terngrad"]
