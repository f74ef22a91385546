"""Handlers: they turn TFLite operators into our layers. Each file has a group of operators."""
