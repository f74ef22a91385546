"""What a network will cost, from the structure of its units, without any tool.

Flip-flops, block RAMs and DSP blocks are counted; LUTs are counted where the structure says how
many there are, and priced per family where packing and merging decide (``prices.py``).
"""

import warnings
from dataclasses import replace

import numpy as np
from amaranth.hdl import UnusedElaboratable, Value

from ..hw.argmax import ArgMaxUnit
from ..hw.combine import CombineUnit, RunTimeCombineUnit
from ..hw.compressed import CompressedRom, TritRom
from ..hw.dynamic import DynamicUnit
from ..hw.lookup import LookupUnit
from ..hw.matvec import MatVecUnit
from ..hw.memory import Rom, pack
from ..hw.requant import RequantUnit
from ..hw.runtime import RunTimeUnit
from ..hw.stream import Buffer, Narrow, Widen
from ..hw.threshold import ThresholdUnit
from ..ir import Graph
from ..num import Int
from ..pe import Ops
from .cost import Cost
from .estimate_streams import streams
from .plan import stages
from .prices import Prices, prices
from .targets import Target

__all__ = ["estimate"]

# Units are made here only to be asked what they are made of.
warnings.filterwarnings("ignore", category=UnusedElaboratable, module=r".*[/\\]qhw[/\\]")


def estimate(graph: Graph, target: Target) -> dict[str, Cost]:
    """The predicted cost of every unit of a lowered graph, in stream order."""
    model = _Model(target)
    units = stages(graph)
    beats = units[-1].y.size // units[-1].o_lanes
    costs = {unit.name: model.unit(unit.unit()) for unit in units} | {"": model.counter(beats)}
    return {name: replace(cost, luts=round(cost.luts)) for name, cost in costs.items()}


