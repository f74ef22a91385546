"""Gradients in few bits, for training that is spread over machines; see docs/gradients.md.

Gradients are integers of a fixed point. Every codec takes the random numbers it uses as an
argument, so that hardware and numpy can be given the same.
"""

from .onebit import OneBit
from .rounding import stochastic_round
from .stochastic import Stochastic, qsgd, terngrad

__all__ = ["OneBit", "Stochastic", "qsgd", "stochastic_round", "terngrad"]
