"""Verilog as text: what Amaranth means, readable, and refused where it cannot be said."""

import re
import subprocess
import warnings
from fractions import Fraction

import numpy as np
import pytest
from amaranth.hdl import (
    Array,
    Cat,
    ClockDomain,
    ClockSignal,
    Const,
    Instance,
    Module,
    Mux,
    Print,
    Shape,
    Signal,
    Value,
    signed,
    unsigned,
)
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator

from qhw.design.top import Top
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.hw.streams.stream import Buffer
from qhw.layers import ArgMax, Dense, Input, Quantize, Sign
from qhw.lower import lower
from qhw.pe import Tile
from qhw.schemes.binary import Binary
from qhw.schemes.fixed import Fixed
from qhw.schemes.ternary import Ternary
from qhw.tools import programs
from qhw.verilog import printed, verilog
from tests.seeds import rotating

INPUTS = [("a", unsigned(1)), ("b", unsigned(4)), ("c", signed(4)), ("d", unsigned(7)),
          ("e", signed(9)), ("f", signed(1)), ("g", unsigned(3)), ("h", signed(6)),
          ("z", unsigned(0))]


# -- random modules

class Draw:
    """Random expressions over some signals."""

    def __init__(self, rng, signals):
        self.rng, self.signals = rng, signals

    def pick(self, *of):
        return of[self.rng.integers(len(of))]

    def value(self, depth) -> Value:
        if depth == 0 or self.rng.random() < 0.1:
            if self.rng.random() < 0.2:
                shape = Shape(int(self.rng.integers(1, 6)), bool(self.rng.integers(2)))
                return Const(int(self.rng.integers(-40, 40)), shape)
            return self.pick(*self.signals)
        made = getattr(self, self.pick(
            "ring", "ring", "ring", "bits", "compare", "unary", "shift", "mux", "cat", "slice",
            "slice", "part", "reduce", "cast", "chosen"))(depth - 1)
        return made if len(made) <= 48 else made[:24]

    def ring(self, depth):
        a, b = self.value(depth), self.value(depth)
        return self.pick(a + b, a - b, a * b)

    def bits(self, depth):
        a, b = self.value(depth), self.value(depth)
        return self.pick(a & b, a | b, a ^ b)

    def compare(self, depth):
        a, b = self.value(depth), self.value(depth)
        return self.pick(a < b, a <= b, a == b, a != b, a > b, a >= b)

    def unary(self, depth):
        a = self.value(depth)
        return self.pick(~a, -a, +a, ~a)

    def shift(self, depth):
        a, b, k = self.value(depth), self.value(depth).as_unsigned()[:3], self.rng.integers(5)
        if getattr(a, "operator", "") in ("<<", ">>"):
            a = ~a      # Verilator 5.48 makes a >> x >> y a >> (x + y), without the sum's carry
        return self.pick(a << b, a >> b, a << int(k), a >> int(k), a.shift_right(int(k)))

    def mux(self, depth):
        return Mux(self.value(depth), self.value(depth), self.value(depth))

    def chosen(self, depth):
        return Value.cast(Array(self.value(depth) for _ in range(3))[self.value(depth)[:2]])

    def cat(self, depth):
        return self.pick(Cat(self.value(depth), self.value(depth)),
                         Cat(self.value(depth), self.value(0), self.value(0)),
                         self.value(0).replicate(2))

    def slice(self, depth):
        a = self.value(depth)
        lo, hi = sorted(int(k) for k in self.rng.integers(0, len(a) + 1, 2))
        return a[lo:hi]

    def part(self, depth):
        # Amaranth's simulator is wrong on parts of what has not been masked: hence Cat.
        a, off = self.value(depth), self.value(depth).as_unsigned()[:2]
        a = a if isinstance(a, Signal) else Cat(a)
        n = int(self.rng.integers(1, 5))
        return self.pick(a.bit_select(off, n), a.word_select(off, n))

    def reduce(self, depth):
        a = self.value(depth)
        return self.pick(a.any(), a.all(), a.xor(), a.bool())

    def cast(self, depth):
        a = self.value(depth)
        return a.as_signed() if len(a) and self.rng.integers(2) else a.as_unsigned()


