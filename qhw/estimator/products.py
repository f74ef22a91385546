"""Parts of products: processing elements, accumulators, and the combination of partial sums."""

import pickle
from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Const, Mux, Signal, Value

from ..adders.fuse import fused_cost
from ..adders.polarity import inverters
from ..exact.num import Int
from ..hw.fabric import Parts, added, times
from ..hw.storage.compressed import CompressedRom, TritRom
from ..hw.storage.memory import pack
from ..hw.units.combine import CombineUnit, RunTimeCombineUnit
from ..hw.units.dynamic import DynamicUnit
from ..hw.units.matvec import MatVecUnit
from ..hw.units.runtime import RunTimeUnit
from ..hw.units.spatial import SpatialUnit
from ..pe.gates import adder_tree
from .expressions import Expressions
from .parts import Chip, columns, made_of, read

__all__ = ["combine", "dynamic", "matvec", "runtime", "runtime_combine", "spatial"]

MOST, SOME = 1024, 192
"""Products that are mapped where all weights are constants, and where bits of them are; of more, as
many rows as that, and the rest in proportion."""


@made_of.register
def matvec(unit: MatVecUnit, chip: Chip) -> Parts:
    """Lists the parts of a matrix-vector unit."""
    x_bits = unit.simd * unit.x.width
    constant = unit.synapse_fold == unit.neuron_fold == 1
    if constant:
        used = int(unit.element.weights(unit.codes).any((0, 1)).sum())
        x_bits = used * unit.x.width
    tile = _tile(chip, unit) if not constant else _constant(chip, unit)
    operand = "ff.operand" if tile.get("dsp") else "ff"
    vector = (chip.buffer(x_bits, operand) if unit.times == 1
              else unit.replay().made_of(chip))
    parts = added(vector, tile, {"matvec": 1, "ff": 1})
    if constant:
        return dict(parts)
    if (constants := unit.constants()) is not None:
        parts = added(parts, chip.per_group(*constants)[0])
    return added(parts, _stored(chip, unit), chip.per_group(unit.starts(), unit.y)[0],
                 chip.counter(unit.synapse_fold))


def _accumulators(chip: Chip, e: Expressions, unit: MatVecUnit, sums: list[Signal]
                  ) -> list[Signal]:
    """What the accumulators become, of registers behind the sums."""
    begin, first = chip.per_group(unit.starts(), unit.y)[1], Signal()
    return [e.assign(Signal(unit.y.shape), (
        start if unit.synapse_fold == 1 else Mux(first, start, Signal(unit.y.shape))) + value)
        for start, value in zip(begin, sums, strict=False)]


def _x_lanes(unit: MatVecUnit) -> list[Value]:
    return [Signal(unit.x.shape) for _ in range(unit.simd)]


