"""Quantized neural networks to exact, measured hardware with open tools only.

The verbs: ``load`` a network, ``build`` its Verilog, ``simulate`` it, ``estimate`` and ``synth``
its cost, and ``quantize`` one with float weights.
"""

__version__ = "0.1.0"

from .flow.verbs import build, estimate, quantize, simulate, synth
from .load import load

__all__ = ["build", "estimate", "load", "quantize", "simulate", "synth"]
