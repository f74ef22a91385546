"""Verbs on a network, the same for Python and for the command line."""

from typing import TYPE_CHECKING

from ..tools.lazy import lazily

if TYPE_CHECKING:
    from ..fold.files import read_folds
    from ..fold.goal import Goal
    from ..loaders.samples import read_input
    from ..quantization.quantize import quantize
    from .boards import Inference, flash, run
    from .costs import error_report, estimate, synth
    from .hardware import build
    from .networks import buildable
    from .simulation import ENGINES, Engine, Simulation, simulate

__all__ = ["ENGINES", "Engine", "Goal", "Inference", "Simulation", "build", "buildable",
           "error_report", "estimate", "flash", "quantize", "read_folds", "read_input", "run",
           "simulate", "synth"]

__getattr__, __dir__ = lazily(__name__, {
    "read_folds": ".fold.files", "Goal": ".fold.goal", "read_input": ".loaders.samples",
    "quantize": ".quantization.quantize",
    **dict.fromkeys(("Inference", "flash", "run"), "boards"),
    **dict.fromkeys(("error_report", "estimate", "synth"), "costs"),
    "build": "hardware", "buildable": "networks",
    **dict.fromkeys(("ENGINES", "Engine", "Simulation", "simulate"), "simulation")})
