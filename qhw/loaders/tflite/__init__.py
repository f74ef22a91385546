"""TFLite files: networks of integers, as TensorFlow Lite Micro's reference kernels compute them."""

from .format import TFLite

__all__ = ["FORMAT"]

FORMAT = TFLite()
