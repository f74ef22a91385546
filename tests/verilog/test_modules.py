"""Designs of many modules: they mean what Amaranth means, and others' tools read them."""

import re
import warnings
from fractions import Fraction

import numpy as np
import pytest
from amaranth.hdl import (
    Cat,
    ClockSignal,
    Const,
    Instance,
    Module,
    Signal,
)
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from qhw.design.top import Top
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import ArgMax, Dense, Input, Quantize, Sign
from qhw.lower import lower
from qhw.schemes.binary import Binary
from qhw.schemes.fixed import Fixed
from qhw.schemes.ternary import Ternary
from qhw.tools import programs
from qhw.verilog import verilog
from tests.seeds import rotating
from tests.verilog.soup import INPUTS, Soup, expected, verilated


@pytest.mark.slow(but=2)
@pytest.mark.parametrize("seed", [*range(4), *rotating(1)])
def test_verilog_means_what_amaranth_means(tmp_path, runtime, seed):
    rng = np.random.default_rng(seed)
    samples = np.stack([*(rng.integers(0, 1 << shape.width, 300) for _, shape in INPUTS),
                        rng.random(300) < 0.05], axis=1).astype(int).tolist()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = verilog(Soup(seed), "soup")
        names, wanted = expected(Soup(seed), samples)
    found = verilated(tmp_path, text, samples, names, runtime)
    for k, (row, want) in enumerate(zip(found, wanted, strict=True)):
        wrong = [(n, w, v) for n, w, v in zip(names, want, row, strict=True) if w != v]
        assert not wrong, f"sample {k}: (name, Amaranth, Verilator) {wrong[:5]}"
    assert max(map(len, text.splitlines())) <= 100


class Sums(wiring.Component):
    """Comparisons of sums of one length, signed ones with unsigned ones."""

    def __init__(self):
        super().__init__({name: In(shape) for name, shape in INPUTS} | {"y": Out(8)})

    def elaborate(self, platform):
        m = Module()
        plain, with_sign = self.b + self.b, self.c + self.c
        m.d.comb += self.y.eq(Cat(
            relation for one, other in ((plain, with_sign), (with_sign, plain))
            for relation in (one < other, one >= other, one == other, one != other)))
        m.d.sync += Signal().eq(1)
        return m


def test_sums_of_either_sign_are_compared_whole(tmp_path, runtime):
    """All values of both: the unsigned sum needs a bit more than its wire has."""
    names = [name for name, _ in INPUTS]
    samples = [[b if name == "b" else c & 15 if name == "c" else 0 for name in names] + [0]
               for b in range(16) for c in range(-8, 8)]
    wanted = [sum(bit << k for k, bit in enumerate((
        2 * b < 2 * c, b >= c, b == c, b != c, c < b, c >= b, c == b, c != b)))
        for b in range(16) for c in range(-8, 8)]
    found = verilated(tmp_path, verilog(Sums(), "soup"), samples, ["y"], runtime)
    assert [y for y, in found] == wanted


class Platform:
    """Memories as instances."""

    def get_memory(self, memory):
        read, = memory.read_ports
        width, depth = len(read.data), memory.depth
        words = sum((int(w) & (1 << width) - 1) << k * width for k, w in enumerate(memory.init))
        writes = {}
        for port in memory.write_ports:
            writes = {"i_w_en": port.en, "i_w_addr": port.addr, "i_w_data": port.data}
        return Instance("memory" if writes else "rom", p_WIDTH=width, p_DEPTH=depth,
                        p_ABITS=len(read.addr), i_clk=ClockSignal(), i_en=read.en,
                        i_addr=read.addr, o_data=read.data, **writes,
                        **({} if writes else {"p_INIT": Const(words, width * depth)}))


