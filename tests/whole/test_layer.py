"""A layer with hardware is four files: one that is there, and an invented one that is added."""

import ast
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import qhw
from qhw import layers, lower, ops
from qhw.errors import ModelError
from qhw.hw import units
from qhw.layers.spec import Spec
from qhw.targets import targets
from qhw.tools.members import members

ROOT = Path(qhw.__file__).parent

FILES = {
"layers": '''
"""The magnitude of each element."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from qhw.layers.real import Elementwise
from qhw.layers.spec import Arrays, Spec


@dataclass(frozen=True)
class Magnitude(Elementwise):
    kind = "magnitude"

    def evaluate(self, *xs):
        return np.abs(xs[0])


class MagnitudeSpec(Spec):
    type: Literal["magnitude"]

    def op(self, arrays: Arrays) -> Magnitude:
        return Magnitude()
''',
"ops": '''
"""The magnitude of integers."""

from dataclasses import dataclass

import numpy as np

from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.hw.units.magnitude import MagnitudeUnit
from qhw.ops.op import Lanewise, Operations


@dataclass(frozen=True)
class Absolute(Lanewise):
    kind = "absolute"

    pe: int = 1

    def infer(self, *xs):
        x, = xs
        return Tensor(x.shape, Int(0, max(-x.value.lo, x.value.hi)))

    def evaluate(self, *xs):
        return np.abs(xs[0])

    def unit(self, *xs):
        x, = xs
        return MagnitudeUnit(x=x.integer, y=self.infer(x).integer, pe=self.pe)

    def stream(self, net, ins, *xs):
        return net.register(ins[0])

    def schedule(self, arrivals, *xs):
        return arrivals + 1

    def operations(self, *xs):
        return Operations(added=xs[0].size * xs[0].integer.width)
''',
"units": '''
"""The magnitude of each element of a beat, a cycle later."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from qhw.exact.num import Int
from qhw.hw.streams.stream import beats
from qhw.hw.fabric import added


class MagnitudeUnit(wiring.Component):
    i: stream.Interface
    o: stream.Interface

    def __init__(self, *, x: Int, y: Int, pe: int):
        self.x, self.y, self.pe = x, y, pe
        super().__init__({"i": In(beats(x.shape, pe)), "o": Out(beats(y.shape, pe))})

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.i.ready.eq(self.o.ready | ~self.o.valid)
        with m.If(self.i.ready):
            m.d.sync += self.o.valid.eq(self.i.valid)
            for x, y in zip(self.i.payload, self.o.payload, strict=True):
                m.d.sync += y.eq(self.code(x))
        return m

    def code(self, x):
        return Mux(x < 0, -x, x)

    def made_of(self, chip):
        e = chip.expressions()
        codes = [e.assign(Signal(self.y.shape), self.code(Signal(self.x.shape)))
                 for _ in range(self.pe)]
        return added(chip.mapped(e, codes), {"ff": 1})
''',
"lower": '''
"""Magnitudes of integers with a scale."""

from fractions import Fraction

from qhw.errors import ModelError
from qhw.hw import units
from qhw.graph import Node
from qhw.layers.magnitude import Magnitude
from qhw.lower.lines import Line, Work, as_integers
from qhw.ops.magnitude import Absolute


@as_integers.register
def _(op: Magnitude, work: Work, node: Node) -> None:
    line, = work.lines_of(node)
    if any(line.offsets):
        raise ModelError(f"Layer {node.name!r}: it needs a zero point of 0")
    made = work.add(node.name, Absolute(), line.source)
    work.finish(node.name, Line(made, tuple(map(abs, line.slopes)),
                                (Fraction(0),) * len(line.slopes)))
'''}
ROOMS = {"layers": layers, "ops": ops, "units": units, "lower": lower}

TOML = """
schema = 1
name = "loud"
layer = [
    {{ name = "mag", type = "magnitude" }},
    {{ name = "fc", type = "dense", units = 3, scheme = {{ name = "fixed", bits = 4 }} }},
]

[input]
shape = [8]
bits = 5
signed = true
scale = 0.25
zero_point = {zero}
"""
X = np.random.default_rng(0).integers(-16, 16, (20, 8))
WEIGHTS = np.random.default_rng(1).integers(-7, 8, (3, 8))


@pytest.fixture
def added(tmp_path, monkeypatch):
    """The four files in their rooms."""
    for room, package in ROOMS.items():
        (tmp_path / room).mkdir()
        (tmp_path / room / "magnitude.py").write_text(FILES[room])
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path / room)])
        monkeypatch.delitem(sys.modules, f"{package.__name__}.magnitude", raising=False)
    monkeypatch.setattr(Spec, "types", dict(Spec.types))
    for room in ("layers", "ops", "lower"):
        found = members(ROOMS[room].__name__)
        assert sum(m.__name__.endswith(".magnitude") for m in found) == 1
    return tmp_path


def model(folder, zero=0):
    (folder / "model").mkdir()
    (folder / "model/model.toml").write_text(TOML.format(zero=zero))
    np.savez(folder / "model/weights.npz", **{"fc.codes": WEIGHTS & 15, "fc.scale": np.array(.5)})
    return folder / "model"


def test_an_invented_layer_is_four_files(added):
    """Read from a description, lowered, priced on every chip, built, and simulated exactly."""
    path = model(added)
    want = (np.abs(X) * .25) @ (WEIGHTS * .5).T
    assert np.array_equal(qhw.simulate(path, X).y, want)
    found = qhw.simulate(path, X, engine="amaranth", trace=True, stalls=1)
    assert found.matches == len(X) and np.array_equal(found.y, want)
    assert np.array_equal(found.trace["mag"], np.abs(X))
    for chip in targets():
        units = {u["name"]: u for u in qhw.estimate(path, target=chip.name)["layers"]}
        assert units["mag"]["estimate"]["luts"] > 0
    known = qhw.build(path, added / "out", target="ecp5-25k", check=False)
    assert [u["kind"] for u in known["layers"]][:1] == ["absolute"]
    assert "module loud_mag" in (added / "out/loud.v").read_text()


def test_its_refusal_reaches_the_user(added):
    with pytest.raises(ModelError, match="Layer 'mag': it needs a zero point of 0"):
        qhw.simulate(model(added, zero=3), X)


NAMES = ("MaxPool", "AveragePool", "Pooling", "PoolUnit", "ReduceUnit")


def named(text, names):
    """Whether a file of Python uses one of the names."""
    return any(isinstance(n, ast.Name) and n.id in names or isinstance(n, ast.alias) and n.name
               in names or isinstance(n, ast.ClassDef) and n.name in names
               for n in ast.walk(ast.parse(text)))


def test_the_files_of_a_layer_that_is_there():
    """``git grep -lw`` of its classes; operators of files that become it are the importers's."""
    found = {str(p.relative_to(ROOT)) for p in ROOT.rglob("*.py") if re.search(
        "|".join(NAMES), text := p.read_text(encoding="utf-8")) and named(text, NAMES)}
    assert {f for f in found if not f.startswith("loaders/")} == {
        "layers/pool.py", "ops/pooling.py", "hw/units/reduce.py", "lower/pools.py"}
