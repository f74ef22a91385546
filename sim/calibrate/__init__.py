"""Synthesized samples, the estimator's prices fitted to them, and what is left of error."""