class _Model:
    """One method a component; each returns what the component takes of the target."""

    def __init__(self, target: Target):
        self.family = target.family
        self.has_dsp = bool(target.dsps) or target.family.name == "xc7"
        self.prices: Prices = prices(target.family.name)

    def unit(self, unit) -> Cost:
        match unit:
            case MatVecUnit():
                return self.matvec(unit)
            case ThresholdUnit():
                return self.threshold(unit)
            case RunTimeCombineUnit():
                return self.runtime_combine(unit)
            case CombineUnit():
                return self.combine(unit)
            case DynamicUnit():
                return (self.replay(len(Value.cast(unit.i.payload)), unit.codes.length, 1)
                        + self.runtime(unit.codes) + self.matvec(unit.product)
                        + self.runtime_combine(unit.combine)
                        + self.mux(4 * len(Value.cast(unit.codes.f.payload))))
            case LookupUnit():
                return self.lookup(unit)
            case RequantUnit():
                return self.requant(unit)
            case ArgMaxUnit():
                return self.argmax(unit)
            case Widen():
                width = len(Value.cast(unit.i.payload)) * unit.factor
                return (self.registers(width + 1) + self.counter(unit.factor)
                        + self.luts(unit.factor))
            case Narrow():
                width = len(Value.cast(unit.i.payload))
                return self.mux(width) + self.counter(unit.factor + 1)
            case Buffer():
                return self.buffer(len(Value.cast(unit.i.payload)))
            case _:
                return streams(self, unit)

    # -- layers

    def matvec(self, unit: MatVecUnit) -> Cost:
        x_bits, y_bits = unit.simd * unit.x.width, unit.lanes * unit.y.width
        cost = self.buffer(x_bits) if unit.times == 1 else self.replay(
            x_bits, unit.synapse_fold, unit.times)
        words = unit.weights()
        cost += self.stored(unit.memory(), unit.element.row(unit.simd).size * unit.pe)
        cost += self.tile(unit, constant=len(words) == 1)
        if (constants := unit.constants()) is not None:
            cost += self.per_group(*constants)
        starts = unit.starts()
        cost += self.per_group(starts, unit.y)
        if unit.synapse_fold > 1:
            cost += self.counter(unit.synapse_fold)
            zero = int((starts == 0).all(axis=0).sum()) * unit.y.width
            cost += self.luts(self.prices.select * (y_bits - zero) + self.prices.mask * zero)
        return cost + self.add(y_bits) + Cost(ffs=y_bits + 1) + self.luts(3)

    def stored(self, memory: Rom | CompressedRom | TritRom, width: int) -> Cost:
        """The weights' memory, with the decoder if there is one."""
        if isinstance(memory, Rom):
            return self.rom(list(memory.words), width)
        if isinstance(memory, TritRom):
            words = pack(memory.packed, 8)
            decoders = self.luts(25 * memory.packed.shape[1])
            return self.rom(words, 8 * memory.packed.shape[1]) + decoders
        cost = self.registers(width + 1) + self.counter(memory.per_word) + self.luts(8)
        for d in (memory.gaps, memory.values):
            room = 3 * d.word
            shifters = room * (d.word.bit_length() + 2) + 8 * len(d.code.order)
            cost += (self.rom(d.words, d.word) + self.luts(self.prices.choose * shifters)
                     + Cost(ffs=room + 16 + d.symbol) + self.counter(d.count))
        return cost

    def tile(self, unit: MatVecUnit, *, constant: bool) -> Cost:
        """The processing elements, what they share, and the register behind them."""
        element = unit.element
        width = element.term(unit.x).times(unit.simd // element.group).width
        each = self.sums(element.cost(unit.x, unit.simd), width, element.parts, constant=constant)
        common = self.sums(element.shared_cost(unit.x, unit.simd), width, 1)
        return Cost(each.luts * unit.pe + common.luts, width * unit.lanes + 1, 0,
                    each.dsps * unit.pe + common.dsps) + self.luts(1)

    def sums(self, ops: Ops, width: int, parts: int, *, constant: bool = False) -> Cost:
        """Gates, and ``parts`` sums of ``width`` bits that add up all the addends."""
        gate, carry_save, ripple = self.prices.sums[ops.gate]
        count, bits = (sum(n for n, _ in ops.addends), sum(n * w for n, w in ops.addends))
        luts = (gate * ops.gates * (0.5 if constant else 1)
                + carry_save * (max(bits - 2 * width * parts, 0) if count > 2 * parts else 0)
                + ripple * (width * parts if count > parts else 0)
                + self.prices.choose * ops.selects * (0.5 if constant else 1))
        if not ops.products:
            return Cost(luts)
        if self.has_dsp:
            return Cost(luts, dsps=ops.products * self.dsps(*ops.factors))
        return Cost(luts) + self.luts(
            self.prices.product * ops.products * ops.factors[0] * ops.factors[1])

    def dsps(self, a: int, b: int) -> int:
        """Blocks for a product of so many bits."""
        wide, narrow = sorted((a, b), reverse=True)
        return -(-(wide - 1) // self.family.dsp[0]) * -(-(narrow - 1) // self.family.dsp[1])

    def combine(self, unit: CombineUnit) -> Cost:
        multipliers, product = unit.pe * unit.each, unit.x * unit.factor
        cost = (self.per_group(unit.factors, unit.factor) + self.counter(unit.steps)
                + self.per_group(unit.start, Int.of(unit.start)))
        one = Ops(addends=((unit.each + 1, product.width),), products=unit.each,
                  selects=unit.x.width * (unit.parts - unit.each),
                  factors=(unit.x.width, unit.factor.width))
        lane = self.sums(one, unit.y.width, 1)
        return cost + Cost(lane.luts * unit.pe + 4,
                           multipliers * product.width + unit.pe * unit.y.width + 4, 0,
                           lane.dsps * unit.pe)

    def runtime_combine(self, unit: RunTimeCombineUnit) -> Cost:
        copies = unit.pe * unit.parts * unit.x.width if unit.steps > 1 else 0
        if unit.shifted:
            choose = unit.product.width * unit.given.hi.bit_length() * self.prices.choose
            lane = self.luts(choose)
        else:
            one = Ops(addends=((2, unit.product.width),), products=1,
                      selects=unit.x.width * (unit.parts - 1),
                      factors=(unit.x.width, unit.given.width))
            lane = self.sums(one, unit.y.width, 1)
        ffs = unit.pe * (unit.product.width + unit.y.width) + 4 + copies
        return (Cost(lane.luts * unit.pe, ffs, 0, lane.dsps * unit.pe)
                + self.counter(unit.groups) + self.counter(unit.steps)
                + self.add(unit.pe * unit.y.width) + self.luts(8))

    def runtime(self, unit: RunTimeUnit) -> Cost:
        """Statistics: a sum or a maximum of magnitudes for each pass, and the memory."""
        x_bits, depth = unit.words.size, 1 << (unit.length - 1).bit_length()
        width, passes = unit.factor.width, unit.passes + 1
        return (self.memory(x_bits, depth, writable=True) + self.counter(unit.length)
                + self.counter(unit.length) + Cost(ffs=8 + passes * width)
                + self.add(passes * (unit.lanes * 2 * unit.x.width + width)) + self.luts(
                    20 + unit.passes * 2 * x_bits))

    def lookup(self, unit: LookupUnit) -> Cost:
        words = pack(unit.table[:, None], unit.y.width)
        columns = _columns(words, unit.y.width)
        return Cost(luts=unit.pe * columns * self.prices.rom(len(words)) + 1,
                    ffs=unit.pe * columns + 1)

    def threshold(self, unit: ThresholdUnit) -> Cost:
        width = unit.limit.width
        cost = self.per_group(unit.level(0)[:, :, 0], unit.limit)
        if unit.level(0)[:, :, 0].any():
            cost += self.compare(width * unit.pe)
        cost += self.per_group(unit.flip, Int(0, 1))
        if unit.flip.any():
            cost += self.luts(unit.bits * unit.pe)
        group = max(unit.groups - 1, 0).bit_length()
        for level in range(1, unit.bits):
            cost += self.registers(1 + group + unit.pe * (unit.x.width + level))
            for lane in range(unit.pe):
                words = unit.level(level)[:, lane].reshape(-1, 1)
                cost += self.rom(pack(words, width), width, counted=False)
            cost += self.compare(width * unit.pe)
        return cost + (self.counter(unit.groups) if unit.bits > 1 else Cost()) + self.luts(2)

    def requant(self, unit: RequantUnit) -> Cost:
        factor, addend = Int.of(unit.multiplier), Int.of(unit.offset)
        product = unit.x * factor
        cost = self.per_group(unit.multiplier, factor) + self.per_group(unit.offset, addend)
        total, rounded = (product + addend).width, (product + addend).width - unit.shift + 1
        if self.has_dsp:
            cost += Cost(dsps=self.dsps(unit.x.width, factor.width) * unit.pe)
        else:
            cost += self.luts(self.prices.product * unit.x.width * factor.width * unit.pe)
        lane = self.add(total) + self.add(rounded) + self.compare(2 * rounded) + self.luts(
            2 * unit.y.width)
        return cost + Cost(lane.luts * unit.pe, 1 + unit.pe * product.width)

    def argmax(self, unit: ArgMaxUnit) -> Cost:
        ranks = Int.of(unit.rank)
        width = unit.x.width + (ranks.width if ranks.lo != ranks.hi else 0)
        index, beats = unit.y.width, len(unit.rank)
        cost = self.per_group(unit.rank, ranks) + self.counter(beats)
        for _ in range(unit.pe - 1):
            cost += self.compare(width) + self.luts(width + index)
        cost += self.compare(width) + self.registers(width + index) + self.add(
            index if beats > 1 else 0)
        return cost + Cost(ffs=index + 1) + self.luts(index + 2)

    # -- parts

    def luts(self, count: float) -> Cost:
        return Cost(luts=count)

    def add(self, bits: int) -> Cost:
        return self.luts(self.prices.add * bits)

    def mux(self, bits: int) -> Cost:
        """Registers behind a two-way multiplexer."""
        return Cost(luts=bits, ffs=bits)

    def compare(self, bits: int) -> Cost:
        return self.luts(self.prices.compare * bits)

    def registers(self, bits: int) -> Cost:
        """Registers with no logic before them."""
        return Cost(luts=self.prices.lone * bits, ffs=bits)

    def counter(self, count: int) -> Cost:
        """0 .. count - 1 and round again."""
        bits = max(count - 1, 0).bit_length()
        return Cost(luts=self.prices.counter * bits, ffs=bits)

    def buffer(self, bits: int) -> Cost:
        return self.mux(bits) + self.registers(bits) + Cost(luts=4, ffs=2)

    def replay(self, bits: int, length: int, times: int) -> Cost:
        place = self.counter(length)
        depth = 2 << max(length - 1, 0).bit_length()
        return (place + place + self.counter(times) + self.memory(bits, depth, writable=True)
                + Cost(luts=self.prices.replay, ffs=5))

    def memory(self, width: int, depth: int, *, writable: bool) -> Cost:
        """A writable memory with a read register, or a constant one in block RAM."""
        match self.family.style(width, depth, writable=writable):
            case "block":
                return Cost(brams=self.family.blocks(width, depth))
            case "distributed":
                luts = self.prices.distributed(width, depth)
                return Cost(luts=luts, ffs=width)
            case "logic":
                return Cost(luts=width * depth * (self.prices.lone + 0.75), ffs=width * (depth + 1))

    def rom(self, words: list[int], width: int, *, counted: bool = True) -> Cost:
        """A constant memory, with its address counter if it has one of its own."""
        depth = len(words)
        if depth == 1:
            return Cost()
        cost = self.counter(depth) + Cost(luts=1, ffs=1) if counted else Cost()
        if self.family.style(width, depth, writable=False) == "block":
            return cost + self.memory(width, depth, writable=False)
        columns = _columns(words, width)
        return cost + Cost(luts=columns * self.prices.rom(depth), ffs=columns)

    def per_group(self, values: np.ndarray, interval: Int) -> Cost:
        if (values == values[0]).all():
            return Cost()
        width = interval.width * values.shape[1]
        return self.rom(pack(values, interval.width), width)


def _columns(words: list[int], width: int) -> int:
    """Bits of a memory word that are neither constant nor a copy of another."""
    full = (1 << len(words)) - 1
    columns = {sum((word >> k & 1) << n for n, word in enumerate(words)) for k in range(width)}
    return len(columns - {0, full})
