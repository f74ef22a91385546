"""Synthesis by Yosys, place and route by nextpnr, and what their netlists take of a chip."""
