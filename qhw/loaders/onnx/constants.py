"""Computes ONNX nodes with constant inputs by ONNX's reference implementation, within a budget.

An operator whose work is proportional to the elements that it reads and writes is computed in this
process, once the number of these elements is known. All others (loops, products, regular
expressions) are computed by a separate process, ``child``, with limits of memory and of processor
time."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, prod
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from ... import limits
from ...tools.processes import adopt
from . import child as onnx_child
from .values import Unsupported

__all__ = ["Constants"]

Arrays = Sequence[np.ndarray]
HELP = "compute it before (onnxsim, or ONNX Runtime's basic optimizations)"
RANDOM = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform",
          "RandomUniformLike"}


def _joint(arrays: Arrays) -> int:
    return prod(np.broadcast_shapes(*(a.shape for a in arrays)))


def _sum(arrays: Arrays) -> int:
    return sum(a.size for a in arrays)


def _gathered(arrays: Arrays) -> int:
    return arrays[0].size * max(arrays[1].size, 1)


def _filled(arrays: Arrays) -> int:
    return prod(int(n) for n in arrays[0].ravel())


def _expanded(arrays: Arrays) -> int:
    return prod(np.broadcast_shapes(arrays[0].shape, tuple(int(n) for n in arrays[1].ravel())))


def _tiled(arrays: Arrays) -> int:
    return arrays[0].size * prod(int(n) for n in arrays[1].ravel())


def _counted(arrays: Arrays) -> int:
    start, stop, step = (float(a.item()) for a in arrays)
    return max(ceil((stop - start) / step), 0)


MADE: dict[str, Callable[[Arrays], int]] = {
    **dict.fromkeys(("Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "And", "Or", "Xor", "Equal",
                     "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Where", "Mod"), _joint),
    **dict.fromkeys(("Abs", "Ceil", "Concat", "Exp", "Flatten", "Floor", "Identity", "Log", "Neg",
                     "Not", "Reciprocal", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
                     "ReduceSum", "Relu", "Reshape", "Round", "Shape", "Sigmoid", "Sign", "Size",
                     "Slice", "Sqrt", "Squeeze", "Tanh", "Transpose", "Unsqueeze"), _sum),
    "Cast": _sum, "Clip": _sum, "Gather": _gathered, "ConstantOfShape": _filled,
    "Expand": _expanded, "Tile": _tiled, "Range": _counted}
"""Most elements that an operator reads and writes, for operators without other work."""


@dataclass(eq=False)
class Constants:
    """Computes a file's constants; a context that ends its child process."""

    elements: int = 0
    """Made so far."""
    child: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    spent: bool = False
    """Whether the child has used up what time it has."""

    def __enter__(self) -> "Constants":
        return self

    def __exit__(self, *_: object) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.communicate()
            self.child = None

    def made(self, node: Any, arrays: Arrays, opset: int) -> list[np.ndarray]:
        """Computes the outputs of a node with constant inputs.

        Unsupported if it cannot be computed, or not within the limits.

        Parameters
        ----------
        node : an ``OnnxNode``
        arrays : its inputs by name
        opset : version number of ONNX's operators
        """
        if node.domain not in ("", "ai.onnx"):
            raise Unsupported(f"its inputs are constants, and operator {node.op} of domain "
                              f"{node.domain} cannot be computed", HELP)
        if node.op in RANDOM:
            raise Unsupported("its numbers are random", "make it a constant")
        model = _model(node, arrays, opset)
        if self._cheap(node, arrays):
            try:
                with np.errstate(all="ignore"):
                    found = onnx_child.run(model)
            except Exception as e:      # whatever an operator finds wrong with its inputs
                raise Unsupported(f"it cannot be computed: {_line(str(e))}") from None
        else:
            found = self._apart(model)
        self.elements += sum(a.size for a in found)
        if self.elements > limits.ELEMENTS:
            raise Unsupported(f"the constants that are computed have more than {limits.ELEMENTS} "
                              f"elements together", HELP)
        return found

    def _cheap(self, node: Any, arrays: Arrays) -> bool:
        """Whether the elements are all its work; Unsupported if they are too many."""
        words = node.op == "Cast" and node("to") == TensorProto.STRING or any(
            a.dtype.kind not in "fiubV" for a in arrays)
        if node.op not in MADE or words:
            return False
        try:
            count = MADE[node.op](arrays)
        except (ArithmeticError, IndexError, TypeError, ValueError) as e:
            raise Unsupported(f"it cannot be computed: {_line(str(e))}") from None
        if count > limits.FOLD_ELEMENTS:
            raise Unsupported(f"it makes {count:.3g} elements of constants, more than "
                              f"{limits.FOLD_ELEMENTS}")
        return True

    def _apart(self, model: onnx.ModelProto) -> list[np.ndarray]:
        """The model's outputs, computed by the child."""
        over = Unsupported(f"its constants take more than {limits.FOLD_SECONDS} s or "
                           f"{limits.FOLD_BYTES >> 20} MB to compute", HELP)
        if self.spent:
            raise over
        child = self.child = self.child or _started()
        assert child.stdin
        assert child.stdout
        timer = Timer(limits.FOLD_WAIT, child.kill)
        timer.start()
        try:
            onnx_child.send(child.stdin, model.SerializeToString())
            status, *rest = onnx_child.receive(child.stdout)
        except (OSError, EOFError, ValueError):
            self.spent = True
            self.__exit__()
            raise over from None
        finally:
            timer.cancel()
        if status == onnx_child.FAILED:
            raise Unsupported(f"it cannot be computed: {_line(rest[0].decode(errors='replace'))}")
        return [numpy_helper.to_array(TensorProto.FromString(text)) for text in rest]


def _started() -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-I", str(Path(onnx_child.__file__)), str(limits.FOLD_SECONDS),
             str(limits.FOLD_BYTES), str(limits.FOLD_ELEMENTS)]
    return adopt(subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, process_group=0,
                                  env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}))


def _model(node: Any, arrays: Arrays, opset: int) -> onnx.ModelProto:
    """A model of the node alone, its inputs among it."""
    try:
        proto = onnx.helper.make_node(node.op, list(node.inputs), list(node.outputs))
        for key, value in node.attributes.items():
            value = numpy_helper.from_array(value) if isinstance(value, np.ndarray) else value  # pyright: ignore[reportUnknownArgumentType]
            proto.attribute.append(onnx.helper.make_attribute(key, value))
        names: Sequence[str] = node.inputs
        inputs = dict(zip(filter(None, names), arrays, strict=True))
        graph = onnx.helper.make_graph(
            [proto], "constant", [], [onnx.helper.make_empty_tensor_value_info(o)
                                      for o in node.outputs if o],
            initializer=[numpy_helper.from_array(a, n) for n, a in inputs.items()])
        return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)])
    except Exception as e:      # attributes of no type
        raise Unsupported(f"it cannot be computed: {_line(str(e))}") from None


def _line(text: str) -> str:
    return " ".join(text.split())[:120]
