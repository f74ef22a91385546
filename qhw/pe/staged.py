"""A tile with registers inside its sums, for a faster clock."""

from collections.abc import Sequence
from functools import partial, reduce
from itertools import pairwise
from typing import Any

from amaranth.hdl import Module, Signal, Value
from amaranth.lib.wiring import In

from ..exact.formats import Wire
from .chains import nets
from .element import Element
from .stages import cuts, depth, staged
from .tile import Dot, Tile, joined, net

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
        return nets(sums, partial(net, self.m), apart=self.chained)

    def clocked(self) -> None:
        """Builds the clocked statements of all registers."""
        with self.m.If(self.move):
            self.m.d.sync += [made.eq(value) for made, value in self.pairs]


class StagedDot(Dot):
    """A processing element with registers inside its sums.

    A register stands on every path for each number of ``at``, the depth in adders before it. They
    take their values while ``move`` is 1."""

    move: Signal

    def __init__(self, element: Element, x: Wire, lanes: int, at: Sequence[int]):
        self.at = at
        super().__init__(element, x, lanes, move=In(1))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        kept = Kept(m, self.move, chained=self.element.chained)
        last = kept.nets(staged(self.dot(), self.at, kept))
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
        before, inside = places(self.element, self.x, self.lanes, self.stages)
        kept = Kept(m, move)
        common = staged(list(self.common(payload)), before, kept)
        pes = [self._pe(inside) for _ in range(self.outputs)]
        rows = [reduce(kept, range(len(before)), Value.cast(row)) for row in payload.w]
        sums = joined(m, pes, common, rows)
        m.d.comb += [pe.move.eq(move) for pe in pes if isinstance(pe, StagedDot)]
        kept.clocked()
        return sums

    def _pe(self, inside: Sequence[int]) -> Dot:
        """A processing element, with registers at the depths ``inside``, if there are any."""
        return StagedDot(self.element, self.x, self.lanes, inside) if inside else Dot(
            self.element, self.x, self.lanes)
