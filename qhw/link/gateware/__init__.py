"""The link in gates: UART, frames, checksums, and the slots of requests."""
