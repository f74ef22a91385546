"""Folds of each layer (PE and SIMD, or lanes): choices, search and goals."""
