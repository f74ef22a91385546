"""Quantized neural networks to exact, measured hardware with open tools only.

The verbs: ``load`` a network, ``inspect`` it, ``build`` its Verilog, ``simulate`` it, ``estimate``
and ``synth`` its cost, ``flash`` a board and ``run`` on it, ``quantize`` one with float weights,
``mix`` schemes for a budget, ``compare`` schemes on it, and ``explore`` schemes, chips and folds.
``scheme`` makes a weight format; ``list_schemes``, ``list_targets``, ``list_boards`` and
``list_models`` list the choices.
A verb raises ``QhwError``, or its subclass ``ModelError`` or ``ToolError``, with one line.

>>> qhw.estimate("digits-binary", "ice40up5k", folds={"fc1": (4, 8)}).cycles
256
"""

from typing import TYPE_CHECKING

from .errors import ModelError, QhwError, ToolError
from .tools.lazy import lazily
from .version import __version__

if TYPE_CHECKING:
    from .exploration.compare import compare
    from .exploration.explore import explore
    from .exploration.mixed import mix
    from .fold.record import Goal, Reached
    from .graph import Fold, Graph, Lanes, PeSimd, Spatial
    from .quantization.record import Quantized
    from .report.record import LayerRecord, Record
    from .report.rows import Comparison, Exploration, Row
    from .schemes import Codes, Scheme
    from .targets import Target
    from .targets.boards import Board
    from .targets.cost import Cost
    from .verbs import (
        Inference,
        Inspection,
        Simulation,
        build,
        estimate,
        flash,
        inspect,
        list_boards,
        list_models,
        list_schemes,
        list_targets,
        load,
        quantize,
        read_folds,
        read_input,
        run,
        scheme,
        simulate,
        synth,
    )

__all__ = ["Board", "Codes", "Comparison", "Cost", "Exploration", "Fold", "Goal", "Graph",
           "Inference", "Inspection", "Lanes", "LayerRecord", "ModelError", "PeSimd", "QhwError",
           "Quantized", "Reached", "Record", "Row", "Scheme", "Simulation", "Spatial", "Target",
           "ToolError", "__version__", "build", "compare", "estimate", "explore", "flash",
           "inspect", "list_boards", "list_models", "list_schemes", "list_targets", "load", "mix",
           "quantize", "read_folds", "read_input", "run", "scheme", "simulate", "synth"]

__getattr__, __dir__ = lazily(__name__, {
    "compare": "exploration.compare", "explore": "exploration.explore", "mix": "exploration.mixed",
    **dict.fromkeys(("Goal", "Reached"), "fold.record"),
    **dict.fromkeys(("Fold", "Graph", "Lanes", "PeSimd", "Spatial"), "graph"),
    "Quantized": "quantization.record",
    **dict.fromkeys(("LayerRecord", "Record"), "report.record"),
    **dict.fromkeys(("Comparison", "Exploration", "Row"), "report.rows"),
    **dict.fromkeys(("Codes", "Scheme"), "schemes"), "Target": "targets",
    "Board": "targets.boards", "Cost": "targets.cost",
    **dict.fromkeys((
        "Inference", "Inspection", "Simulation", "build", "estimate", "flash", "inspect",
        "list_boards", "list_models", "list_schemes", "list_targets", "load", "quantize",
        "read_folds", "read_input", "run", "scheme", "simulate", "synth"), "verbs")})
