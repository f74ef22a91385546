"""Random network descriptions, held against an evaluator in exact rationals."""
