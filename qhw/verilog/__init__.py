"""Readable Verilog, straight from Amaranth's elaborated fragments: names, nesting and `if` stay."""

from .modules import printed, verilog

__all__ = ["printed", "verilog"]
