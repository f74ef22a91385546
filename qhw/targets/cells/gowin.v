// The cells of Gowin chips that Yosys has no model of, in the modes that it uses.

`define INIT_16(P, H) \
  P``H``0 = 0, P``H``1 = 0, P``H``2 = 0, P``H``3 = 0, P``H``4 = 0, P``H``5 = 0, P``H``6 = 0, \
  P``H``7 = 0, P``H``8 = 0, P``H``9 = 0, P``H``A = 0, P``H``B = 0, P``H``C = 0, P``H``D = 0, \
  P``H``E = 0, P``H``F = 0
`define LIST_16(P, H) \
  P``H``F, P``H``E, P``H``D, P``H``C, P``H``B, P``H``A, P``H``9, P``H``8, P``H``7, P``H``6, \
  P``H``5, P``H``4, P``H``3, P``H``2, P``H``1, P``H``0
`define INIT(BITS) \
  parameter [BITS-1:0] `INIT_16(INIT_RAM_, 0); \
  parameter [BITS-1:0] `INIT_16(INIT_RAM_, 1); \
  parameter [BITS-1:0] `INIT_16(INIT_RAM_, 2); \
  parameter [BITS-1:0] `INIT_16(INIT_RAM_, 3);
`define ROWS \
  {`LIST_16(INIT_RAM_, 3), `LIST_16(INIT_RAM_, 2), `LIST_16(INIT_RAM_, 1), `LIST_16(INIT_RAM_, 0)}
`define MODE(M) (M == 0 ? "NO_CHANGE" : M == 1 ? "WRITE_FIRST" : M == 2 ? "READ_FIRST" : "none")
// From 16 bits on the lowest bits of the address enable bytes.
`define WE(EN, WIDTH, AD) ({4{EN}} & (WIDTH < 16 ? 4'b1111 : AD[3:0]))
`define CHECK(BAD) \
  if (BAD) $error("The model of this block RAM has no output register");

// With one port; BYTE is 8 or 9 bits a byte.
`define SINGLE(NAME, BYTE) \
module NAME(output [4*BYTE-1:0] DO, input [4*BYTE-1:0] DI, input [2:0] BLKSEL, \
            input [13:0] AD, input WRE, CLK, CE, OCE, RESET); \
  parameter READ_MODE = 0, WRITE_MODE = 0, BIT_WIDTH = 4 * BYTE; \
  parameter [2:0] BLK_SEL = 0; \
  parameter RESET_MODE = "SYNC"; \
  `INIT(32 * BYTE) \
  `CHECK(READ_MODE != 0) \
  qhw_block #(.UNIT(BYTE), .INIT(`ROWS), .A_WIDTH(BIT_WIDTH), .A_MODE(`MODE(WRITE_MODE)), \
              .ASYNC(RESET_MODE == "ASYNC")) block ( \
    .a_clk(CLK), .a_en(CE && BLKSEL == BLK_SEL), .a_rst(RESET), \
    .a_we(`WE(WRE, BIT_WIDTH, AD)), .a_ad(AD), .a_di(DI), .a_do(DO), \
    .b_clk(1'b0), .b_en(1'b0), .b_rst(1'b0), .b_we(4'b0), .b_ad(14'b0), \
    .b_di({4*BYTE{1'b0}})); \
endmodule
`SINGLE(SP, 8)
`SINGLE(SPX9, 9)

// With a port that writes and one that reads.
`define SEMI(NAME, BYTE) \
module NAME(output [4*BYTE-1:0] DO, input [4*BYTE-1:0] DI, input [2:0] BLKSELA, BLKSELB, \
            input [13:0] ADA, ADB, input CLKA, CLKB, CEA, CEB, OCE, RESETA, RESETB); \
  parameter READ_MODE = 0, BIT_WIDTH_0 = 4 * BYTE, BIT_WIDTH_1 = 4 * BYTE; \
  parameter [2:0] BLK_SEL_0 = 0, BLK_SEL_1 = 0; \
  parameter RESET_MODE = "SYNC"; \
  `INIT(32 * BYTE) \
  `CHECK(READ_MODE != 0) \
  qhw_block #(.UNIT(BYTE), .INIT(`ROWS), .A_WIDTH(BIT_WIDTH_0), .B_WIDTH(BIT_WIDTH_1), \
              .ASYNC(RESET_MODE == "ASYNC")) block ( \
    .a_clk(CLKA), .a_en(CEA && BLKSELA == BLK_SEL_0), .a_rst(1'b0), \
    .a_we(`WE(1'b1, BIT_WIDTH_0, ADA)), .a_ad(ADA), .a_di(DI), \
    .b_clk(CLKB), .b_en(CEB && BLKSELB == BLK_SEL_1), .b_rst(RESETB), .b_we(4'b0), .b_ad(ADB), \
    .b_di({4*BYTE{1'b0}}), .b_do(DO)); \
