// The cells of ECP5 that Yosys has no model of, in the modes that it uses.

`define PINS(P, N) \
  P``N``17, P``N``16, P``N``15, P``N``14, P``N``13, P``N``12, P``N``11, P``N``10, P``N``9, \
  P``N``8, P``N``7, P``N``6, P``N``5, P``N``4, P``N``3, P``N``2, P``N``1, P``N``0
`define INIT_16(P, H) \
  P``H``0 = 0, P``H``1 = 0, P``H``2 = 0, P``H``3 = 0, P``H``4 = 0, P``H``5 = 0, P``H``6 = 0, \
  P``H``7 = 0, P``H``8 = 0, P``H``9 = 0, P``H``A = 0, P``H``B = 0, P``H``C = 0, P``H``D = 0, \
  P``H``E = 0, P``H``F = 0
`define LIST_16(P, H) \
  P``H``F, P``H``E, P``H``D, P``H``C, P``H``B, P``H``A, P``H``9, P``H``8, P``H``7, P``H``6, \
  P``H``5, P``H``4, P``H``3, P``H``2, P``H``1, P``H``0

// Block RAM. At a width of 36 the one port writes with both inputs, and the other reads with both
// outputs: the upper half is at port B.
module DP16KD(
  input `PINS(DI, A), `PINS(DI, B),
  input ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
  input ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
  input CEA, OCEA, CLKA, WEA, RSTA, CSA2, CSA1, CSA0,
  input CEB, OCEB, CLKB, WEB, RSTB, CSB2, CSB1, CSB0,
  output `PINS(DO, A), `PINS(DO, B)
);
  parameter DATA_WIDTH_A = 18, DATA_WIDTH_B = 18;
  parameter REGMODE_A = "NOREG", REGMODE_B = "NOREG";
  parameter RESETMODE = "SYNC", ASYNC_RESET_RELEASE = "SYNC";
  parameter CSDECODE_A = "0b000", CSDECODE_B = "0b000";
  parameter WRITEMODE_A = "NORMAL", WRITEMODE_B = "NORMAL";
  parameter CLKAMUX = "CLKA", CLKBMUX = "CLKB", GSR = "ENABLED";
  parameter INIT_DATA = "STATIC", WID = "";
  parameter [319:0] `INIT_16(INITVAL_, 0);
  parameter [319:0] `INIT_16(INITVAL_, 1);
  parameter [319:0] `INIT_16(INITVAL_, 2);
  parameter [319:0] `INIT_16(INITVAL_, 3);

  if (REGMODE_A != "NOREG" || REGMODE_B != "NOREG"
      || CSDECODE_A != "0b000" || CSDECODE_B != "0b000")
    $error("The model of DP16KD has no output register and no chip select");

  // Words of 18 bits are spaced 20 apart.
  function [18431:0] packed_words(input [64*320-1:0] spaced);
    integer k;
    for (k = 0; k < 1024; k = k + 1) packed_words[k*18 +: 18] = spaced[k*20 +: 18];
  endfunction

  function [95:0] mode(input [127:0] written);
    mode = written == "NORMAL" ? "NO_CHANGE" : written == "WRITETHROUGH" ? "WRITE_FIRST"
         : written == "READBEFOREWRITE" ? "READ_FIRST" : "none";
  endfunction

  wire [17:0] dia = {`PINS(DI, A)}, dib = {`PINS(DI, B)};
  wire [35:0] doa, dob;
  wire [13:0] ada = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2,
                     ADA1, ADA0};
  wire [13:0] adb = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2,
                     ADB1, ADB0};
  qhw_block #(
    .INIT(packed_words({`LIST_16(INITVAL_, 3), `LIST_16(INITVAL_, 2), `LIST_16(INITVAL_, 1),
                        `LIST_16(INITVAL_, 0)})),
    .A_WIDTH(DATA_WIDTH_A), .B_WIDTH(DATA_WIDTH_B),
    .A_MODE(mode(WRITEMODE_A)), .B_MODE(mode(WRITEMODE_B)), .ASYNC(RESETMODE == "ASYNC")
  ) block (
    .a_clk(CLKA ^ (CLKAMUX == "INV")), .a_en(CEA), .a_rst(RSTA),
    .a_we({4{WEA}} & (DATA_WIDTH_A < 18 ? 4'b1111 : ada[3:0])), .a_ad(ada),
    .a_di({dib, dia}), .a_do(doa),
    .b_clk(CLKB ^ (CLKBMUX == "INV")), .b_en(CEB), .b_rst(RSTB),
    .b_we({4{WEB}} & (DATA_WIDTH_B < 18 ? 4'b1111 : adb[3:0])), .b_ad(adb),
    .b_di(DATA_WIDTH_B == 36 ? {dib, dia} : {18'b0, dib}), .b_do(dob));
  assign {`PINS(DO, A)} = DATA_WIDTH_B == 36 ? dob[17:0] : doa[17:0];
  assign {`PINS(DO, B)} = DATA_WIDTH_B == 36 ? dob[35:18] : dob[17:0];
endmodule

// Multiplier, without registers.
module MULT18X18D(
  input `PINS(, A), `PINS(, B), `PINS(, C),
  input SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
  input CLK0, CLK1, CLK2, CLK3, CE0, CE1, CE2, CE3, RST0, RST1, RST2, RST3,
  output P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
         `PINS(, P)
);
  parameter REG_INPUTA_CLK = "NONE", REG_INPUTB_CLK = "NONE", REG_INPUTC_CLK = "NONE";
  parameter REG_PIPELINE_CLK = "NONE", REG_OUTPUT_CLK = "NONE";
  if (REG_INPUTA_CLK != "NONE" || REG_INPUTB_CLK != "NONE" || REG_PIPELINE_CLK != "NONE"
      || REG_OUTPUT_CLK != "NONE")
    $error("The model of MULT18X18D has no registers");

  wire [17:0] a = {`PINS(, A)}, b = {`PINS(, B)};
  wire signed [18:0] wide_a = {SIGNEDA & a[17], a}, wide_b = {SIGNEDB & b[17], b};
  wire signed [37:0] product = wide_a * wide_b;
  assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
          `PINS(, P)} = product[35:0];
endmodule
