"""The models of block RAMs and multipliers against what memories and products are.

Each chip's synthesis is given memories of every shape that its blocks have; the netlist of blocks
must then behave like arrays, in every mode that synthesis chose.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from subprocess import run

import numpy as np
import pytest

from qhw.errors import ToolError
from qhw.simulators import netlist_sim
from qhw.simulators.verilator_sim import compiled
from qhw.targets import target

CYCLES = 6000
HARNESS = Path(__file__).with_name("clocked.cpp")
IN = {"en": 1, "re": 1, "we": 4, "wa": 14, "ra": 14, "data": 72}
"""Fields of a cycle's input, from the lowest bit."""
AT = dict(zip(IN, np.cumsum([0, *IN.values()]).tolist(), strict=False))


@dataclass(frozen=True)
class Ram:
    """A memory of ``width`` by ``depth``: what it does in Verilog, and in Python."""

    kind: str
    width: int
    depth: int
    enables: int = 1

    @property
    def words(self):
        rng = np.random.default_rng(self.width * self.depth)
        return [int.from_bytes(rng.bytes(9), "little") % (1 << self.width)
                for _ in range(self.depth)]

    def verilog(self, k):
        """Its declarations, and its clocked statements."""
        high, bits = self.width - 1, (self.depth - 1).bit_length() - 1
        each = self.width // self.enables
        m, q = f"m{k}", f"q{k}"
        write = " ".join(
            f"if (we[{e}]) {m}[%s][{e * each} +: {each}] <= data[{e * each} +: {each}];"
            if self.enables > 1 else f"if (we[0]) {m}[%s] <= data[{high}:0];"
            for e in range(self.enables))
        here, there = f"ra[{bits}:0]", f"wa[{bits}:0]"
        body = {
            "rom": f"if (re) {q} <= {m}[{here}];",
            "sdp": f"if (re) {q} <= {m}[{here}]; {write.replace('%s', there)}",
            "no_change": f"if (en) begin if (we[0]) {m}[{here}] <= data[{high}:0]; "
                         f"else {q} <= {m}[{here}]; end",
            "write_first": f"if (en) begin if (we[0]) {m}[{here}] <= data[{high}:0]; "
                           f"{q} <= we[0] ? data[{high}:0] : {m}[{here}]; end",
            "read_first": f"if (en) begin if (we[0]) {m}[{here}] <= data[{high}:0]; "
                          f"{q} <= {m}[{here}]; end",
        }[self.kind]
        return (f'(* ram_style = "block" *) reg [{high}:0] {m} [0:{self.depth - 1}];\n'
                f'  reg [{high}:0] {q};\n  initial $readmemh("m{k}.hex", {m});', body)

    def answers(self, given):
        """(cycles,) what it puts out, and where that is known."""
        words, q, known = self.words, 0, False
        each, mask = self.width // self.enables, (1 << self.width) - 1
        for cycle in given:
            yield q, known
            read, write = cycle["ra"] % self.depth, cycle["wa"] % self.depth
            data, enabled = cycle["data"] & mask, cycle["we"] % (1 << self.enables)
            old = words[read]
            if self.kind == "sdp":
                if cycle["re"]:
                    q, known = old, not (read == write and enabled)
                for e in range(self.enables):
                    part = ((1 << each) - 1) << each * e
                    if enabled >> e & 1:
                        words[write] = words[write] & ~part | data & part
            elif self.kind == "rom":
                if cycle["re"]:
                    q, known = old, True
            elif cycle["en"]:
                if enabled:
                    words[read] = data
                if not enabled or self.kind != "no_change":
                    q, known = data if enabled and self.kind == "write_first" else old, True


@dataclass(frozen=True)
class Product:
    """A product of two fields of the data, each with a sign or not, one cycle later."""

    a: int
    b: int
    a_signed: bool
    b_signed: bool

    @property
    def width(self):
        return self.a + self.b

    def verilog(self, k):
        def factor(at, bits, signed):
            sign = f"data[{at + bits - 1}]" if signed else "1'b0"
            return f"$signed({{{sign}, data[{at} +: {bits}]}})"

        return (f"reg signed [{self.width - 1}:0] q{k};\n"
                f"  wire signed [{self.a}:0] a{k} = {factor(0, self.a, self.a_signed)};\n"
                f"  wire signed [{self.b}:0] b{k} = {factor(36, self.b, self.b_signed)};",
                f"q{k} <= a{k} * b{k};")

    def answers(self, given):
        y, known = 0, False
        for cycle in given:
            yield y, known
            a, b = cycle["data"] % (1 << self.a), (cycle["data"] >> 36) % (1 << self.b)
            a -= (1 << self.a) * (self.a_signed and a >> self.a - 1)
            b -= (1 << self.b) * (self.b_signed and b >> self.b - 1)
            y, known = a * b % (1 << self.width), True


NINES = [(1, 16384), (2, 8192), (4, 4096), (9, 2048), (18, 1024), (36, 512)]
ROMS = [Ram("rom", 1, 16384), Ram("rom", 36, 512)]
SINGLE = [Ram(kind, w, d) for kind in ("no_change", "write_first", "read_first")
          for w, d in ((9, 2048), (36, 512))]
