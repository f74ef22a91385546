"""What meets the outside world: simulation, Verilog, synthesis, reports."""
