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
    from .lists import list_boards, list_models, list_schemes, list_targets, scheme
    from .reading import Inspection, inspect, load
    from .simulation import ENGINES, Engine, Simulation, simulate

__all__ = ["ENGINES", "Engine", "Goal", "Inference", "Inspection", "Simulation", "build",
           "error_report", "estimate", "flash", "inspect", "list_boards", "list_models",
           "list_schemes", "list_targets", "load", "quantize", "read_folds", "read_input", "run",
           "scheme", "simulate", "synth"]

__getattr__, __dir__ = lazily(__name__, {
    "read_folds": ".fold.files", "Goal": ".fold.goal", "read_input": ".loaders.samples",
    "quantize": ".quantization.quantize",
    **dict.fromkeys(("Inference", "flash", "run"), "boards"),
    **dict.fromkeys(("error_report", "estimate", "synth"), "costs"),
    "build": "hardware",
    **dict.fromkeys(("list_boards", "list_models", "list_schemes", "list_targets", "scheme"),
                    "lists"),
    **dict.fromkeys(("Inspection", "inspect", "load"), "reading"),
    **dict.fromkeys(("ENGINES", "Engine", "Simulation", "simulate"), "simulation")})
