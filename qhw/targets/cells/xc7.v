// The cells of Xilinx 7 series chips that Yosys has no model of, in the modes that it uses.

`define INIT_16(P, H) \
  P``H``0 = 0, P``H``1 = 0, P``H``2 = 0, P``H``3 = 0, P``H``4 = 0, P``H``5 = 0, P``H``6 = 0, \
  P``H``7 = 0, P``H``8 = 0, P``H``9 = 0, P``H``A = 0, P``H``B = 0, P``H``C = 0, P``H``D = 0, \
  P``H``E = 0, P``H``F = 0
`define INIT_8(P, H) \
  P``H``0 = 0, P``H``1 = 0, P``H``2 = 0, P``H``3 = 0, P``H``4 = 0, P``H``5 = 0, P``H``6 = 0, \
  P``H``7 = 0
`define LIST_16(P, H) P``H``F, P``H``E, P``H``D, P``H``C, P``H``B, P``H``A, P``H``9, P``H``8, \
  `LIST_8(P, H)
`define LIST_8(P, H) P``H``7, P``H``6, P``H``5, P``H``4, P``H``3, P``H``2, P``H``1, P``H``0

// Block RAM of UNITS bytes a row, each with a ninth bit. As SDP it reads with port A and writes
// with port B; at the full width each takes the other's data pins for the upper half.
module qhw_ramb #(
  parameter UNITS = 4, HALF = 9 * UNITS / 2, ABITS = 14, BYTES = 0, NINTHS = 0,
  parameter READ_A = 0, READ_B = 0, WRITE_A = 0, WRITE_B = 0,
  parameter MODE_A = "NO_CHANGE", MODE_B = "NO_CHANGE", RAM_MODE = "TDP"
) (
  input a_clk, a_en, a_rst, b_clk, b_en, b_rst,
  input [ABITS-1:0] a_ad, b_ad,
  input [UNITS/2-1:0] a_we,
  input [UNITS-1:0] b_we,
  input [4*UNITS-1:0] a_di, b_di,
  input [UNITS/2-1:0] a_dip, b_dip,
  output [4*UNITS-1:0] a_do, b_do,
  output [UNITS/2-1:0] a_dop, b_dop
);
  localparam SDP = RAM_MODE == "SDP";
  localparam WIDE_READ = SDP && READ_A == 9 * UNITS, WIDE_WRITE = SDP && WRITE_B == 9 * UNITS;
  if ((READ_A && WRITE_A && READ_A != WRITE_A) || (READ_B && WRITE_B && READ_B != WRITE_B))
    $error("The model of the block RAM has no port that reads and writes at different widths");
  if (SDP && (READ_B != 0 || WRITE_A != 0))
    $error("The model of the block RAM in SDP mode reads with A and writes with B only");

  function [512*9*UNITS-1:0] joined(input [4096*UNITS-1:0] bytes, input [512*UNITS-1:0] ninths);
    integer k;
    for (k = 0; k < 512 * UNITS; k = k + 1) joined[9*k +: 9] = {ninths[k], bytes[8*k +: 8]};
  endfunction

  wire [HALF-1:0] a_data, b_data;
  wire [2*HALF-1:0] a_out, b_out;
  wire [HALF-1:0] a_shown = a_out[HALF-1:0];
  wire [HALF-1:0] b_shown = WIDE_READ ? a_out[2*HALF-1:HALF] : b_out[HALF-1:0];
  genvar k;
  for (k = 0; k < UNITS / 2; k = k + 1) begin
    assign a_data[9*k +: 9] = {a_dip[k], a_di[8*k +: 8]};
    assign b_data[9*k +: 9] = {b_dip[k], b_di[8*k +: 8]};
    assign {a_dop[k], a_do[8*k +: 8]} = a_shown[9*k +: 9];
    assign {b_dop[k], b_do[8*k +: 8]} = b_shown[9*k +: 9];
  end
  qhw_block #(
    .UNITS(UNITS), .ABITS(ABITS), .INIT(joined(BYTES, NINTHS)), .GATED(1),
    .A_WIDTH(READ_A ? READ_A : WRITE_A), .B_WIDTH(READ_B ? READ_B : WRITE_B),
    .A_MODE(MODE_A), .B_MODE(MODE_B)
  ) block (
    .a_clk(a_clk), .a_en(a_en), .a_rst(a_rst), .a_we(WRITE_A ? a_we : {UNITS{1'b0}}),
    .a_ad(a_ad), .a_di(a_data), .a_do(a_out),
    .b_clk(b_clk), .b_en(b_en), .b_rst(b_rst), .b_we(WRITE_B ? b_we : {UNITS{1'b0}}),
    .b_ad(b_ad), .b_di(WIDE_WRITE ? {b_data, a_data} : b_data), .b_do(b_out));
endmodule

`define PARAMETERS \
  parameter DOA_REG = 0, DOB_REG = 0, RAM_MODE = "TDP"; \
  parameter READ_WIDTH_A = 0, READ_WIDTH_B = 0, WRITE_WIDTH_A = 0, WRITE_WIDTH_B = 0; \
  parameter WRITE_MODE_A = "WRITE_FIRST", WRITE_MODE_B = "WRITE_FIRST"; \
  parameter INIT_A = 0, INIT_B = 0, SRVAL_A = 0, SRVAL_B = 0; \
  parameter [0:0] IS_CLKARDCLK_INVERTED = 0, IS_CLKBWRCLK_INVERTED = 0; \
  parameter [0:0] IS_ENARDEN_INVERTED = 0, IS_ENBWREN_INVERTED = 0; \
  parameter [0:0] IS_RSTRAMARSTRAM_INVERTED = 0, IS_RSTRAMB_INVERTED = 0; \
  parameter [0:0] IS_RSTREGARSTREG_INVERTED = 0, IS_RSTREGB_INVERTED = 0;
