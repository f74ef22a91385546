"""Quantized neural networks to exact, measured hardware with open tools only.

The verbs: ``load`` a network, ``build`` its Verilog, ``simulate`` it, ``estimate`` and ``synth``
its cost, ``flash`` a board and ``run`` on it, ``quantize`` one with float weights, ``mix``
schemes for a budget, ``compare`` schemes on it, and ``explore`` schemes, chips and folds.
"""

from typing import TYPE_CHECKING

from .tools.lazy import lazily
from .version import __version__

if TYPE_CHECKING:
    from .exploration.compare import compare
    from .exploration.explore import explore
    from .exploration.mixed import mix
    from .loaders import load
    from .verbs import build, estimate, flash, quantize, run, simulate, synth

__all__ = ["__version__", "build", "compare", "estimate", "explore", "flash", "load", "mix",
           "quantize", "run", "simulate", "synth"]

__getattr__, __dir__ = lazily(__name__, {
    "compare": "exploration.compare", "explore": "exploration.explore", "load": "loaders",
    "mix": "exploration.mixed",
    **dict.fromkeys(("build", "estimate", "flash", "quantize", "run", "simulate", "synth"),
                    "verbs")})
