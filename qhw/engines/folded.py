"""The folded engine: an array of PE by SIMD multipliers whose weights come from a memory.

Parameters
----------
m : the matrix
x : the input's tensor
net, i : the net of streams, and the channel before the unit
arrivals, leave : cycles of input beats and of output beats, (beats,)
fold, before, family : as in ``Engine.of``"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..exact.formats import Wire
from ..exact.num import Int
from ..graph import Fold, PeSimd, Tensor
from ..hw.fabric import Form
from ..hw.storage.compressed import CompressedRom
from ..hw.units.matvec import MatVecUnit, Storage
from ..pe import Element
from ..schedule import Channel, Net, just_in_time, paced
from ..schemes.scheme import table_bits
from .engine import Engine, Matrix
from .ways import WAYS, ways

__all__ = ["MOST_STAGES", "NO_MEMORY", "FoldedEngine"]

MOST_STAGES = 8
"""Most registers that are added to a product."""
MEMORIES: Mapping[str, Form] = {"block": "block", "luts": "luts"}
"""Where a fold can put the weights: in block RAM, or in LUTs."""
NO_MEMORY = "it reads all weights in every cycle, so they are in no memory"


@dataclass(frozen=True)
class FoldedEngine(Engine):
    """``pe`` outputs by ``simd`` inputs a cycle; ``storage`` is the format of the weights in
    memory, ``stages`` the number of registers that are added for a faster clock, ``multiply`` the
    way to multiply, of ``qhw.engines.ways``, or empty for the scheme's own, and ``memory`` where
    the weights lie, of ``MEMORIES``, or empty for where the chip's rule puts them."""

    pe: int = 1
    simd: int = 1
    storage: Storage = "packed"
    stages: int = 0
    multiply: str = ""
    memory: str = ""

    @classmethod
    def of(cls, fold: Fold, before: "Engine", family: str) -> "Engine":
        assert isinstance(fold, PeSimd)
        known = before if isinstance(before, cls) else cls()
        return replace(known, pe=fold.pe, simd=fold.simd, stages=fold.stages,
                       multiply=fold.multiply, memory=fold.memory)

    @classmethod
    def wrong(cls, fold: Fold, m: Matrix) -> str:
        assert isinstance(fold, PeSimd)
        outputs = m.outputs // m.groups
        if not 1 <= fold.pe <= outputs:
            return f"PE must be 1 to {outputs}, the number of its outputs, and {fold.pe} is not"
        if not 1 <= fold.simd <= m.inputs:
            return f"SIMD must be 1 to {m.inputs}, the number of its inputs, and {fold.simd} is not"
        if fold.simd % m.scheme.group:
            return (f"SIMD must be a multiple of the {m.scheme.group} inputs that a code stands "
                    f"for, and {fold.simd} is not")
        if not 0 <= fold.stages <= MOST_STAGES:
            return f"stages must be 0 to {MOST_STAGES}, and {fold.stages} is not"
        if fold.multiply not in ("", *WAYS):
            return f"multiply must be {' or '.join(WAYS)}, and {fold.multiply} is not"
        if fold.memory not in ("", *MEMORIES):
            return f"memory must be {' or '.join(MEMORIES)}, and {fold.memory} is not"
        if fold.memory and m.groups == 1 and (fold.pe, fold.simd) == (m.outputs, m.inputs):
            return NO_MEMORY
        return ""

    def fold(self) -> PeSimd:
        return PeSimd(self.pe, self.simd, self.stages, self.multiply, self.memory)

    def at(self, m: Matrix) -> PeSimd:
        return self.fold()

    def about(self, m: Matrix) -> str:
        return (f"PE {self.pe}, SIMD {self.simd}, fold {self.synapse_fold(m)} x "
                f"{self.neuron_fold(m)}"
                f"{f', stages {self.stages}' if self.stages else ''}"
                f"{f', {self.multiply}' if self.multiply else ''}"
                f"{f', weights in {self.memory}' if self.memory else ''}")

    def kind(self, m: Matrix, x: Wire) -> str:
        whole = self.synapse_fold(m) == self.neuron_fold(m) * m.groups == 1
        return f"{type(self.gates(m, x)).__name__}{'.constant' * whole}"

    def gates(self, m: Matrix, x: Wire) -> Element:
        """Selects the gates for activations of format ``x``; ValueError if there are none."""
        if not self.multiply:
            return m.scheme.gates(x, m.table)
        known = self.ways(m, x)
        if self.multiply not in known:
            raise ValueError(f"{m.scheme.name} weights and these inputs cannot be multiplied as "
                             f"{self.multiply} (but as {' or '.join(known) or 'they are alone'})")
        return known[self.multiply]

    def ways(self, m: Matrix, x: Wire) -> Mapping[str, Element]:
        """Makes the gates of each way to multiply besides the scheme's own, by name."""
        return ways(m.scheme.gates(x, m.table), x)

    def fault(self, m: Matrix, x: Wire) -> str:
        if self.multiply:
            try:
                self.gates(m, x)
            except ValueError as e:
                return str(e)
        if self.storage == "trits" and (np.abs(m.weights).max() > 1 or m.parts > 1
                                        or m.scheme.code_bits != 2):
            return f"trits are for ternary weights, not {m.scheme.name}"
        if self.memory and self.storage != "packed":
            return f"{self.storage} weights are where the chip's rule puts them"
        return ""

    def takes(self, m: Matrix, x: Tensor) -> bool:
        """Tells whether the scheme has gates for the codes of ``x``."""
        if x.coded is None:
            return True
        try:
            self.gates(m, x.wire)
        except ValueError:
            return False
        return True

    def unit(self, m: Matrix, x: Tensor) -> MatVecUnit:
        return MatVecUnit(self.gates(m, x.wire), m.codes, m.starts, x=x.wire,
                          y=m.sums(x.value), pe=self.pe, simd=self.simd, storage=self.storage,
                          groups=m.groups, stages=self.stages, form=MEMORIES.get(self.memory, ""))

    @property
    def regular(self) -> bool:
        """Whether cycles are regular: false for Huffman codes, whose decoding times vary."""
        return self.storage != "huffman"

    def stored_bits(self, m: Matrix) -> int:
        if self.storage == "packed":
            return m.scheme.storage(m.codes, m.table)
        unit = self.unit(m, Tensor((m.inputs,), Int(0, 1)))
        return unit.memory().stored + table_bits(m.table)

    def synapse_fold(self, m: Matrix) -> int:
        """Computes the number of beats of a vector."""
        return -(-m.inputs // self.simd)

    def neuron_fold(self, m: Matrix) -> int:
        """Computes the number of times that a vector is read."""
        return -(-m.outputs // m.groups // self.pe)

    def gap(self, m: Matrix) -> int:
        """Computes the cycles between two words of weights; a compressed code takes one cycle."""
        return self.pe * self.simd // m.scheme.group if self.storage == "huffman" else 1

    def interval(self, m: Matrix, x: Tensor) -> int:
        return m.vectors(x) * self.synapse_fold(m) * self.neuron_fold(m) * self.gap(m)

    def stream(self, m: Matrix, net: Net, i: Channel, x: Tensor) -> Channel:
        fold, times = self.synapse_fold(m), self.neuron_fold(m)
        vector = net.queue(i, 2) if times == 1 else net.banks(i, fold, fold * times, whole=False)
        decoded = self._decoded(m, net, x) if self.storage == "huffman" else None
        if self.stages:
            sums = net.pipeline(vector, self.stages + 1, factors=decoded)
        else:
            sums = net.join((vector, decoded)) if decoded else net.register(vector)
        return net.widen(sums, fold)

    def _decoded(self, m: Matrix, net: Net, x: Tensor) -> Channel:
        """Adds the decoders of the weights: they decode a code a cycle, and send a word when all of
        its codes are decoded."""
        memory = self.unit(m, x).memory()
        assert isinstance(memory, CompressedRom)
        gaps, values = memory.gaps, memory.values
        words = m.vectors(x) * self.synapse_fold(m) * self.neuron_fold(m)
        counts = (gaps.symbols + 1).tolist()
        rounds = words * memory.per_word // sum(counts)
        symbols = [net.decoder(d.code.lengths[d.symbols], d.word, d.code.longest,
                               rounds * len(counts)) for d in (gaps, values)]
        return net.widen(net.expand(symbols, counts, words * memory.per_word), memory.per_word)

    def schedule(self, m: Matrix, arrivals: np.ndarray, x: Tensor) -> np.ndarray:
        """Computes when output beats leave: a beat is read a cycle after its arrival and is in an
        accumulator three cycles later, or later by the stages."""
        beats, times, gap = self.synapse_fold(m), self.neuron_fold(m), self.gap(m)
        reads = arrivals.reshape(-1, beats) + 1
        last = (reads + gap * np.arange(beats)[::-1]).max(axis=1)
        last = paced(last, gap * beats * times)
        groups = gap * beats * np.arange(times)
        return (last[:, None] + self.stages + 3 + groups - (0 if times > 1 else 1)).ravel()

    def latest(self, m: Matrix, leave: np.ndarray, x: Tensor) -> np.ndarray:
        times = self.neuron_fold(m)
        last = leave.reshape(-1, times)[:, 0] - self.stages - 3 + (0 if times > 1 else 1)
        back = self.gap(m) * np.arange(self.synapse_fold(m))[::-1]
        return just_in_time((last[:, None] - 1 - back).ravel())
