"""A network inside other designs."""
