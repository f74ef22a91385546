"""Exactness on more inputs than the tests have time for, and proofs for all inputs."""