SHAPES = {
    "ice40hx8k": [*(Ram(kind, w, d) for kind in ("rom", "sdp")
                    for w, d in ((16, 256), (8, 512), (4, 1024), (2, 2048)))],
    "ice40up5k": [Product(8, 8, True, True), Product(16, 16, True, True),
                  Product(16, 16, False, False), Product(12, 9, True, False)],
    "ecp5-25k": [*(Ram("sdp", w, d) for w, d in NINES), *ROMS,
                 Ram("sdp", 36, 512, 4), Ram("sdp", 18, 1024, 2), *SINGLE,
                 Product(9, 9, True, True), Product(18, 18, False, False),
                 Product(18, 18, True, False), Product(30, 12, True, True)],
    "gw1n-9c": [*(Ram("sdp", w, d) for w, d in NINES), *ROMS,
                Ram("sdp", 36, 512, 4), Ram("sdp", 18, 1024, 2), *SINGLE,
                Product(9, 9, True, True), Product(9, 9, False, False),
                Product(18, 18, True, False), Product(30, 20, True, True)],
    "xc7": [*(Ram("sdp", w, d) for w, d in (*NINES, (72, 512))), *ROMS,
            Ram("sdp", 36, 512, 4), Ram("sdp", 72, 512, 4), *SINGLE,
            Product(18, 25, True, True), Product(17, 24, False, False)],
}
CELLS = {
    "ice40hx8k": "SB_RAM40_4K", "ice40up5k": "SB_MAC16", "ecp5-25k": "DP16KD|MULT18X18D",
    "gw1n-9c": "SPX9|SP|SDPB|SDPX9B|MULT9X9|MULT18X18|MULT36X36",
    "xc7": "RAMB18E1|RAMB36E1|DSP48E1",
}


def design(shapes):
    """All of them side by side, as files; and the bytes that come out a cycle."""
    parts = [shape.verilog(k) for k, shape in enumerate(shapes)]
    width = sum(shape.width for shape in shapes)
    padded = -(-width // 32) * 32
    fields = "".join(f"  wire [{n - 1}:0] {name} = in[{AT[name]} +: {n}];\n"
                     for name, n in IN.items())
    outs = ", ".join(f"q{k}" for k in reversed(range(len(shapes))))
    newline = "\n    "
    text = (f"module top(input clk, input [127:0] in, output [{padded - 1}:0] out);\n{fields}  "
            + "\n  ".join(declared for declared, _ in parts)
            + f"\n  always @(posedge clk) begin{newline}{newline.join(does for _, does in parts)}"
            f"\n  end\n  assign out = {{{outs}}};\nendmodule\n")
    files = {"top.v": text}
    for k, shape in enumerate(shapes):
        if isinstance(shape, Ram):
            files[f"m{k}.hex"] = "".join(f"{word:x}\n" for word in shape.words)
    return files, padded // 8


def inputs(seed):
    """Random, with addresses that come again."""
    rng = np.random.default_rng(seed)
    few = rng.integers(0, 1 << 14, 6)
    for _ in range(CYCLES):
        cycle = {"en": int(rng.integers(4) > 0), "re": int(rng.integers(4) > 0),
                 "we": int(rng.integers(16)), "data": int.from_bytes(rng.bytes(9), "little")}
        for port in ("wa", "ra"):
            cycle[port] = int(few[rng.integers(6)] if rng.integers(4) else rng.integers(1 << 14))
        yield cycle


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("chip", SHAPES)
def test_blocks_are_memories_and_products(chip, tmp_path):
    shapes = SHAPES[chip]
    files, size = design(shapes)
    rtlil = netlist_sim.netlist(files, "top", target(chip))
    assert re.search(rf"^  cell \\({CELLS[chip]}) ", rtlil, re.MULTILINE)
    verilog = netlist_sim.flat(rtlil, "top", target(chip))
    program = compiled({"top.v": verilog, "harness.cpp": HARNESS.read_text(),
                        "sizes.h": f"#define IN_BYTES 16\n#define OUT_BYTES {size}\n"}, "top",
                       level="-O0")
    given = list(inputs(1))
    (tmp_path / "in").write_bytes(b"".join(
        sum(cycle[f] << AT[f] for f in IN).to_bytes(16, "little") for cycle in given))
    run([program, tmp_path / "in", tmp_path / "out"], check=True)
    out = (tmp_path / "out").read_bytes()
    words = [int.from_bytes(out[k * size:][:size], "little") for k in range(CYCLES)]
    at = 0
    for shape in shapes:
        wrong = [cycle for cycle, (q, known) in enumerate(shape.answers(given))
                 if known and words[cycle] >> at & (1 << shape.width) - 1 != q]
        assert not wrong, shape
        at += shape.width


def test_a_mode_that_no_model_has_is_refused():
    rtlil = """module \\top
  wire width 36 output 1 \\p
  cell \\MULT18X18 \\m
    parameter \\OUT_REG 1'1
    connect \\DOUT \\p
  end
end
"""
    with pytest.raises(ToolError, match="The model of this multiplier has no registers"):
        netlist_sim.flat(rtlil, "top", target("gw1n-9c"))
