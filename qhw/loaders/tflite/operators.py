"""Declarations of the supported operators: the number of inputs, and the handler."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .advice import advice
from .values import Flow, Given, TFLiteNode, TFLiteTensor, Unsupported, Variable

__all__ = ["HANDLERS", "Operator", "handles", "understood"]

Handler = Callable[[Any, TFLiteNode], Flow | Given | TFLiteTensor | Variable | Sequence[Flow]]
"""Its first argument is the ``Reader``."""


@dataclass(frozen=True)
class Operator:
    """Declaration of the operators that a handler supports."""

    handler: Handler
    inputs: tuple[int, int]
    """The fewest and the most."""


HANDLERS: dict[str, Operator] = {}
"""By operator."""


def handles(*ops: str, inputs: tuple[int, int] = (1, 1)) -> Callable[[Handler], Handler]:
    """Registers the handler of operators.

    Parameters
    ----------
    ops : names of the operators
    inputs : fewest and most inputs
    """
    def register(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(ops, Operator(handler, inputs)))
        return handler
    return register


def understood(node: TFLiteNode) -> Handler:
    """Finds the handler of an operator; Unsupported if the operator or its inputs are not
    supported."""
    if node.op not in HANDLERS:
        raise Unsupported(f"operator {node.op} is not supported", advice(node.op))
    if node.fault:
        raise Unsupported(node.fault)
    fewest, most = HANDLERS[node.op].inputs
    if not fewest <= len(node.inputs) <= most:
        takes = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        raise Unsupported(f"it has {len(node.inputs)} inputs, and {node.op} takes {takes}")
    return HANDLERS[node.op].handler