class Soup(wiring.Component):
    """Everything that a module can say, at random."""

    def __init__(self, seed, outputs=40, registers=6):
        self.seed, self.outputs, self.registers = seed, outputs, registers
        rng = np.random.default_rng(seed)
        shapes = [Shape(int(rng.integers(1, 14)), bool(rng.integers(2)))
                  for _ in range(outputs + 2 * registers)]
        super().__init__({name: In(shape) for name, shape in INPUTS} | {
            f"y{k}": Out(shape, init=int(rng.integers(0, 2)) - shape.signed)
            for k, shape in enumerate(shapes)})

    def elaborate(self, platform):
        m = Module()
        rng = np.random.default_rng(self.seed)
        draw = Draw(rng, [getattr(self, name) for name, _ in INPUTS])
        every = [getattr(self, f"y{k}") for k in range(self.outputs + 2 * self.registers)]
        comb = every[:self.outputs]
        for y in comb[::2]:
            m.d.comb += y.eq(draw.value(4))
        self.block(m, m.d.comb, draw, comb[1::4], 2)
        self.block(m, m.d.comb, draw, comb[3::4], 2)
        for first in (self.outputs, self.outputs + self.registers):
            group = every[first:first + self.registers]
            inner = Draw(rng, [*draw.signals, *group])
            for _ in range(3):
                self.block(m, m.d.sync, inner, group, 2)
        return m

    def block(self, m, domain, draw, targets, depth):
        """Statements that assign ``targets``."""
        for _ in range(3):
            kind = draw.rng.integers(5) if depth else 0
            if kind < 2:
                domain += self.target(draw, targets).eq(draw.value(2))
            elif kind < 4:
                with m.If(draw.value(2).bool()):
                    self.block(m, domain, draw, targets, depth - 1)
                with m.Elif(draw.value(2).bool()):
                    self.block(m, domain, draw, targets, depth - 1)
                if kind == 3:
                    with m.Else():
                        self.block(m, domain, draw, targets, depth - 1)
            else:
                self.switch(m, domain, draw, targets, depth)

    def switch(self, m, domain, draw, targets, depth):
        test = draw.value(2)[:3]
        n = len(test)
        dashes = draw.rng.integers(2)
        with m.Switch(test):
            for _ in range(3):
                patterns = ["".join(draw.pick(*("01-" if dashes else "01")) for _ in range(n))
                            for _ in range(draw.rng.integers(1, 3))]
                with m.Case(*patterns):
                    self.block(m, domain, draw, targets, depth - 1)
            with m.Default():
                self.block(m, domain, draw, targets, depth - 1)

    def target(self, draw, targets):
        y = draw.pick(*targets)
        k, off = int(draw.rng.integers(1, 4)), draw.value(1).as_unsigned()[:2]
        match draw.rng.integers(8):
            case 0:
                return y[:k]
            case 1:
                return y.word_select(off, k)
            case 2:
                return y.bit_select(off, k)
            case 3:
                return Cat(y[:1], draw.pick(*targets))
            case 4:
                return Value.cast(Array([y, draw.pick(*targets)])[off])
            case 5:
                return y.word_select(off, k)[:max(k - 1, 1)]
        return y


def expected(component, samples):
    """Outputs after each clock edge, by Amaranth's simulator."""
    names = [path[0] for path, member, _ in component.signature.flatten(component)
             if member.flow is Out]
    found = []

    async def bench(ctx):
        for row in samples:
            ctx.set(component_reset, int(row[-1]))
            for (name, _), value in zip(INPUTS, row, strict=False):
                ctx.set(getattr(component, name), int(value))
            await ctx.tick()
            found.append([ctx.get(getattr(component, n)) & (1 << len(getattr(component, n))) - 1
                          for n in names])

    m = Module()
    m.domains.sync = domain = ClockDomain()
    component_reset = domain.rst
    m.submodules.dut = component
    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.run()
    return names, found


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    """Verilator's own part, compiled once."""
    folder = tmp_path_factory.mktemp("runtime")
    _, _, include = programs.verilator()
    sources = [include / "verilated.cpp", include / "verilated_threads.cpp"]
    programs.run([*programs.cxx(), "-std=gnu++20", "-O0", f"-I{include}", "-c", *sources],
                 cwd=folder)
    return sorted(folder.glob("*.o"))


