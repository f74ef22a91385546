"""Every scheme's tile of two outputs: its gates are the sum, for all codes and all activations."""

from collections.abc import Iterator

import numpy as np
from amaranth.hdl import Shape

from qhw.exact.num import Int
from qhw.hw.storage.memory import pack
from qhw.pe import Element, Tile
from qhw.schemes import Scheme, schemes

from .proving import Property, emitted

INPUTS = (Int(0, 3), Int(-2, 1))
SMALL = {"dfp": {"bits": 4}, "flexpoint": {"bits": 5}, "minifloat": {"exponent": 3, "mantissa": 2},
         "shiftcnn": {"bits": 3}, "hashed": {"buckets": 16, "entry_bits": 4}}
"""Parameters with which a scheme has fewer codes: the gates are the same, only fewer."""
OUTPUTS = 2


def element(scheme: Scheme) -> Element:
    w = np.random.default_rng(0).normal(size=(3, 64))
    return scheme.element(scheme.quantize(w).table)


def tiles() -> Iterator[Property]:
    for name, kind in schemes.items():
        e = element(kind(**SMALL.get(name, {})))   # type: ignore
        for x in INPUTS:
            yield from properties(name, e, x)


def properties(name: str, e: Element, x: Int, lanes: int = 0) -> Iterator[Property]:
    """Of a tile with one code, or more ``lanes``, an output."""
    lanes = lanes or e.group * (2 if e.group == 1 and e.bits <= 4 else 1)
    tile = Tile(e, x, lanes, OUTPUTS)
    text = _around(tile, emitted(tile))
    unit = f"{name}, {lanes} activations of {x.lo}..{x.hi}"
    yield Property(unit, "the sums are those of the decoded weights",
                   text.replace("CHECK", _sums(tile)), 0)
    yield Property(unit, "sums that wait stay as they are", text.replace("CHECK", """
    if (waits) assert(o_valid && o_payload == was);"""), 0)
    yield Property(unit, "sums can come out", text.replace("CHECK", "").replace(
        "wire i_ready, o_valid;", "wire i_ready;\n  (* keep *) wire o_valid;"), 2, "o_valid")


def _around(tile: Tile, emitted_text: str) -> str:
    """A module that gives a tile any codes that occur, and any activations of its interval."""
    e, x, lanes = tile.element, tile.x, tile.lanes
    codes = lanes // e.group * tile.outputs
    shared, values = "", e.shared(lanes)
    if values is not None:
        constants, interval = values
        word, = pack(constants.reshape(1, -1), interval.width)
        shared = f"{constants.size * interval.width}'d{word}, "
    occurs = e.codes
    bounds = [f"{_x(tile, 'x', k)} >= {x.lo} && {_x(tile, 'x', k)} <= {x.hi}"
              for k in range(lanes)]
    if len(occurs) < 1 << e.bits:
        bounds += [" || ".join(f"w[{k * e.bits} +: {e.bits}] == {code}" for code in occurs)
                   for k in range(codes)]
    width = Shape.cast(tile.y.shape).width * tile.outputs * e.parts
    return f"""{emitted_text}
module claim(
  input clk, input [{x.width * lanes - 1}:0] x, input [{codes * e.bits - 1}:0] w,
  input i_valid, o_ready
);
  wire i_ready, o_valid;
  wire [{width - 1}:0] o_payload;
  reg [{width - 1}:0] was = 0;
  reg waits = 0;
  reg [{x.width * lanes - 1}:0] x_was = 0;
  reg [{codes * e.bits - 1}:0] w_was = 0;
  unit dut(.clk(clk), .rst(1'b0), .i_payload({{{shared}w, x}}), .i_valid(i_valid),
           .i_ready(i_ready), .o_payload(o_payload), .o_valid(o_valid), .o_ready(o_ready));
  always @(posedge clk) begin
    waits <= o_valid && !o_ready;
    was <= o_payload;
    if (i_ready) begin
      x_was <= x;
      w_was <= w;
    end
  end
  always @* begin
    {" ".join(f"assume({bound});" for bound in bounds)}
CHECK
  end
endmodule
"""


def _x(tile: Tile, name: str, k: int) -> str:
    width = tile.x.width
    sign = "" if tile.x.shape.signed else "1'b0, "
    return f"$signed({{{sign}{name}[{k * width} +: {width}]}})"


def _sums(tile: Tile) -> str:
    """What each output must be: for each code its weights times the activations, less its rest."""
    e, each = tile.element, tile.lanes // tile.element.group
    occurs = e.codes.reshape(-1, 1)
    weights, rest = e.weights(occurs), e.rest(occurs, tile.x)
    width = Shape.cast(tile.y.shape).width
    sign = "" if tile.y.shape.signed else "1'b0, "
    lines: list[str] = []
    for k in range(tile.outputs):
        for part in range(e.parts):
            at = width * (k * e.parts + part)
            table = list(zip(occurs[:, 0], weights[:, part], rest[:, part], strict=True))
            terms = "\n      + ".join(_term(tile, k * each + j, j * e.group, table)
                                      for j in range(each))
            lines.append(f"    if (o_valid) assert($signed({{{sign}o_payload[{at} +: {width}]}})"
                         f" == {terms});")
    return "\n".join(lines)


def _term(tile: Tile, code: int, first: int, table: list[tuple[int, np.ndarray, int]]) -> str:
    """What one code adds: its weights, by tables of the codes that occur."""
    bits = tile.element.bits
    read = f"w_was[{code * bits} +: {bits}]"
    products = [f"{_table(read, [(value, row[k]) for value, row, _ in table])}"
                f" * {_x(tile, 'x_was', first + k)}" for k in range(tile.element.group)]
    return f"{' + '.join(products)} - {_table(read, [(value, less) for value, _, less in table])}"


def _table(read: str, pairs: list[tuple[int, int]]) -> str:
    """A number for each code, as nested conditions; one that all have as it is."""
    if len({number for _, number in pairs}) == 1:
        return f"({int(pairs[0][1])})"
    text = "0"
    for value, number in pairs:
        text = f"{read} == {value} ? {int(number)} : {text}"
    return f"({text})"
