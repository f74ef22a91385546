"""The serial link between a host and the network on a board; see docs/reference/link.md."""
