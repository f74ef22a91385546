"""Stochastic rounding: the expected value of the result is the number itself.

Li et al., "Training Quantized Nets: A Deeper Understanding", 2017 (arXiv 1706.02379), eq. 2."""

import numpy as np

__all__ = ["stochastic_round"]


def stochastic_round(x: np.ndarray, step: float, uniform: np.ndarray) -> np.ndarray:
    """Rounds ``x`` to multiples of ``step``, up with the probability of the fraction.

    Parameters
    ----------
    x : real numbers of any shape
    step : the distance of two results, in the unit of ``x``, positive
    uniform : random numbers in 0..1, of the shape of ``x``; no error is raised for others
    """
    return np.floor(np.asarray(x) / step + uniform) * step
