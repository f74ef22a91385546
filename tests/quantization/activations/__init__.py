"""Activation formats against values worked by hand."""
