"""ASIC flows: cell libraries, LibreLane and Tiny Tapeout."""
