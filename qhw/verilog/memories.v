// The memories of a design. Reads are synchronous and hold while en is low.

// A constant memory of few words; word 0 is the lowest of INIT.
module qhw_rom #(
  parameter WIDTH = 1,
  parameter DEPTH = 2,
  parameter ABITS = 1,
  parameter [WIDTH*DEPTH-1:0] INIT = 0
) (
  input wire clk,
  input wire en,
  input wire [ABITS-1:0] addr,
  output reg [WIDTH-1:0] data
);
  @STYLE@ reg [WIDTH-1:0] words [0:DEPTH-1];
  integer k;
  initial for (k = 0; k < DEPTH; k = k + 1) words[k] = INIT[k*WIDTH +: WIDTH];
  always @(posedge clk) if (en) data <= words[addr];
endmodule

// A constant memory; FILE holds a word a line in hexadecimal.
module qhw_rom_file #(
  parameter WIDTH = 1,
  parameter DEPTH = 2,
  parameter ABITS = 1,
  parameter FILE = ""
) (
  input wire clk,
  input wire en,
  input wire [ABITS-1:0] addr,
  output reg [WIDTH-1:0] data
);
  @STYLE@ reg [WIDTH-1:0] words [0:DEPTH-1];
  if (FILE != "") initial $readmemh(FILE, words);
  always @(posedge clk) if (en) data <= words[addr];
endmodule

// A memory with one writer and one reader, who never meet at one address: what the reader would
// get there is left open, which is what block RAM without extra logic gives.
module qhw_ram #(
  parameter WIDTH = 1,
  parameter DEPTH = 2,
  parameter ABITS = 1
) (
  input wire clk,
  input wire w_en,
  input wire [ABITS-1:0] w_addr,
  input wire [WIDTH-1:0] w_data,
  input wire en,
  input wire [ABITS-1:0] addr,
  output reg [WIDTH-1:0] data
);
  @STYLE@ reg [WIDTH-1:0] words [0:DEPTH-1];
  always @(posedge clk) begin
    if (en) begin
      data <= words[addr];
      if (w_en && w_addr == addr) data <= {WIDTH{1'bx}};
    end
    if (w_en) words[w_addr] <= w_data;
  end
endmodule