def _tile(chip: Chip, unit: MatVecUnit) -> Parts:
    """Lists the parts of a tile: processing elements, shared logic, registers and accumulators."""
    element, x, simd = unit.element, unit.x, unit.simd
    key = pickle.dumps((element, x, simd))
    if unit.constants() is not None:
        found = _elements(chip, unit, [_any(unit)])
    else:
        if key not in chip.elements:
            chip.elements[key] = _elements(chip, unit, [_any(unit)])
        found = chip.elements[key]
    # Synthesis sees constant bits of a memory only after it has mapped products to DSP blocks.
    rows = _weights(chip, unit)
    once, each, kinds, _ = _elements(chip, unit, rows, found[3]) if rows else found
    e = chip.expressions()
    sums = [e.given(unit.element.term(x).times(simd // element.group).shape, kinds[k % len(kinds)])
            for k in range(unit.lanes)]
    totals = _accumulators(chip, e, unit, sums)
    return added(once, times(each, unit.pe / max(len(rows), 1)), chip.mapped(e, totals))


def _elements(chip: Chip, unit: MatVecUnit, rows: list[list[Value]], blocks: Sequence[int] = ()
              ) -> tuple[Parts, Parts, list[list[str]], Sequence[int]]:
    """What processing elements share, what those with these weights are made of, what makes the
    bits of their sums, "0" where they are constant, and the DSP blocks of each product."""
    element, x, simd = unit.element, unit.x, unit.simd
    e = chip.expressions()
    lanes = _x_lanes(unit)
    constants = unit.constants()
    common = element.common(lanes, [] if constants is None else chip.per_group(
        *constants, seen=bool(blocks))[1])
    shape = element.common_layout(x, simd).elem_shape
    made = [] if common is lanes else [e.assign(Signal(shape), value) for value in common]
    e.need(*made)
    once, before = chip.mapped(e), e
    e = chip.expressions(blocks)
    inputs = e.taken(made, before) if made else lanes
    width = element.term(x).times(simd // element.group)
    sums = [e.assign(Signal(width.shape), y) for row in rows for y in element.dot(inputs, row)]
    each = chip.mapped(e, sums)
    kinds = [["0" if bit == 0 else "" if isinstance(bit, int) else bit.made_by
              for bit in e.bits(y)] for y in sums]
    return once, each, kinds, e.decided


def _any(unit: MatVecUnit) -> list[Value]:
    """Weights of which nothing is known."""
    return [Signal(unit.element.bits) for _ in range(unit.simd // unit.element.group)]


def _weights(chip: Chip, unit: MatVecUnit) -> list[list[Value]]:
    """The codes of each processing element as synthesis sees them, or none if all their bits
    differ: those of a memory in logic may be constant or alike in all words."""
    count, bits = unit.simd // unit.element.group, unit.element.bits
    words, width = unit.rows(), unit.pe * count * bits
    if unit.storage != "packed" or chip.family.style(width, len(words), writable=False) == "block":
        return []
    some = min(unit.pe, max(SOME // unit.simd, 1)) * count
    seen = pack(words[:, :some], bits)
    found = columns(seen, bits * some)
    if len({0, (1 << len(seen)) - 1, *found}) == len(found) + 2:
        return []
    codes = read(found, len(seen), Int(0, (1 << bits) - 1))
    return [codes[k:k + count] for k in range(0, some, count)]


def _constant(chip: Chip, unit: MatVecUnit) -> Parts:
    """Lists the parts of a product with all weights constant at once, accumulators included."""
    e, element = chip.expressions(), unit.element
    lanes = _x_lanes(unit)
    rows = min(unit.pe, max(MOST // unit.simd, 1))
    shared = element.shared(unit.simd)
    constants: list[Value] = [] if shared is None else [
        _constant_net(int(v), shared[1]) for v in shared[0].ravel()]
    common = element.common(lanes, constants)
    if common is not lanes:
        layout = element.common_layout(unit.x, unit.simd)
        common = [e.assign(Signal(layout.elem_shape), value) for value in common]
    sum_ = element.term(unit.x).times(unit.simd // element.group)
    sums: list[Any] = []
    for row in unit.codes[:rows]:
        weights: list[Value] = [Const(int(c), element.bits) for c in row]
        sums += element.dot(common, weights)
    e.share(sums)
    sums = [e.assign(Signal(sum_.shape), y) for y in sums]
    totals = _accumulators(chip, e, unit, [e.register(value) for value in sums])
    return times(added(chip.mapped(e, sums, totals), {"constant": 1}), unit.pe / rows)


def _constant_net(value: int, interval: Int) -> Value:
    """A net that is constant: where it is read it has a sign, and a number has not."""
    bits = Const(value & (1 << interval.width) - 1, interval.width)
    return bits.as_signed() if interval.shape.signed else bits


def _stored(chip: Chip, unit: MatVecUnit) -> Parts:
    """The weights' memory, with the decoder if there is one."""
    memory, width = unit.memory(), unit.element.row(unit.simd).size * unit.pe
    if isinstance(memory, CompressedRom):
        return _huffman(chip, memory, width)
    if isinstance(memory, TritRom):
        words = pack(memory.packed, 8)
        return added(chip.rom(words, 8 * memory.packed.shape[1]),
                     {"trits": memory.packed.shape[1]})
    return chip.rom(list(memory.words), width)


def _huffman(chip: Chip, memory: CompressedRom, width: int) -> Parts:
    parts = added({"ff": width + 1, "huffman": 1}, chip.counter(memory.per_word))
    for d in (memory.gaps, memory.values):
        room = 3 * d.word
        shifters = room * (d.word.bit_length() + 2) + 8 * len(d.code.order)
        parts = added(parts, chip.rom(d.words, d.word), chip.counter(d.count),
                      {"huffman.bit": shifters, "ff": room + 16 + d.symbol})
    return dict(parts)


@made_of.register
def spatial(unit: SpatialUnit, chip: Chip) -> Parts:
    """Adders and tables are counted where they are made; registers stand behind each network."""
    parts = added(chip.buffer(unit.x.width * unit.matrix.shape[1]), {"ff": len(unit.stages)})
    adders = chip.family.adders
    for network in unit.stages:
        behind = int((network.pins[:, 0] >= network.first).sum())
        inverted = inverters(network) if adders.inverter else 0
        cells = fused_cost(network) if adders.fuses else network.cost
        parts = added(parts, {"column": cells + inverted, "ff": behind,
                              "ff.lone": len(network.pins) - behind})
    return parts


@made_of.register
def combine(unit: CombineUnit, chip: Chip) -> Parts:
    """Lists the parts of a combination with constant factors."""
    factor_parts, factors = chip.per_group(unit.factors, unit.factor)
    start_parts, starts = chip.per_group(unit.start, Int.of(unit.start))
    e = chip.expressions()
    begin, place = Signal(), Signal(range(unit.steps))
    scaled, totals = list[Signal](), list[Signal]()
    for lane in range(unit.pe):
        products = [e.assign(Signal(unit.product.shape), _chosen(e, unit, place, k) * factor)
                    for k, factor in enumerate(factors[lane * unit.each:][:unit.each])]
        base = starts[lane] if unit.steps == 1 else Mux(begin, starts[lane], Signal(unit.y.shape))
        totals.append(e.assign(Signal(unit.y.shape),
                               base + adder_tree([e.register(p) for p in products])))
        scaled += products
    copies = unit.pe * unit.parts * unit.x.width if unit.steps > 1 else 0
    return added(chip.mapped(e, scaled, totals), {"ff": 4, "ff.lone": copies, "combine": 1},
                 factor_parts, start_parts, chip.counter(unit.steps))


def _chosen(e: Expressions, unit: CombineUnit, place: Signal, k: int) -> Signal:
    """The part that multiplier ``k`` takes in a step."""
    choices = [Signal(unit.x.shape) for _ in range(k, unit.parts, unit.each)]
    part: Any = choices[0]
    for s, choice in enumerate(choices[1:], 1):
        part = Mux(place == s, choice, part)
    return e.assign(Signal(unit.x.shape), part)


@made_of.register
def runtime_combine(unit: RunTimeCombineUnit, chip: Chip) -> Parts:
    """Lists the parts of a combination with factors from a stream."""
    e = chip.expressions()
    part, factor = Signal(unit.x.shape), Signal(unit.given.shape)
    scaled = e.assign(Signal(unit.product.shape), unit.times(part, factor))
    total = e.assign(Signal(unit.y.shape), Signal(unit.y.shape) + Signal(unit.product.shape))
    lane = chip.mapped(e, [scaled], [total])
    selects = unit.x.width * (unit.parts - 1)
    copies = unit.pe * unit.parts * unit.x.width if unit.steps > 1 else 0
    return added(times(lane, unit.pe), {"lut": selects * unit.pe, "ff.lone": copies, "ff": 4},
                 chip.counter(unit.groups), chip.counter(unit.steps), {"combine": 1})


@made_of.register
def runtime(unit: RunTimeUnit, chip: Chip) -> Parts:
    """Statistics: a sum or a maximum of magnitudes for each pass, and the memory."""
    x_bits, depth = unit.words.size, 1 << (unit.length - 1).bit_length()
    width, passes = unit.factor.width, unit.passes + 1
    return added(
        chip.memory(x_bits, depth, writable=True), chip.counter(unit.length),
        chip.counter(unit.length), {"ff": 8 + passes * width, "runtime": 1},
        {"alu": passes * (unit.lanes * 2 * unit.x.width + width),
         "lut": 20 + unit.passes * 2 * x_bits})


@made_of.register
def dynamic(unit: DynamicUnit, chip: Chip) -> Parts:
    """Vectors are kept until their statistics are known, and factors until the sums are there."""
    bits = len(unit.codes.f.payload.as_value())
    return added(unit.vectors().made_of(chip),
                 runtime(unit.codes, chip), matvec(unit.product, chip),
                 runtime_combine(unit.combine, chip), times({"queue.bit": bits, "ff": bits}, 4))
