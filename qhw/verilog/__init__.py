"""Readable Verilog, straight from Amaranth's elaborated fragments: names, nesting and `if` stay."""

from .modules import verilog

__all__ = ["verilog"]
