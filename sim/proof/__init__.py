"""Proofs and searches for faults, too long for ``make test``."""
