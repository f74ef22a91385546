// The cells that networks of adders are written in, of all families.

module SB_LUT4 (input I0, I1, I2, I3, output O);
  parameter [15:0] LUT_INIT = 0;
  assign O = LUT_INIT[{I3, I2, I1, I0}];
endmodule

module SB_CARRY (input I0, I1, CI, output CO);
  assign CO = I0 & I1 | (I0 | I1) & CI;
endmodule

// Only without a second carry input, INJECT1_x = "NO".
module CCU2C (input A0, B0, C0, D0, A1, B1, C1, D1, CIN, output S0, S1, COUT);
  parameter [15:0] INIT0 = 0, INIT1 = 0;
  parameter INJECT1_0 = "NO", INJECT1_1 = "NO";
  wire propagate0 = INIT0[{D0, C0, B0, A0}], propagate1 = INIT1[{D1, C1, B1, A1}];
  wire carry0 = propagate0 ? CIN : INIT0[{2'd0, B0, A0}];
  assign S0 = propagate0 ^ CIN;
  assign S1 = propagate1 ^ carry0;
  assign COUT = propagate1 ? carry0 : INIT1[{2'd0, B1, A1}];
endmodule

// Only in the mode that adds where I3 is 1 and subtracts where it is 0.
module ALU (input I0, I1, I3, CIN, output SUM, COUT);
  parameter ALU_MODE = 2;
  wire differ = I0 ^ I1 ^ ~I3;
  assign SUM = differ ^ CIN;
  assign COUT = differ ? CIN : I0;
endmodule

module LUT2 (input I0, I1, output O);
  parameter [3:0] INIT = 0;
  assign O = INIT[{I1, I0}];
endmodule

module LUT6_2 (input I0, I1, I2, I3, I4, I5, output O5, O6);
  parameter [63:0] INIT = 0;
  assign O6 = INIT[{I5, I4, I3, I2, I1, I0}];
  assign O5 = INIT[{1'd0, I4, I3, I2, I1, I0}];
endmodule

module CARRY4 (input CI, CYINIT, input [3:0] DI, S, output [3:0] CO, O);
  wire [3:0] carries = {CO[2:0], CI | CYINIT};
  assign O = S ^ carries;
  assign CO = S & carries | ~S & DI;
endmodule