def verilated(folder, sources, samples, names, runtime):
    """The same by Verilator; the clock ticks after each row of inputs."""
    (folder / "dut.v").write_text(sources)
    verilate, env, include = programs.verilator()
    programs.run([*verilate, "--cc", "--prefix", "Vdut", "--Mdir", ".", "--top-module", "soup",
                  "-Wno-fatal", "-Wno-lint", "-Wno-style", "dut.v"], cwd=folder, env=env)
    sets = "".join(f"  dut.{name} = row[{k}];\n" for k, (name, shape) in enumerate(INPUTS)
                   if shape.width)
    gets = "".join(f'  printf("%llu ", (unsigned long long)dut.{name});\n' for name in names)
    rows = ",\n".join("{" + ", ".join(str(int(v)) for v in row) + "}" for row in samples)
    (folder / "main.cc").write_text(
        '#include "Vdut.h"\n#include <cstdio>\n'
        f"static const int rows[][{len(samples[0])}] = {{\n{rows}\n}};\n"
        "int main() {\n Vdut dut; dut.clk = 0;\n for (auto &row : rows) {\n"
        f"{sets}  dut.rst = row[{len(INPUTS)}];\n  dut.eval(); dut.clk = 1; dut.eval();\n"
        "  dut.clk = 0; dut.eval();\n"
        f'{gets}  printf("\\n");\n }}\n}}\n')
    generated = sorted(folder.glob("*.cpp"))
    (folder / "all.cc").write_text("".join(f'#include "{s.name}"\n' for s in generated))
    programs.run([*programs.cxx(), "-std=gnu++20", "-O0", f"-I{include}", "-I.", "main.cc",
                  "all.cc", *runtime, "-pthread", "-o", "sim"], cwd=folder)
    answer = subprocess.run([folder / "sim"], capture_output=True, text=True, check=True).stdout
    return [[int(word) for word in line.split()] for line in answer.splitlines()]


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


# -- text

def test_a_buffer_reads_like_this():
    assert verilog(Buffer(signed(4), 2), "buffer") == BUFFER


def test_a_tile_reads_like_this():
    tile = Tile(Fixed(3).element(), Int(0, 7), 2, 2)
    assert printed(tile, "tile", describe=lambda path: "fc1" if path == () else None).text == TILE


BUFFER = """\
// Two entries: full throughput, and no combinational path from one end to the other.
module buffer (
  input wire clk,
  input wire rst,
  input wire [7:0] i_payload,
  input wire i_valid,
  output wire i_ready,
  output reg [7:0] o_payload = 8'd0,
  output reg o_valid = 1'b0,
  input wire o_ready
);
  reg full = 1'b0;
  wire move;
  reg [7:0] spare = 8'd0;

  assign i_ready = ~full;
  assign move = o_ready | ~o_valid;

  always @(posedge clk) begin
    if (rst) begin
      o_valid <= 1'b0;
      o_payload <= 8'd0;
      full <= 1'b0;
      spare <= 8'd0;
    end else if (move) begin
      o_valid <= i_valid | full;
      o_payload <= spare;
      full <= 1'b0;
      if (~full) begin
        o_payload <= i_payload;
      end
    end else if (i_valid & ~full) begin
      spare <= i_payload;
      full <= 1'b1;
    end
  end

endmodule
"""

