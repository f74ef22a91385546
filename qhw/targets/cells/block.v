// A block RAM with two ports, each of its own width, as all the chips here have it.
//
// A row is UNITS units of UNIT bits: bytes, or bytes with a ninth bit that only ports of nine bits
// and more reach. Addresses count bits, eight to a unit; a port ignores those below its width.
// A port that writes shows its old word (READ_FIRST), the new one (WRITE_FIRST), or what it showed
// before (NO_CHANGE). GATED: reset needs the enable too. ASYNC: reset needs no clock.
// Not covered: both ports writing to one row in one cycle.
module qhw_block #(
  parameter UNIT = 9,
  parameter UNITS = 4,
  parameter ABITS = 14,
  parameter [512*UNITS*UNIT-1:0] INIT = 0,
  parameter A_WIDTH = 0,
  parameter B_WIDTH = 0,
  parameter A_MODE = "NO_CHANGE",
  parameter B_MODE = "NO_CHANGE",
  parameter GATED = 0,
  parameter ASYNC = 0
) (
  input a_clk, a_en, a_rst,
  input [UNITS-1:0] a_we,
  input [ABITS-1:0] a_ad,
  input [UNITS*UNIT-1:0] a_di,
  output [UNITS*UNIT-1:0] a_do,
  input b_clk, b_en, b_rst,
  input [UNITS-1:0] b_we,
  input [ABITS-1:0] b_ad,
  input [UNITS*UNIT-1:0] b_di,
  output [UNITS*UNIT-1:0] b_do
);
  localparam BITS = UNITS * UNIT;
  reg [BITS-1:0] rows [0:511];
  integer k;
  initial for (k = 0; k < 512; k = k + 1) rows[k] = INIT[k*BITS +: BITS];

  wire [BITS-1:0] a_old = rows[a_ad[ABITS-1:ABITS-9]], a_mask, a_new;
  wire [BITS-1:0] b_old = rows[b_ad[ABITS-1:ABITS-9]], b_mask, b_new;
  always @(posedge a_clk)
    if (|a_mask) rows[a_ad[ABITS-1:ABITS-9]] <= (a_old & ~a_mask) | (a_new & a_mask);
  always @(posedge b_clk)
    if (|b_mask) rows[b_ad[ABITS-1:ABITS-9]] <= (b_old & ~b_mask) | (b_new & b_mask);

  qhw_block_port #(.UNIT(UNIT), .UNITS(UNITS), .ABITS(ABITS), .WIDTH(A_WIDTH), .MODE(A_MODE),
                   .GATED(GATED), .ASYNC(ASYNC)) a (
    .clk(a_clk), .en(a_en), .rst(a_rst), .we(a_we), .place(a_ad[ABITS-10:0]), .di(a_di),
    .old(a_old), .mask(a_mask), .row(a_new), .q(a_do));
  qhw_block_port #(.UNIT(UNIT), .UNITS(UNITS), .ABITS(ABITS), .WIDTH(B_WIDTH), .MODE(B_MODE),
                   .GATED(GATED), .ASYNC(ASYNC)) b (
    .clk(b_clk), .en(b_en), .rst(b_rst), .we(b_we), .place(b_ad[ABITS-10:0]), .di(b_di),
    .old(b_old), .mask(b_mask), .row(b_new), .q(b_do));
endmodule

// One port: where its word is in a row, what it writes there, and what it shows. Width 0: unused.
module qhw_block_port #(
  parameter UNIT = 9, UNITS = 4, ABITS = 14, WIDTH = 0, MODE = "NO_CHANGE", GATED = 0,
  parameter ASYNC = 0
) (
  input clk, en, rst,
  input [UNITS-1:0] we,
  input [ABITS-10:0] place,
  input [UNITS*UNIT-1:0] di, old,
  output [UNITS*UNIT-1:0] mask, row,
  output reg [UNITS*UNIT-1:0] q
);
  localparam BITS = UNITS * UNIT;
  localparam COUNT = WIDTH / UNIT;
  if (WIDTH != 0 && WIDTH != 1 && WIDTH != 2 && WIDTH != 4 && WIDTH != UNIT
      && WIDTH != 2 * UNIT && WIDTH != 4 * UNIT && WIDTH != BITS)
    $error("The model of the block RAM has no width %0d", WIDTH);
  if (MODE != "NO_CHANGE" && MODE != "WRITE_FIRST" && MODE != "READ_FIRST")
    $error("The model of the block RAM has no write mode %s", MODE);

  wire [ABITS-13:0] unit = place[ABITS-10:3] & ~(COUNT > 1 ? COUNT - 1 : 0);
  wire [2:0] bits = COUNT ? 0 : place[2:0] & ~(WIDTH - 1);
  wire [6:0] at = unit * UNIT + bits;
  wire [BITS-1:0] word = {BITS{1'b1}} >> (BITS - WIDTH);

  wire [BITS-1:0] enabled;
  genvar k;
  for (k = 0; k < BITS; k = k + 1)
    assign enabled[k] = k < WIDTH && we[k / UNIT];
  wire writes = WIDTH != 0 && en && |enabled;
  assign mask = writes ? enabled << at : 0;
  assign row = di << at;

  wire [BITS-1:0] shown = MODE == "WRITE_FIRST" ? (old & ~mask) | (row & mask) : old;
  wire [BITS-1:0] next = MODE == "NO_CHANGE" && writes ? q : shown >> at & word;
  initial q = 0;
  if (ASYNC) begin
    always @(posedge clk, posedge rst)
      if (rst) q <= 0;
      else if (en) q <= next;
  end else begin
    always @(posedge clk)
      if (rst && (en || !GATED)) q <= 0;
      else if (en) q <= next;
  end
endmodule
