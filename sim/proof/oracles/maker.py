"""A network that grows operator by operator, with the values that its samples have at each tensor.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from . import codes, moves  # noqa: F401  (what their operators mean)
from .meaning import Meaning

__all__ = ["DOMAIN", "MICROSOFT", "Impossible", "Made", "Maker", "given_type"]

DOMAIN, MICROSOFT = "qonnx.custom_op.general", "com.microsoft"
SAMPLES = 4

ODD_NAMES = (
    "module", "endmodule", "table", "small", "reg", "always", "wire", "input", "output", "signed",
    "conv", "conv_window", "out_buffer", "clk", "rst", "top", "qhw_ram", "a__", "__a", "a__b",
    "largeur/été", "层", "λ.1", "x;y", "StatefulPartitionedCall/model/dense;a/b", "[/red]", "[0]",
    "a b", "1", "9lives", "-", "a-b", "a_b", "a.b", "a" * 130, "conv/" * 30, "''", "%s", "{x}",
    "int", "class", "template", "std", "main", "namespace", "<b>&amp;", "..", "~", "CON", "x_flat")


class Impossible(Exception):
    """What was drawn does not fit; something else is drawn."""


@dataclass(frozen=True)
class Made:
    """A file and samples for it."""

    seed: int
    model: onnx.ModelProto
    x: np.ndarray
    """(samples, *shape) as the network's input takes them."""
    form: str
    """What the file is: qonnx, qdq, operators or whole."""
    input_format: str | None = None
    one: bool = False
    """The file works on one sample at a time only."""



