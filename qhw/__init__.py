"""Quantized neural networks to exact, measured hardware with open tools only.

The verbs: ``load`` a network, ``build`` its Verilog, ``simulate`` it, ``estimate`` and ``synth``
its cost.
"""

__version__ = "0.1.0"

from .flow.verbs import build, estimate, simulate, synth
from .load import load

__all__ = ["build", "estimate", "load", "simulate", "synth"]
