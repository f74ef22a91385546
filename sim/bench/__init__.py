"""Speed, size and timing, measured: most benches write a table of ``docs/``."""
