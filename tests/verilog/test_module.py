"""Modules as text, and what is refused because it cannot be said."""

import pytest
from amaranth.hdl import (
    ClockDomain,
    DomainRenamer,
    Module,
    Print,
    Signal,
    signed,
)
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from qhw.exact.num import Int
from qhw.hw.streams.stream import Buffer
from qhw.pe import Tile
from qhw.schemes.fixed import Fixed
from qhw.verilog import printed, verilog


def test_a_buffer_reads_like_this():
    assert verilog(Buffer(signed(4), 2), "buffer") == BUFFER


def test_a_tile_reads_like_this():
    tile = Tile(Fixed(3).element(), Int(0, 7), 2, 2)
    assert printed(tile, "tile", describe=lambda path: "fc1" if path == () else None).text == TILE


BUFFER = """\
// A skid buffer of two entries: full throughput, no combinational path from input to output.
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
// Computes PE dot products of the same SIMD activations, one cycle later.
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

// A processing element: the combinational dot product of SIMD activations and weights.
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


def two_domains(self, m):
    m.domains.fast = ClockDomain()
    z = Signal()
    m.d.fast += self.y.eq(1)
    m.d.sync += z.eq(1)


def other_clock(self, m):
    m.domains += ClockDomain("sync"), ClockDomain("fast", local=True)
    inner = component({"x": In(4), "y": Out(4)},
                      lambda self, m: m.d.sync.__iadd__(self.y.eq(self.x)))
    m.submodules.inner = DomainRenamer("fast")(inner)
    m.d.sync += self.y.eq(inner.y)


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
    deep = component({"x": Out(4)}, lambda self, m: m.d.comb.__iadd__(self.x.eq(1)))

    def inner(self, m):
        m.submodules.deep = deep
    m.submodules.inner = component({}, inner)
    m.d.comb += self.y.eq(deep.x)


@pytest.mark.parametrize(("body", "error", "says"), [
    (foreign, ValueError, "bad: other is neither a port nor driven here"),
    (other_domain, NotImplementedError, "bad: domain fast is not supported"),
    (two_domains, NotImplementedError, "bad: domains fast and sync are not supported in one"),
    (other_clock, NotImplementedError, r"bad\.inner: domain fast has another clock, which is not"),
    (falling, NotImplementedError, "bad: domain sync must have a rising edge"),
    (printing, NotImplementedError, "bad: Print is not supported"),
    (dividing, NotImplementedError, "bad: operator // is not supported"),
    (bare_memory, NotImplementedError, r"bad\.words: a MemoryInstance of Memory is not supported"),
    (bare_module, NotImplementedError, r"bad\.inner: a Fragment of Module is not supported"),
    (own_input, ValueError, "bad: x is driven here, and from elsewhere"),
    (grandchild, ValueError, r"bad: uses x, a port of bad\.inner\.deep"),
    (read_while_written, NotImplementedError, "bad: signal y is read in statements that assign"),
])
def test_what_cannot_be_said_is_refused(body, error, says):
    with pytest.raises(error, match=says):
        verilog(component({"x": In(4), "y": Out(4)}, body), "bad")


def test_a_submodule_with_a_reset_of_its_own():
    def body(self, m):
        sync, again = ClockDomain("sync"), ClockDomain("again", local=True)
        m.domains += sync, again
        again.clk = sync.clk
        inner = component({"x": In(4), "y": Out(4)},
                          lambda self, m: m.d.sync.__iadd__(self.y.eq(self.x)))
        m.submodules.inner = DomainRenamer("again")(inner)
        m.d.comb += [again.rst.eq(sync.rst | self.x[0]), inner.x.eq(self.x)]
        m.d.sync += self.y.eq(inner.y)
    text = verilog(component({"x": In(4), "y": Out(4)}, body), "top")
    assert "    .clk(clk),\n    .rst(again_rst),\n    .x(x)," in text
    assert "  assign again_rst = rst | x[0];" in text
    assert text.count("if (rst) begin") == 2


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
