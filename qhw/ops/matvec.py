"""A matrix-vector product in integers: the scheme's weights @ x + start."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..errors import ModelError
from ..exact.num import Int
from ..graph import Tensor
from ..hw.storage.compressed import CompressedRom
from ..hw.units.matvec import MatVecUnit, Storage
from ..hw.units.spatial import SpatialUnit
from ..pe import Floats, Multiply, Tables
from ..schedule import Channel, Net
from ..schemes import Scheme
from ..schemes.scheme import table_bits
from .op import HardwareOp, Operations, just_in_time, paced

__all__ = ["MatVec"]

MOST = 1 << 62

EXACT = {np.float32: 1 << 24, np.float64: 1 << 53}
"""Up to which magnitude a float type holds every integer."""


@dataclass(frozen=True, eq=False)
class MatVec(HardwareOp):
    """A product that computes ``pe`` by ``simd`` products a cycle; ``start`` is (outputs,) or
    (outputs, parts).

    The input is one vector, or a tensor of vectors that are multiplied one by one: (..., inputs).
    With ``groups`` the input is (..., groups, inputs), and each group computes an equal share of
    the outputs. If the scheme has several partial sums, they are the output's last dimension.

    With ``levels`` the weights are logic, made of the cells of a ``family`` of chips. All products
    are then computed every cycle, with at most ``levels`` adders in series between two registers.
    """

    kind = "matvec"

    scheme: Scheme
    codes: np.ndarray
    start: np.ndarray
    table: np.ndarray | None = None
    pe: int = 1
    simd: int = 1
    fold: tuple[int, int] | None = None
    storage: Storage = "packed"
    groups: int = 1
    levels: int = 0
    family: str = ""

    @cached_property
    def weights(self) -> np.ndarray:
        """The integer weights, (outputs, parts, inputs)."""
        return self.scheme.element(self.table).weights(self.codes)

    @property
    def spatial(self) -> bool:
        """Whether the weights are implemented as logic."""
        return self.levels > 0

    @property
    def outputs(self) -> int:
        return self.weights.shape[0]

    @property
    def parts(self) -> int:
        return self.weights.shape[1]

    @property
    def inputs(self) -> int:
        return self.weights.shape[2]

    @property
    def product(self):
        return self

    def folded(self, pe, simd):
        return replace(self, pe=pe, simd=simd)

    @cached_property
    def starts(self) -> np.ndarray:
        """Returns the start values of the sums, (outputs, parts)."""
        return np.broadcast_to(self.start.reshape(self.outputs, -1), (self.outputs, self.parts))

    def infer(self, *xs):
        """Computes the output's format; the accumulators' interval is exact, each output's extremes
        over all inputs.

        ModelError if the input does not fit the weights, or an accumulator gets too wide."""
        x, = xs
        if self.storage == "trits" and (np.abs(self.weights).max() > 1 or self.parts > 1
                                        or self.scheme.code_bits != 2):
            raise ModelError(f"trits are for ternary weights, not {self.scheme.name}")
        wanted = (self.groups, self.inputs) if self.groups > 1 else (self.inputs,)
        if x.shape[-len(wanted):] != wanted:
            raise ModelError(f"its weights are {self.outputs} x {self.inputs} in {self.groups} "
                             f"groups, and its input has shape {x.shape}")
        most = int(np.abs(self.weights).sum(2).max()) * x.value.size + int(
            np.abs(self.starts).max())
        if most >= MOST:
            raise ModelError(f"its sums reach {most}, more than 62 bits")
        lo, hi = self.extremes(x.value)
        shape = (self.outputs,) if self.parts == 1 else (self.outputs, self.parts)
        return Tensor((*x.shape[:-len(wanted)], *shape), Int(int(lo.min()), int(hi.max())))

    def extremes(self, x: Int) -> tuple[np.ndarray, np.ndarray]:
        """Computes the least and the largest sums of inputs in ``x``, each (outputs, parts)."""
        up, down = np.maximum(self.weights, 0).sum(2), np.minimum(self.weights, 0).sum(2)
        return up * x.lo + down * x.hi + self.starts, up * x.hi + down * x.lo + self.starts

    def vectors(self, x: Tensor) -> int:
        """Computes the number of vectors, each for one group."""
        return x.size // self.inputs

    def evaluate(self, *xs):
        """Computes in floating point, where BLAS is fast, if no partial sum can round; otherwise in
        integers."""
        x, = xs
        x = x if self.groups > 1 else x[..., None, :]
        weights = self.weights.reshape(self.groups, -1, self.inputs)
        most = int(np.abs(weights).sum(2).max()) * int(max(abs(x.min()), abs(x.max()), 1))
        kind = next((k for k, limit in EXACT.items() if most < limit), np.int64)
        sums = [x[..., g, :].astype(kind) @ w.T.astype(kind) for g, w in enumerate(weights)]
        found = np.concatenate(sums, axis=-1).astype(np.int64) + self.starts.ravel()
        return found if self.parts == 1 else found.reshape(*found.shape[:-1], -1, self.parts)

    @property
    def i_lanes(self):
        return self.simd

    @property
    def o_lanes(self):
        return self.pe * self.parts

    def takes(self, x):
        """Tells whether the scheme has gates for the codes of ``x``."""
        if x.coded is None or self.spatial:
            return x.coded is None
        try:
            self.scheme.gates(x.wire, self.table)
        except ValueError:
            return False
        return True

    def unit(self, *xs):
        return self._spatial(*xs) if self.spatial else self._folded(*xs)

    def _spatial(self, *xs) -> SpatialUnit:
        x, = xs
        return SpatialUnit(self.weights.reshape(-1, self.inputs), self.starts.ravel(),
                           x=x.value, y=self.infer(x).integer, levels=self.levels,
                           family=self.family)

    def _folded(self, *xs) -> MatVecUnit:
        x, = xs
        return MatVecUnit(self.scheme.gates(x.wire, self.table), self.codes, self.starts, x=x.wire,
                          y=self.infer(x).integer, pe=self.pe, simd=self.simd, storage=self.storage,
                          groups=self.groups)

    @property
    def gap(self) -> int:
        """Cycles between two memory words; a compressed code takes one cycle."""
        return self.pe * self.simd // self.scheme.group if self.storage == "huffman" else 1

    @property
    def stored_bits(self) -> int:
        """Bits of the weights and their table in memory."""
        if self.spatial:
            return 0
        if self.storage == "packed":
            return self.scheme.storage(self.codes, self.table)
        unit = self._folded(Tensor((self.inputs,), Int(0, 1)))
        return unit.memory().stored + table_bits(self.table)

    @property
    def synapse_fold(self) -> int:
        return self.inputs // self.simd

    @property
    def neuron_fold(self) -> int:
        """Number of times that each vector is read."""
        return self.outputs // self.groups // self.pe

    def interval(self, *xs):
        x, = xs
        return self.vectors(x) * self.synapse_fold * self.neuron_fold * self.gap

    def stream(self, net, ins, *xs):
        i, = ins
        if self.spatial:
            return net.pipeline(net.queue(i, 2), len(self._spatial(*xs).stages))
        fold, times = self.synapse_fold, self.neuron_fold
        vector = net.queue(i, 2) if times == 1 else net.banks(i, fold, fold * times, whole=False)
        if self.storage == "huffman":
            return net.widen(net.join((vector, self._decoded(net, *xs))), fold)
        return net.widen(net.register(vector), fold)

    def _decoded(self, net: Net, *xs: Tensor) -> Channel:
        """Weights as they are decoded: a code a cycle, and a word once all of its codes are there.
        """
        x, = xs
        memory = self._folded(x).memory()
        assert isinstance(memory, CompressedRom)
        gaps, values = memory.gaps, memory.values
        words = self.vectors(x) * self.synapse_fold * self.neuron_fold
        counts = (gaps.symbols + 1).tolist()
        rounds = words * memory.per_word // sum(counts)
        symbols = [net.decoder(d.code.lengths[d.symbols], d.word, d.code.longest,
                               rounds * len(counts)) for d in (gaps, values)]
        return net.widen(net.expand(symbols, counts, words * memory.per_word), memory.per_word)

    def schedule(self, arrivals, *xs):
        """Computes when output beats leave: a beat is read a cycle after its arrival and is in an
        accumulator three cycles later."""
        if self.spatial:
            return paced(arrivals + 1, 1) + len(self._spatial(*xs).stages)
        fold = self.gap * self.synapse_fold
        reads = arrivals.reshape(-1, self.synapse_fold) + 1
        last = (reads + self.gap * np.arange(self.synapse_fold)[::-1]).max(axis=1)
        last = paced(last, fold * self.neuron_fold)
        groups = fold * np.arange(self.neuron_fold)
        return (last[:, None] + 3 + groups - (0 if self.neuron_fold > 1 else 1)).ravel()

    def latest(self, leave, *xs):
        if self.spatial:
            return just_in_time(leave - 1 - len(self._spatial(*xs).stages))
        last = leave.reshape(-1, self.neuron_fold)[:, 0] - 3 + (0 if self.neuron_fold > 1 else 1)
        back = self.gap * np.arange(self.synapse_fold)[::-1]
        return just_in_time((last[:, None] - 1 - back).ravel())

    def operations(self, *xs):
        x, = xs
        return self.counted(x.wire.width, self.infer(x).integer).times(self.vectors(x))

    def counted(self, x_bits: int, y: Int) -> Operations:
        """Counts the operations for a vector of elements of ``x_bits`` bits, with sums in the
        interval ``y``."""
        element = self.scheme.element(self.table)
        products = self.outputs // self.groups * self.inputs
        codes = products // self.scheme.group
        multiplied = 0
        if isinstance(element, Tables) and element.suited(self.pe).table:
            # once for every word, for all outputs
            multiplied = self.inputs * len(element.codes) * x_bits * Int.of(self.weights).width
        elif isinstance(element, Multiply | Floats | Tables):
            multiplied = products * x_bits * Int.of(self.weights).width
        return Operations(codes * self.scheme.code_bits, multiplied,
                          codes * element.parts * y.width)
