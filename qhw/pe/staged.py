"""A tile with registers inside its sums, for a faster clock."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from amaranth.hdl import Module, Signal, Value
from amaranth.lib.wiring import In

from ..exact.formats import Wire
from ..tools.hdl import Component, View, elements
from .chains import chained
from .element import Element
from .stages import cuts, depth, staged
from .tile import Dot, Tile, net

__all__ = ["StagedDot", "StagedTile", "places"]


def places(element: Element, x: Wire, lanes: int, stages: int) -> tuple[list[int], list[int]]:
    """Places the registers of a tile; returns the depth in adders before each of those in the logic
    that all elements share, and before each of those in an element.

    Parameters
    ----------
    element : the gates of an element
    x : format of the activations
    lanes : number of activations (SIMD)
    stages : number of registers on every path"""
    constants = element.shared(lanes)
    common = element.common([Signal(x.shape) for _ in range(lanes)], [] if constants is None else [
        Signal(constants[1].shape) for _ in range(lanes * constants[0].shape[1])])
    inputs, codes = element.common_layout(x, lanes), element.row(lanes)
    sums = element.dot([Signal(inputs.elem_shape) for _ in range(inputs.length)],
                       [Value.cast(Signal(codes.elem_shape)) for _ in range(codes.length)])
    before = depth(common)
    at = cuts(before + depth(sums), stages)
    return [a for a in at if a < before], [a - before for a in at if a >= before]


class Kept:
    """Registers of a module, which take their values while ``move`` is 1.

    Sums before them are ``chained`` or not."""

    def __init__(self, m: Module, move: Value, *, chained: bool = False):
        self.m, self.move, self.chained = m, move, chained
        self.pairs: list[tuple[Signal, Value]] = []

    def __call__(self, value: Value, stage: int) -> Signal:
        """Makes the register of a value, in a stage."""
        made = Signal(value.shape(), name=f"stage{stage}_{len(self.pairs)}")
        self.pairs.append((made, self.nets([value])[0]))
        return made

    def nets(self, sums: Sequence[Value]) -> Sequence[Value]:
        """The same sums, with the nets that synthesis keeps."""
        return chained(sums, partial(net, self.m)) if self.chained else sums

    def clocked(self) -> None:
        """Builds the clocked statements of all registers."""
        with self.m.If(self.move):
            self.m.d.sync += [made.eq(value) for made, value in self.pairs]


class StagedDot(Component):
    """A processing element: the dot product of SIMD activations and weights, with registers inside
    its sums.

    A register stands on every path for each number of ``at``, the depth in adders before it. They
    take their values while ``move`` is 1."""

    x: View
    w: View
    y: Any
    move: Signal

    def __init__(self, element: Element, x: Wire, lanes: int, at: Sequence[int]):
        self.element, self.at = element, at
        members = Dot(element, x, lanes).signature.members
        super().__init__({**members, "move": In(1)})

    @property
    def sums(self) -> list[Any]:
        """The output signals, one for each part."""
        return [self.y] if self.element.parts == 1 else list(self.y)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        kept = Kept(m, self.move, chained=self.element.chained)
        sums = self.element.dot(elements(self.x), [Value.cast(w) for w in elements(self.w)])
        last = kept.nets(staged(sums, self.at, kept))
        m.d.comb += [y.eq(sum_) for y, sum_ in zip(self.sums, last, strict=True)]
        kept.clocked()
        return m


class StagedTile(Tile):
    """Computes PE dot products of the same SIMD activations, with registers for a faster clock.

    With ``read`` the first register stands before all logic, and ``stages`` registers stand inside
    the sums. They and the output register move together, so that whether they move takes no more
    logic than in a tile without them."""

    def __init__(self, element: Element, x: Wire, lanes: int, outputs: int, stages: int, *,
                 read: bool):
        super().__init__(element, x, lanes, outputs)
        self.stages, self.read = stages, read

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        move, payload = Signal(), self.i.payload
        held = [self.i.valid, *(Signal(name=f"held{k}") for k in range(self.read + self.stages))]
        m.d.comb += [move.eq(self.o.ready | ~self.o.valid), self.i.ready.eq(move)]
        if self.read:
            payload = Signal(payload.shape(), name="operands")
        sums = self._sums(m, move, payload)
        with m.If(move):
            m.d.sync += [after.eq(before) for before, after in pairwise(held)]
            m.d.sync += self.o.valid.eq(held[-1])
            if self.read:
                m.d.sync += payload.eq(self.i.payload)
            m.d.sync += [self.o.payload[k].eq(y) for k, y in enumerate(sums)]
        return m

    def _sums(self, m: Module, move: Signal, payload: Any) -> list[Value]:
        """The processing elements, with registers; their sums before the output register."""
        constants = list(payload.shared) if "shared" in payload.shape().members else []
        lanes = [Value.cast(x) for x in payload.x]
        before, inside = places(self.element, self.x, self.lanes, self.stages)
        kept = Kept(m, move)
        common = staged(self.element.common(lanes, constants), before, kept)
        found: list[Value] = []
        for k in range(self.outputs):
            pe: Any = (StagedDot(self.element, self.x, self.lanes, inside) if inside else
                       Dot(self.element, self.x, self.lanes))
            m.submodules[f"pe{k}"] = pe
            row = Value.cast(payload.w[k])
            for stage in range(len(before)):
                row = kept(row, stage)
            m.d.comb += [a.eq(b) for a, b in zip(elements(pe.x), common, strict=True)]
            m.d.comb += pe.w.eq(row)
            if inside:
                m.d.comb += pe.move.eq(move)
            found += pe.sums
        kept.clocked()
        return found