MEMORIES = """
module rom #(parameter WIDTH = 1, DEPTH = 1, ABITS = 1, parameter [WIDTH*DEPTH-1:0] INIT = 0) (
  input wire clk, input wire en, input wire [ABITS-1:0] addr, output reg [WIDTH-1:0] data
);
  always @(posedge clk) if (en) data <= INIT[addr * WIDTH +: WIDTH];
endmodule

module memory #(parameter WIDTH = 1, DEPTH = 1, ABITS = 1) (
  input wire clk, input wire en, input wire [ABITS-1:0] addr, output reg [WIDTH-1:0] data,
  input wire w_en, input wire [ABITS-1:0] w_addr, input wire [WIDTH-1:0] w_data
);
  reg [WIDTH-1:0] words [0:DEPTH-1];
  always @(posedge clk) if (en) data <= words[addr];
  always @(posedge clk) if (w_en) words[w_addr] <= w_data;
endmodule
"""


def network():
    """A layer of each weight format."""
    rng = np.random.default_rng(0)

    def dense(scheme, outputs, inputs, *, per_channel=True):
        found = scheme.quantize(rng.normal(size=(outputs, inputs)), per_channel=per_channel)
        return Dense(scheme, found)

    nodes = [Node("input", Input((16,), Int(0, 15)))]
    for name, op in (("fc1", dense(Ternary(), 8, 16)), ("a1", Quantize(Int(0, 3), Fraction(1, 3))),
                     ("fc2", dense(Fixed(8), 8, 8)), ("a2", Quantize(Int(-4, 3), Fraction(1, 3))),
                     ("fc3", dense(Binary(), 6, 8)), ("a3", Sign()),
                     ("fc4", dense(Fixed(3), 4, 6, per_channel=False)), ("am", ArgMax())):
        nodes.append(Node(name, op, (nodes[-1].name,)))
    return lower(Graph("sample", tuple(nodes)))


@pytest.fixture(scope="module")
def sample():
    return verilog(Top(network()), "sample", platform=Platform())


def test_lines_fit_and_names_are_plain(sample):
    assert max(map(len, sample.splitlines())) <= 100
    assert "\\" not in sample
    assert set(re.findall(r"\$\w*", sample)) <= {"$signed", "$unsigned"}


def test_modules_that_are_alike_are_written_once(sample):
    bodies = re.findall(r"^module \w+ (.*?)^endmodule", sample, flags=re.MULTILINE | re.DOTALL)
    assert len(bodies) == len(set(bodies))
    assert re.findall(r"^module (sample_fc1_tile\w*)", sample, flags=re.MULTILINE) == [
        "sample_fc1_tile", "sample_fc1_tile_pe"]
    assert re.search(r"// \d+ instances: fc1\.tile\.pe0 \.\. pe\d", sample)


def test_the_same_twice(sample):
    assert verilog(Top(network()), "sample", platform=Platform()) == sample


def test_products_stay_products(sample):
    tile = sample[sample.index("module sample_fc2_tile_pe "):].split("endmodule")[0]
    assert re.search(r"x\[\d+:\d+\]\}?\)? \* \$signed\(w\[\d+:\d+\]\)", tile)


def test_verilator_lints_it(sample, tmp_path):
    """Extension to the left side's width is meant, and so are initial values on declarations.

    Ports may be unused, or be open.
    """
    (tmp_path / "sample.v").write_text(sample + MEMORIES)
    verilate, env, _ = programs.verilator()
    off = ["WIDTHEXPAND", "PROCASSINIT", "UNUSEDSIGNAL", "PINCONNECTEMPTY", "DECLFILENAME"]
    programs.run([*verilate, "--lint-only", "-Wall", *(f"-Wno-{w}" for w in off), "--top-module",
                  "sample", "sample.v"], cwd=tmp_path, env=env)


def test_yosys_reads_it(sample, tmp_path):
    (tmp_path / "sample.v").write_text(sample + MEMORIES)
    (tmp_path / "run.ys").write_text(
        "read_verilog sample.v\nhierarchy -check -top sample\nproc\ncheck -assert\n")
    said = programs.run([*programs.yosys(), "run.ys"], cwd=tmp_path)
    assert "Warning" not in said
