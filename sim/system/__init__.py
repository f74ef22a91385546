"""A processor that drives a network: PicoRV32 with memory, and the network behind a bus."""