endmodule
`SEMI(SDPB, 8)
`SEMI(SDPX9B, 9)

// With two ports.
`define DUAL(NAME, BYTE) \
module NAME(output [2*BYTE-1:0] DOA, DOB, input [2*BYTE-1:0] DIA, DIB, \
            input [2:0] BLKSELA, BLKSELB, input [13:0] ADA, ADB, \
            input WREA, WREB, CLKA, CLKB, CEA, CEB, OCEA, OCEB, RESETA, RESETB); \
  parameter READ_MODE0 = 0, READ_MODE1 = 0, WRITE_MODE0 = 0, WRITE_MODE1 = 0; \
  parameter BIT_WIDTH_0 = 2 * BYTE, BIT_WIDTH_1 = 2 * BYTE; \
  parameter [2:0] BLK_SEL_0 = 0, BLK_SEL_1 = 0; \
  parameter RESET_MODE = "SYNC"; \
  `INIT(32 * BYTE) \
  `CHECK(READ_MODE0 != 0 || READ_MODE1 != 0) \
  qhw_block #(.UNIT(BYTE), .INIT(`ROWS), .A_WIDTH(BIT_WIDTH_0), .B_WIDTH(BIT_WIDTH_1), \
              .A_MODE(`MODE(WRITE_MODE0)), .B_MODE(`MODE(WRITE_MODE1)), \
              .ASYNC(RESET_MODE == "ASYNC")) block ( \
    .a_clk(CLKA), .a_en(CEA && BLKSELA == BLK_SEL_0), .a_rst(RESETA), \
    .a_we(`WE(WREA, BIT_WIDTH_0, ADA)), .a_ad(ADA), .a_di({{2*BYTE{1'b0}}, DIA}), \
    .a_do(DOA), \
    .b_clk(CLKB), .b_en(CEB && BLKSELB == BLK_SEL_1), .b_rst(RESETB), \
    .b_we(`WE(WREB, BIT_WIDTH_1, ADB)), .b_ad(ADB), .b_di({{2*BYTE{1'b0}}, DIB}), \
    .b_do(DOB)); \
endmodule
`DUAL(DPB, 8)
`DUAL(DPX9B, 9)

// Multipliers, without registers.
`define MULTIPLIER(NAME, BITS) \
module NAME(input [BITS-1:0] A, B, SIA, SIB, input ASIGN, BSIGN, ASEL, BSEL, CE, CLK, RESET, \
            output [2*BITS-1:0] DOUT, output [BITS-1:0] SOA, SOB); \
  parameter AREG = 0, BREG = 0, OUT_REG = 0, OUT0_REG = 0, OUT1_REG = 0, PIPE_REG = 0; \
  parameter ASIGN_REG = 0, BSIGN_REG = 0, SOA_REG = 0; \
  parameter MULT_RESET_MODE = "SYNC"; \
  if (AREG || BREG || OUT_REG || OUT0_REG || OUT1_REG || PIPE_REG || ASIGN_REG || BSIGN_REG) \
    $error("The model of this multiplier has no registers"); \
  wire signed [BITS:0] a = {ASIGN & A[BITS-1], A}, b = {BSIGN & B[BITS-1], B}; \
  wire signed [2*BITS+1:0] product = a * b; \
  assign DOUT = product[2*BITS-1:0]; \
endmodule
`MULTIPLIER(MULT9X9, 9)
`MULTIPLIER(MULT18X18, 18)
`MULTIPLIER(MULT36X36, 36)