class Maker:
    """Draws a file; ``exact`` ones have powers of two where float32 would otherwise round."""

    def __init__(self, seed: int, opset: int = 13):
        self.seed, self.random = seed, random.Random(seed)
        self.numbers = np.random.default_rng(seed)
        self.exact = self.random.random() < .6
        self.odd_names = self.random.random() < .3
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.names: set[str] = set()
        self.opset = opset
        self.one, self.constant_nodes = False, False
        self.format: str | None = None
        self.meaning = Meaning(SAMPLES, opset=opset)
        self.scales: dict[str, np.float32] = {}
        """Of tensors that a quantizer made."""
        self.bits = (8, 1)
        """Of the last quantizer, and whether it is signed."""

    def pick(self, *options):
        return self.random.choice(options)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def name(self) -> str:
        name = self.pick(*ODD_NAMES) if self.odd_names else f"t{len(self.names)}"
        while name in self.names:
            name += self.pick("_", "1", "/", "_1") if self.odd_names else "x"
        self.names.add(name)
        return name

    def value(self, tensor: str) -> np.ndarray:
        """What the samples have there, (samples, *shape)."""
        return self.meaning.values[tensor]

    def shape(self, tensor: str) -> tuple[int, ...]:
        """Without the batch."""
        return self.value(tensor).shape[1:]

    def constant(self, array: Any, dtype: str = "float32") -> str:
        name, array = self.name(), np.asarray(array)
        if dtype in ("int4", "uint4"):
            tensor = helper.make_tensor(name, given_type(dtype), array.shape,
                                        array.ravel().astype(int).tolist())
        else:
            tensor = numpy_helper.from_array(array.astype(dtype), name)
        if self.constant_nodes and self.chance(.2):
            self.nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        else:
            self.constants.append(tensor)
        self.meaning.give(name, array.astype(dtype) if "int4" not in dtype else array,
                          constant=True)
        self.meaning.types[name] = dtype
        return name

    def node(self, op: str, *inputs: str, domain: str = "", outputs: int = 1, **attributes):
        """The tensor that a new node makes, or all of them if ``outputs`` is not 1."""
        made = [self.name() for _ in range(outputs)]
        node = helper.make_node(op, list(inputs), made, domain=domain, **attributes)
        if not self.chance(.1):
            node.name = self.name() if self.odd_names else f"n{len(self.nodes)}"
        with np.errstate(all="ignore"):
            try:
                self.meaning.run(node)
            except (ValueError, IndexError) as e:
                raise Impossible(str(e)) from None
        for name in made:
            found = np.asarray(self.value(name), np.float64)
            if not np.isfinite(found).all() or not found.size or abs(found).max() > 1e30:
                raise Impossible("its values leave the numbers")
        self.nodes.append(node)
        return made[0] if outputs == 1 else made

    def attempt(self, draw: Callable[[], Any]) -> Any:
        """What ``draw`` draws, or None, without a trace, if that is impossible."""
        nodes, constants = len(self.nodes), len(self.constants)
        try:
            return draw()
        except Impossible:
            del self.nodes[nodes:], self.constants[constants:]
            return None

    # -- numbers

    def near(self, number: float) -> np.float32:
        """A positive number of this size, a power of two in an exact file."""
        if not 1e-37 < number < 1e37:
            raise Impossible("a number beyond float32")
        power = 2.0 ** round(float(np.log2(number)))
        return np.float32(power if self.exact else number * self.random.uniform(.7, 1.4))

    def fit(self, tensor: str, steps: int) -> np.float32:
        """A scale with which the tensor takes about so many steps."""
        most = float(abs(self.value(tensor)).max(initial=0)) or 1.0
        return self.near(max(most / max(steps, 1), 1e-30) * self.pick(.25, .5, 1, 1, 1, 2))

    def reals(self, size: Any, most: float = 2.0) -> np.ndarray:
        """Parameters; quarters in an exact file."""
        found = self.numbers.uniform(-most, most, size)
        return np.rint(found * 4) / 4 if self.exact else found

    def integers(self, lo: int, hi: int, size: Any) -> np.ndarray:
        """Codes from ``lo`` to ``hi``, with many zeros at times."""
        found = self.numbers.integers(lo, hi + 1, size)
        if self.chance(.2):
            found = np.where(self.numbers.random(size) < .6, np.clip(0, lo, hi), found)
        return found

    # -- the file

    def begin(self, shape: tuple[int, ...], dtype: str = "float32") -> str:
        """The input, whose samples are ties, ends and whatever else."""
        self.input, self.input_type = self.name(), dtype
        size = (SAMPLES, *shape)
        if dtype != "float32":
            lo, hi = np.iinfo(dtype).min, np.iinfo(dtype).max
            x = self.numbers.integers(lo, hi + 1, size)
            x[0] = self.pick(lo, hi, 0)
        else:
            unit = self.near(self.pick(.5, .5, 1, 1 / 16, 2**-20, 300) if self.chance(.9) else
                             self.pick(2.0**-60, 2.0**60))
            x = self.numbers.integers(-40, 41, size) / 2 * unit
            x[1] = self.numbers.normal(size=shape) * 8 * unit
            x[0] = self.pick(0, 1, -1, 1000) * unit
            self.unit = float(unit)
        self.x = x.astype(dtype)
        self.meaning.give(self.input, self.x)
        return self.input

    def begin_codes(self, shape: tuple[int, ...]) -> str:
        """An input without a quantizer in the file, whose format is told beside it."""
        bits, signed, zero = self.pick(1, 3, 8), self.chance(.5), self.pick(0, 0, 1)
        lo, hi = (-1 << bits - 1, (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        scale = self.pick(1.0, .25, 2.0**-9)
        self.format = self.pick(f"{'s' if signed else 'u'}{bits}", f"{lo}..{hi}") + (
            f":scale={scale}") + f",zero={zero}" * bool(zero)
        x = self.begin(shape)
        self.x = ((self.numbers.integers(lo, hi + 1, (SAMPLES, *shape)) - zero) * scale
                  ).astype(np.float32)
        self.meaning.give(x, self.x)
        self.scales[x], self.bits = np.float32(scale), (bits, int(signed))
        return x

    def finish(self, form: str, *outputs: str, input_format: str | None = None) -> Made:
        shape = self.x.shape[1:]
        batch = 1 if self.one or self.chance(.7) else "N"
        infos = [helper.make_tensor_value_info(o, self.type_of(o), None) for o in outputs]
        graph = helper.make_graph(
            self.nodes, self.pick(*ODD_NAMES) if self.odd_names else "random",
            [helper.make_tensor_value_info(self.input, given_type(self.input_type),
                                           [batch, *shape])],
            infos, initializer=self.constants)
        domains = sorted({n.domain for n in self.nodes} - {""})
        model = helper.make_model(graph, opset_imports=[
            helper.make_opsetid("", self.opset), *(helper.make_opsetid(
                d, self.versions.get(d, 1)) for d in domains)], ir_version=10)
        return Made(self.seed, model, self.x, form, input_format or self.format, self.one)

    versions: dict[str, int] = {}

    def type_of(self, tensor: str) -> int:
        """An output's type in the file."""
        node = next(n for n in self.nodes if tensor in n.output)
        if node.op_type == "ArgMax":
            return TensorProto.INT64
        if tensor in self.meaning.types:
            return given_type(self.meaning.types[tensor])
        return TensorProto.FLOAT


def given_type(dtype: str) -> int:
    """ONNX's number of a type."""
    return getattr(TensorProto, {"float32": "FLOAT"}.get(dtype, dtype.upper()))
