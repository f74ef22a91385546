"""Benches beside other compilers of constant matrices."""
