"""The folded engine: a matrix-vector product, PE outputs by SIMD inputs a cycle.

Outputs come in ``outputs / pe`` groups (the neuron fold); each group reads the input vector once,
``inputs / simd`` beats (the synapse fold). The unit takes neuron fold times synapse fold cycles for
a vector. Where PE does not divide the outputs, the last group repeats the last output. Where SIMD
does not divide the inputs, weights in the last beat are padded with a code that stands for 0; if
there is no such code, activations in these lanes are constant, and the start corrects for them."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from amaranth.hdl import Const, Instance, Module, Mux, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out, flipped

from ...exact.formats import Wire
from ...exact.num import Int
from ...pe import Element, Tile
from ...pe.staged import StagedTile
from ...tools.hdl import Array, Component, connect
from ..fabric import READS, STAGED, Fabric, Form, Parts, added
from ..storage.compressed import CompressedRom, TritRom
from ..storage.memory import Replay, Rom, Words, pack, per_group
from ..streams.stream import Buffer, beats, step

__all__ = ["MatVecUnit", "Storage"]

Storage = Literal["packed", "huffman", "trits"]
"""Plain codes, canonical Huffman codes of gaps and values, or five trits in a byte."""


class MatVecUnit(Component):
    """Multiplies a weight matrix by each vector, on PE processing elements of SIMD lanes.

    The result is ``decode(codes) @ x + start``.

    Parameters
    ----------
    codes : (outputs, inputs), or fewer columns where a code stands for several inputs
    start : (outputs, parts), the value at which each accumulator begins
    y : interval of the results, which the accumulators hold
    pe, simd : at most ``outputs / groups`` and ``inputs``
    groups : vectors take turns, each with its share of the outputs
    stages : registers besides those of the memories, of the sums and of the accumulators: the first
        behind the memories, the others inside the sums
    form : where the memory of packed weights goes

    Members
    -------
    i : beats of ``simd`` activations, the input vector once; the last beat may have fewer, in its
        lowest lanes, and the other lanes are ignored
    o : beats of ``pe`` outputs' accumulators, ``parts`` of the element each; lanes beyond the last
        output have no meaning
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, element: Element, codes: np.ndarray, start: np.ndarray, *, x: Wire, y: Int,
                 pe: int, simd: int, storage: Storage = "packed", groups: int = 1,
                 stages: int = 0, form: Form = ""):
        outputs, inputs = codes.shape[0], codes.shape[1] * element.group
        if not 1 <= pe <= outputs // groups:
            raise ValueError(f"PE must be 1 to {outputs // groups}, and {pe!r} is not")
        if not 1 <= simd <= inputs:
            raise ValueError(f"SIMD must be 1 to {inputs}, and {simd!r} is not")
        self.x, self.y, self.pe, self.simd = x, y, pe, simd
        self.lanes = pe * element.parts
        self.storage: Storage = storage
        self.form: Form = form
        self.times = -(-outputs // groups // pe)
        self.synapse_fold, self.neuron_fold = -(-inputs // simd), self.times * groups
        self.constant = self.synapse_fold == self.neuron_fold == 1
        """Whether the same weights are there in every cycle."""
        self.element = element if self.constant else element.suited(pe)
        self.read = stages > 0 and not self.constant
        """Whether a register stands behind the memories."""
        self.later = self.read and self.synapse_fold > 1
        """Whether the next start values are read a cycle after a vector's first sum: they are not
        needed sooner, and the logic that stops the sums then ends there."""
        self.inside = stages - self.read
        """Registers inside the sums."""
        self.pads = self.synapse_fold * simd - inputs
        """Lanes of the last beat without an input."""
        zeros = self._zeros
        self.idle = bool(self.pads) and not len(zeros) and element.shared(inputs) is None
        """Whether activations in these lanes are made constant, because no weight there is 0."""
        self.codes = np.pad(
            self._whole(codes, groups), ((0, 0), (0, self.pads // element.group)),
            constant_values=[*zeros, *element.codes][0])
        """Codes of the weights and of the pads, (outputs, any)."""
        self.start = self._whole(start, groups)
        super().__init__({"i": In(beats(x.shape, simd)), "o": Out(beats(y.shape, self.lanes))})

    def _whole(self, values: np.ndarray, groups: int) -> np.ndarray:
        """Repeats the last output of each group until PE divides the outputs, (outputs, any)."""
        each = values.reshape(groups, len(values) // groups, -1)
        more = self.times * self.pe - each.shape[1]
        return np.pad(each, ((0, 0), (0, more), (0, 0)), mode="edge").reshape(
            self.neuron_fold * self.pe, -1)

    def rows(self) -> np.ndarray:
        """Arranges the codes as they are stored, in the order of use, (words, any); a word has one
        row of codes for each of ``pe`` elements."""
        blocks = self.codes.reshape(self.neuron_fold, self.pe, self.synapse_fold, -1)
        words = self.element.stored(blocks.swapaxes(1, 2))
        return words.reshape(self.neuron_fold * self.synapse_fold, -1)

    def weights(self) -> Sequence[int]:
        """Returns the codes as memory words, in the order of use."""
        return Words(self.rows(), self.element.bits)

    def memory(self) -> Rom | CompressedRom | TritRom:
        """Makes the weight memory for the chosen storage."""
        shape = Array(self.element.row(self.simd), self.pe)
        match self.storage:
            case "packed":
                return Rom(shape, self.weights(), form=self.form)
            case "huffman":
                rows = self.rows()
                return CompressedRom(shape, rows, bits=self.element.bits, per_word=rows.shape[1],
                                     zero=self._zero())
            case "trits":
                values = self.element.weights(self.rows())[:, 0]
                return TritRom(shape, values)

    def replay(self) -> Replay:
        """Makes the memory that repeats a vector for each group of outputs."""
        return Replay(self.x.shape, self.simd, self.synapse_fold, self.times)

    def total(self, first: Value, start: Value, before: Value, sum_: Value) -> Value:
        """Builds an accumulator's next value: ``sum_`` plus ``start`` if the beat is the ``first``
        of a vector, else plus its value ``before``."""
        return (start if self.synapse_fold == 1 else Mux(first, start, before)) + sum_

    def _zero(self) -> int:
        """Selects the code left out by gaps: zero's, or the most frequent one."""
        zeros = self._zeros
        return int(zeros[0]) if len(zeros) else int(np.bincount(self.codes.ravel()).argmax())

    @property
    def _zeros(self) -> np.ndarray:
        """The codes that stand for 0, (codes,)."""
        every = self.element.codes
        return every[(self.element.weights(every[:, None]) == 0).all(axis=(1, 2))]

    def starts(self) -> np.ndarray:
        """Computes the accumulators' start values (neuron_fold, lanes), the elements' rests
        included."""
        rest = self.element.rest(self.codes, self.x)
        if self.idle:
            pads = self.element.weights(self.codes[:, -self.pads:])
            rest = rest - pads.sum(axis=2) * self.constant_x[1]
        return (self.start + rest).reshape(self.neuron_fold, -1)

    @property
    def constant_x(self) -> tuple[int, int]:
        """The activation nearest to 0: its code, and the integer that it stands for."""
        if isinstance(self.x, Int):
            return self.x.nearest(0), self.x.nearest(0)
        every = self.x.codes
        values = self.x.decode(every)
        least = np.abs(values).argmin()
        return int(every[least]), int(values[least])

    def activations(self, lanes: Sequence[Value], last: Value) -> list[Value]:
        """Builds a beat's activations: in the ``last`` beat of a vector, lanes without an input
        have a constant, if no weight there is 0."""
        if not self.idle:
            return list(lanes)
        code = Const(self.constant_x[0], self.x.shape)
        codes = self.element.received(
            [lanes[-self.pads - 1], *[code] * self.pads], self.simd - self.pads - 1)[1:]
        return [*lanes[:-self.pads],
                *(Mux(last, c, x) for c, x in zip(codes, lanes[-self.pads:], strict=True))]

    def constants(self) -> tuple[np.ndarray, Int] | None:
        """Returns the element's constants for each beat of activations, (synapse_fold, any), and
        their interval; None if it has none. The constants of pads are 0."""
        shared = self.element.shared(self.synapse_fold * self.simd - self.pads)
        if shared is None:
            return None
        return (np.pad(shared[0], ((0, self.pads), (0, 0))).reshape(self.synapse_fold, -1),
                shared[1])

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        if self.times > 1:
            m.submodules.vector = vector = self.replay()
        else:
            m.submodules.vector = vector = Buffer(self.x.shape, self.simd)
        m.submodules.tile = tile = (
            StagedTile(self.element, self.x, self.simd, self.pe, self.inside, read=self.read)
            if self.read or self.inside else
            Tile(self.element, self.x, self.simd, self.pe))
        m.submodules.weights = weights = self.memory()
        self._receive(m, vector.i)
        if self.idle:
            beat = Signal(range(self.synapse_fold))
            with m.If(tile.i.valid & tile.i.ready):
                step(m, beat, self.synapse_fold)
            m.d.comb += [a.eq(b) for a, b in zip(tile.i.payload.x, self.activations(
                list(vector.o.payload), beat == self.synapse_fold - 1), strict=True)]
        else:
            m.d.comb += tile.i.payload.x.eq(vector.o.payload)
        # Packed weights are read ahead, and valid before the first vector is.
        known = Const(1) if self.read and self.storage == "packed" else weights.o.valid
        m.d.comb += [
            tile.i.payload.w.eq(weights.o.payload),
            tile.i.valid.eq(vector.o.valid & known),
            vector.o.ready.eq(tile.i.ready & known),
            weights.o.ready.eq(tile.i.ready & vector.o.valid),
        ]

        if (constants := self.constants()) is not None:
            # This ROM reads ahead like that of the weights, so it is valid whenever they are.
            shared, _ = per_group(m, "shared", *constants, tile.i.valid & tile.i.ready)
            m.d.comb += [a.eq(b) for a, b in zip(tile.i.payload.shared, shared, strict=True)]

        place = Signal(range(self.synapse_fold))
        add = Signal()
        m.d.comb += [
            tile.o.ready.eq(self.o.ready | ~self.o.valid),
            add.eq(tile.o.ready & tile.o.valid),
        ]
        take: Value = add & (place == 0)
        if self.later:
            take = Signal(name="taken")
            m.d.sync += take.eq(add & (place == 0))
        start, _ = per_group(m, "start", self.starts(), self.y, take, kept=self.read)
        totals = self._totals(m, platform, place == 0, start, list(tile.o.payload))
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(add):
            m.d.sync += self.o.valid.eq(0)
            with step(m, place, self.synapse_fold):
                m.d.sync += self.o.valid.eq(1)
            m.d.sync += [before.eq(total) for before, total in zip(
                self.o.payload, totals, strict=True)]
        return m

    def _totals(self, m: Module, platform: Any, first: Value, start: Sequence[Value],
                sums: Sequence[Value]) -> list[Value]:
        """Builds the accumulators' next values, of the platform's cells if it has any and every
        sum is to be a chain."""
        cells = platform.total() if self.chained and hasattr(platform, "total") else ""
        found = list[Value]()
        for k, (before, sum_) in enumerate(zip(self.o.payload, sums, strict=True)):
            if not cells:
                found.append(self.total(first, start[k], before, sum_))
                continue
            wide, y = Signal(self.y.shape, name=f"sum{k}"), Signal(self.y.shape, name=f"total{k}")
            m.d.comb += wide.eq(sum_)
            m.submodules[f"total{k}"] = Instance(
                cells, p_WIDTH=self.y.width, i_later=~first, i_start=start[k], i_held=before,
                i_sum=wide, o_y=y)
            found.append(y)
        return found

    @property
    def chained(self) -> bool:
        """Whether accumulators are chains of a chip's cells, where it has such cells."""
        return self.element.chained and self.synapse_fold > 1

    def _receive(self, m: Module, into: stream.Interface) -> None:
        """Connects the input to the vector's buffer, through the logic before it."""
        lanes = list(self.i.payload)
        before = self.element.received(lanes)
        if before is lanes:
            connect(m, flipped(self.i), into)
            return
        m.d.comb += [into.valid.eq(self.i.valid), self.i.ready.eq(into.ready),
                     *(a.eq(b) for a, b in zip(into.payload, before, strict=True))]

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the vector's buffer, of the tile with its accumulators, and of the
        memories of weights and starts.

        Inputs whose weights are all 0 take no parts."""
        tile = added(chip.tile(self), self._received(chip))
        used = int(self.element.weights(self.codes).any((0, 1)).sum()) if (
            self.constant) else self.simd
        vector = self.replay().made_of(chip) if self.times > 1 else chip.buffer(
            used * self.x.width, "ff.operand" if tile.get("dsp") else "ff")
        parts = added(vector, tile, {"matvec": 1, "ff": 1})
        if self.constant:
            return parts
        constants, memory = self.constants(), self.memory().made_of(chip)
        if not self.read and (memory.get("bram") or vector.get("bram")):
            parts = added(parts, {READS: 1})
        return added(parts, {} if constants is None else chip.per_group(*constants)[0], memory,
                     chip.per_group(self.starts(), self.y, kept=self.read)[0],
                     chip.counter(self.synapse_fold), self._operands(chip), self._idle(chip),
                     {"ff": self.inside + self.later} if self.read else {})

    def _received(self, chip: Fabric) -> Parts:
        """Lists the parts of the logic before the vector's buffer."""
        lanes: list[Value] = [Signal(self.x.shape) for _ in range(self.simd)]
        before = self.element.received(lanes)
        if before is lanes:
            return {}
        e = chip.expressions()
        e.need(*before)
        return chip.mapped(e)

    def _idle(self, chip: Fabric) -> Parts:
        """Lists the parts of constant activations in lanes without an input."""
        if not self.idle:
            return {}
        e = chip.expressions()
        lanes = [Signal(self.x.shape) for _ in range(self.simd)]
        e.need(*self.activations(lanes, Signal())[-self.pads:])
        return added(chip.mapped(e), chip.counter(self.synapse_fold))

    def _operands(self, chip: Fabric) -> Parts:
        """Lists the parts of the register behind the memories."""
        if not self.read:
            return {}
        codes = self.pe * self.simd // self.element.group * self.element.bits
        weights = {"ff.lone": codes} if self.storage != "packed" else chip.kept(
            self.weights(), codes, form=self.form)
        shared = self.constants()
        constants = {} if shared is None else chip.kept(
            pack(shared[0], shared[1].width), shared[0].shape[1] * shared[1].width)
        return added(weights, constants, {STAGED: 1, "ff": 1,
                                          "ff.lone": self.simd * self.x.width})
