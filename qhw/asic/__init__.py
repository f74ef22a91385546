"""Networks for chips of one's own: cell libraries, LibreLane and Tiny Tapeout."""
