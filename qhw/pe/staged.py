"""A tile with registers inside its sums, for a faster clock."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
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
    """Registers of a module by stage; the registers of stage k move while ``moves[k]`` is 1.

    Sums before them are ``chained`` or not."""

    def __init__(self, m: Module, moves: Sequence[Value], *, chained: bool = False):
        self.m, self.moves, self.chained = m, moves, chained
        self.pairs: list[list[tuple[Signal, Value]]] = [[] for _ in moves]

    def __call__(self, value: Value, stage: int) -> Signal:
        """Makes the register of a value."""
        made = Signal(value.shape(), name=f"stage{stage}_{len(self.pairs[stage])}")
        self.pairs[stage].append((made, self.nets([value])[0]))
        return made

    def nets(self, sums: Sequence[Value]) -> Sequence[Value]:
        """The same sums, with the nets that synthesis keeps."""
        return chained(sums, partial(net, self.m)) if self.chained else sums

    def move(self) -> None:
        """Builds the clocked statements of all registers."""
        for move, pairs in zip(self.moves, self.pairs, strict=True):
            with self.m.If(move):
                self.m.d.sync += [made.eq(value) for made, value in pairs]


class StagedDot(Component):
    """A processing element: the dot product of SIMD activations and weights, with registers inside
    its sums.

    A register stands on every path for each number of ``at``, the depth in adders before it. The
    k-th of them moves while ``moves[k]`` is 1."""

    x: View
    w: View
    y: Any
    moves: Signal

    def __init__(self, element: Element, x: Wire, lanes: int, at: Sequence[int]):
        self.element, self.at = element, at
        members = Dot(element, x, lanes).signature.members
        super().__init__({**members, "moves": In(len(at))})

    @property
    def sums(self) -> list[Any]:
        """The output signals, one for each part."""
        return [self.y] if self.element.parts == 1 else list(self.y)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        kept = Kept(m, list(self.moves), chained=self.element.chained)
        sums = self.element.dot(elements(self.x), [Value.cast(w) for w in self.w])
        last = kept.nets(staged(sums, self.at, kept))
        m.d.comb += [y.eq(sum_) for y, sum_ in zip(self.sums, last, strict=True)]
        kept.move()
        return m


class StagedTile(Tile):
    """Computes PE dot products of the same SIMD activations, with registers inside the sums.

    Each of ``stages`` registers, and the output register behind them, takes a beat in the cycle in
    which its own beat leaves."""

    def __init__(self, element: Element, x: Wire, lanes: int, outputs: int, stages: int):
        super().__init__(element, x, lanes, outputs)
        self.moves = [Signal(name=f"move{k}") for k in range(stages)]

    def sums(self, m: Module) -> list[Value]:
        payload = self.i.payload
        constants = list(payload.shared) if "shared" in payload.shape().members else []
        lanes = [Value.cast(x) for x in payload.x]
        before, inside = places(self.element, self.x, self.lanes, len(self.moves))
        kept = Kept(m, self.moves)
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
                m.d.comb += pe.moves.eq(Cat(self.moves[len(before):]))
            found += pe.sums
        kept.move()
        return found

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        sums = self.sums(m)
        move, last = Signal(), len(self.moves) - 1
        held = [self.i.valid, *(Signal(name=f"held{k}") for k in range(last + 1))]
        m.d.comb += move.eq(self.o.ready | ~self.o.valid)
        for k in range(last, -1, -1):
            ahead = move if k == last else self.moves[k + 1]
            m.d.comb += self.moves[k].eq(ahead | ~held[k + 1])
            with m.If(self.moves[k]):
                m.d.sync += held[k + 1].eq(held[k])
        m.d.comb += self.i.ready.eq(self.moves[0])
        with m.If(move):
            m.d.sync += self.o.valid.eq(held[-1])
            m.d.sync += [self.o.payload[k].eq(y) for k, y in enumerate(sums)]
        return m
