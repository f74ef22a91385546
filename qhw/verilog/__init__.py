"""Readable Verilog from Amaranth's elaborated fragments: names, hierarchy and `if` are kept."""

from .modules import printed, verilog

__all__ = ["printed", "verilog"]
