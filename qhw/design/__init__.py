"""The design of a folded network: units, queues, ports and cycles."""
