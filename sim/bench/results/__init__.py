"""Networks trained with many weight schemes, and the hardware of each: docs/results/networks.md."""
