"""Networks on boards: pins, clocks, bitstreams, programmers, and inference there."""