TILE = """\
// fc1
// outputs (PE) dot products of the same lanes (SIMD) activations, one cycle later.
module tile (
  input wire clk,
  input wire rst,
  input wire [17:0] i_payload,
  input wire i_valid,
  output wire i_ready,
  output reg [13:0] o_payload = 14'd0,
  output reg o_valid = 1'b0,
  input wire o_ready
);
  wire signed [6:0] pe0_y;
  wire signed [6:0] pe1_y;

  tile_pe pe0 (
    .x(i_payload[5:0]),
    .w(i_payload[11:6]),
    .y(pe0_y)
  );

  tile_pe pe1 (
    .x(i_payload[5:0]),
    .w(i_payload[17:12]),
    .y(pe1_y)
  );

  assign i_ready = o_ready | ~o_valid;

  always @(posedge clk) begin
    if (rst) begin
      o_valid <= 1'b0;
      o_payload <= 14'd0;
    end else if (i_ready) begin
      o_valid <= i_valid;
      o_payload[6:0] <= pe0_y;
      o_payload[13:7] <= pe1_y;
    end
  end

endmodule

// One processing element: what its lanes add up to, combinational.
// 2 instances: pe0 .. pe1.
module tile_pe (
  input wire [5:0] x,
  input wire [5:0] w,
  output wire signed [6:0] y
);
  assign y =
    (x[2:0] & {3{w[0]}})
    + (x[5:3] & {3{w[3]}})
    + (((x[2:0] & {3{w[1]}}) + (x[5:3] & {3{w[4]}})) << 1)
    - (((x[2:0] & {3{w[2]}}) + (x[5:3] & {3{w[5]}})) << 2);

endmodule
"""


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


# -- refusals

def component(ports, body):
    """A component that elaborates as ``body(self, m)`` says."""
    class Made(wiring.Component):
        def elaborate(self, platform):
            m = Module()
            body(self, m)
            return m
    return Made(ports)


def foreign(self, m):
    m.d.comb += self.y.eq(Signal(name="other"))


def other_domain(self, m):
    m.domains.fast = ClockDomain()
    m.d.fast += self.y.eq(1)


def falling(self, m):
    m.domains.sync = ClockDomain(clk_edge="neg")
    m.d.sync += self.y.eq(1)


def printing(self, m):
    m.d.sync += Print("y", self.y)
    m.d.sync += self.y.eq(1)


def dividing(self, m):
    m.d.comb += self.y.eq(self.x // 2)


def bare_memory(self, m):
    m.submodules.words = memory = Memory(shape=4, depth=4, init=[])
    m.d.comb += self.y.eq(memory.read_port().data)


def bare_module(self, m):
    m.submodules.inner = Module()


def own_input(self, m):
    m.d.comb += self.x.eq(1)


def read_while_written(self, m):
    with m.If(self.x[0]):
        m.d.comb += [self.y[0].eq(1), self.y[1].eq(self.y[0])]


def grandchild(self, m):
    def outer(middle, n):
        n.submodules.deep = self.deep = component({"x": In(4)}, lambda self, m: None)
    m.submodules.inner = component({}, outer)
    m.d.comb += self.y.eq(1)


@pytest.mark.parametrize(("body", "error", "says"), [
    (foreign, ValueError, "bad: other is neither a port nor driven here"),
    (other_domain, NotImplementedError, "bad: domain fast is not supported"),
    (falling, NotImplementedError, "bad: domain sync must have a rising edge"),
    (printing, NotImplementedError, "bad: Print is not supported"),
    (dividing, NotImplementedError, "bad: operator // is not supported"),
    (bare_memory, NotImplementedError, r"bad\.words: a MemoryInstance of Memory is not supported"),
    (bare_module, NotImplementedError, r"bad\.inner: a Fragment of Module is not supported"),
    (own_input, ValueError, "bad: x is driven here, and from elsewhere"),
    (read_while_written, NotImplementedError, "bad: signal y is read in statements that assign"),
])
def test_what_cannot_be_said_is_refused(body, error, says):
    with pytest.raises(error, match=says):
        verilog(component({"x": In(4), "y": Out(4)}, body), "bad")


def test_names_give_way():
    def body(self, m):
        wire, again = Signal(4, name="wire"), Signal(4, name="x")
        m.submodules.begin = inner = component({"x": In(4), "y": Out(4)}, lambda self, m:
                                               m.d.comb.__iadd__(self.y.eq(self.x)))
        m.d.comb += [wire.eq(self.x + 1), again.eq(wire), inner.x.eq(again), self.y.eq(inner.y),
                     again.eq(wire)]
    text = verilog(component({"x": In(4), "y": Out(4)}, body), "names")
    assert "wire [3:0] wire_2;" in text
    assert "reg [3:0] x_2;" in text
    assert "names_begin begin_2 (" in text