`define CONNECTED \
    .READ_A(READ_WIDTH_A), .READ_B(READ_WIDTH_B), .WRITE_A(WRITE_WIDTH_A), \
    .WRITE_B(WRITE_WIDTH_B), .MODE_A(WRITE_MODE_A), .MODE_B(WRITE_MODE_B), .RAM_MODE(RAM_MODE) \
  ) block ( \
    .a_clk(CLKARDCLK ^ IS_CLKARDCLK_INVERTED), .a_en(ENARDEN ^ IS_ENARDEN_INVERTED), \
    .a_rst(RSTRAMARSTRAM ^ IS_RSTRAMARSTRAM_INVERTED), \
    .b_clk(CLKBWRCLK ^ IS_CLKBWRCLK_INVERTED), .b_en(ENBWREN ^ IS_ENBWREN_INVERTED), \
    .b_rst(RSTRAMB ^ IS_RSTRAMB_INVERTED), \
    .a_we(WEA), .b_we(WEBWE), .a_di(DIADI), .b_di(DIBDI), .a_dip(DIPADIP), .b_dip(DIPBDIP), \
    .a_do(DOADO), .b_do(DOBDO), .a_dop(DOPADOP), .b_dop(DOPBDOP)

module RAMB18E1(
  input CLKARDCLK, CLKBWRCLK, ENARDEN, ENBWREN, REGCEAREGCE, REGCEB, RSTRAMARSTRAM, RSTRAMB,
  input RSTREGARSTREG, RSTREGB,
  input [13:0] ADDRARDADDR, ADDRBWRADDR,
  input [15:0] DIADI, DIBDI,
  input [1:0] DIPADIP, DIPBDIP, WEA,
  input [3:0] WEBWE,
  output [15:0] DOADO, DOBDO,
  output [1:0] DOPADOP, DOPBDOP
);
  `PARAMETERS
  parameter [255:0] `INIT_16(INIT_, 0);
  parameter [255:0] `INIT_16(INIT_, 1);
  parameter [255:0] `INIT_16(INIT_, 2);
  parameter [255:0] `INIT_16(INIT_, 3);
  parameter [255:0] `INIT_8(INITP_, 0);
  if (DOA_REG || DOB_REG || INIT_A != 0 || INIT_B != 0 || SRVAL_A != 0 || SRVAL_B != 0)
    $error("The model of RAMB18E1 has no output registers, and starts and resets to 0");
  qhw_ramb #(
    .BYTES({`LIST_16(INIT_, 3), `LIST_16(INIT_, 2), `LIST_16(INIT_, 1), `LIST_16(INIT_, 0)}),
    .NINTHS({`LIST_8(INITP_, 0)}),
    `CONNECTED, .a_ad(ADDRARDADDR), .b_ad(ADDRBWRADDR));
endmodule

module RAMB36E1(
  input CLKARDCLK, CLKBWRCLK, ENARDEN, ENBWREN, REGCEAREGCE, REGCEB, RSTRAMARSTRAM, RSTRAMB,
  input RSTREGARSTREG, RSTREGB, CASCADEINA, CASCADEINB, INJECTDBITERR, INJECTSBITERR,
  input [15:0] ADDRARDADDR, ADDRBWRADDR,
  input [31:0] DIADI, DIBDI,
  input [3:0] DIPADIP, DIPBDIP, WEA,
  input [7:0] WEBWE,
  output [31:0] DOADO, DOBDO,
  output [3:0] DOPADOP, DOPBDOP,
  output [7:0] ECCPARITY,
  output [8:0] RDADDRECC,
  output CASCADEOUTA, CASCADEOUTB, SBITERR, DBITERR
);
  `PARAMETERS
  parameter RAM_EXTENSION_A = "NONE", RAM_EXTENSION_B = "NONE";
  parameter [255:0] `INIT_16(INIT_, 0);
  parameter [255:0] `INIT_16(INIT_, 1);
  parameter [255:0] `INIT_16(INIT_, 2);
  parameter [255:0] `INIT_16(INIT_, 3);
  parameter [255:0] `INIT_16(INIT_, 4);
  parameter [255:0] `INIT_16(INIT_, 5);
  parameter [255:0] `INIT_16(INIT_, 6);
  parameter [255:0] `INIT_16(INIT_, 7);
  parameter [255:0] `INIT_16(INITP_, 0);
  if (DOA_REG || DOB_REG || INIT_A != 0 || INIT_B != 0 || SRVAL_A != 0 || SRVAL_B != 0
      || RAM_EXTENSION_A != "NONE" || RAM_EXTENSION_B != "NONE")
    $error("The model of RAMB36E1 has no output registers and no cascade, and starts and resets to 0");
  qhw_ramb #(
    .UNITS(8), .ABITS(15),
    .BYTES({`LIST_16(INIT_, 7), `LIST_16(INIT_, 6), `LIST_16(INIT_, 5), `LIST_16(INIT_, 4),
            `LIST_16(INIT_, 3), `LIST_16(INIT_, 2), `LIST_16(INIT_, 1), `LIST_16(INIT_, 0)}),
    .NINTHS({`LIST_16(INITP_, 0)}),
    `CONNECTED, .a_ad(ADDRARDADDR[14:0]), .b_ad(ADDRBWRADDR[14:0]));
endmodule
