"""Proofs by SAT of stream units and tiles: ``python -m sim.proof.formal [WORDS ...]``."""
