"""Synthesis by Yosys, place and route by nextpnr, and the resources in their netlists."""
