"""The module of an accumulator's next value, in cells of a chip for synthesis."""

from .parts import Module, ModulePort

__all__ = ["total"]

PORTS = ("later", "start", "held", "sum", "y")


def total(name: str, style: str) -> Module:
    """Makes the module of ``sum`` plus ``held``, or plus ``start`` where the beat is not a
    ``later`` one of its vector.

    In a column of ECP5's carry chain, a LUT of four inputs says whether the carry passes. If it
    does not, the same LUT's lowest four bits make the carry from A and B alone. They say A here,
    and ``sum`` is at A: both summands are equal then. C and D choose, at no LUT of their own."""
    bits = "[WIDTH-1:0] "
    heads = ",\n".join(
        f"  {'output' if port == 'y' else 'input'} wire {'' if port == 'later' else bits}{port}"
        for port in PORTS)
    columns = ", ".join(f".{pin}{k}({value}{at})" for k in (0, 1) for pin, value, at in (
        ("A", "a", f"[2*k+{k}]"), ("B", "b", f"[2*k+{k}]"), ("C", "c", f"[2*k+{k}]"),
        ("D", "later", ""), ("S", "s", f"[2*k+{k}]")))
    text = f"""\
// An accumulator's next value: in a vector's first beat start + sum, later held + sum.
module {name} #(
  parameter WIDTH = 1
) (
{heads}
);
`ifdef SYNTHESIS
  localparam PAIRS = (WIDTH + 1) / 2;
  wire [2*PAIRS-1:0] a = sum, b = held, c = start, s;
  wire [PAIRS:0] carry;
  assign carry[0] = 1'b0;
  assign y = s[WIDTH-1:0];
  genvar k;
  generate
    for (k = 0; k < PAIRS; k = k + 1) begin : columns
      CCU2C #(.INIT0(16'h665A), .INIT1(16'h665A), .INJECT1_0("NO"), .INJECT1_1("NO")) pair (
        {columns},
        .CIN(carry[k]), .COUT(carry[k+1]));
    end
  endgenerate
`else
  assign y = (later ? held : start) + sum;
`endif
endmodule"""
    return Module(name, tuple(ModulePort("output" if port == "y" else "input", port, 1)
                              for port in PORTS), text, parameters=("WIDTH",))
