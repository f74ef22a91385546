"""What a folded network becomes: units, queues, ports and cycles."""
