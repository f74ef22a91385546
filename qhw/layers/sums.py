"""Weighted sums, shared by the layers with float and with quantized weights."""

import numpy as np

from ..errors import ModelError
from ..exact.window import Window
from ..graph import Tensor

__all__ = ["connected", "convolved", "grouped"]


def connected(x: Tensor, weights: tuple[int, ...]) -> Tensor:
    """Infers the output of a fully connected layer whose ``weights`` have the shape (outputs,
    inputs); ModelError if ``x`` has other channels."""
    outputs, inputs = weights
    if x.channels != inputs:
        raise ModelError(f"its weights are {outputs} x {inputs}, and its input has shape "
                         f"{x.shape}, not ({inputs},)")
    return Tensor((*x.shape[:-1], outputs))


def convolved(x: Tensor, weights: tuple[int, ...], window: Window, groups: int) -> Tensor:
    """Infers the output of a convolution; ModelError if ``x`` is no image or its channels do not
    fit.

    Parameters
    ----------
    x : the input
    weights : (outputs, taps * inputs of a group)
    window : the window
    groups : number of channel groups
    """
    outputs, seen = weights
    if len(x.shape) != 3:
        raise ModelError(f"a convolution needs rows, columns and channels, "
                         f"and its input has shape {x.shape}")
    if outputs % groups or seen != window.taps * x.channels // groups:
        raise ModelError(f"its weights are {outputs} x {seen}, and {groups} groups of "
                         f"{x.channels} channels in {window.taps} positions do not fit")
    return Tensor((*window.outputs(*x.shape[:2]), outputs))


def grouped(patches: np.ndarray, weights: np.ndarray, groups: int) -> np.ndarray:
    """Multiplies patches by weights in groups of channels.

    Parameters
    ----------
    patches : real numbers (..., *kernel, C)
    weights : (outputs, taps * C / groups)
    groups : number of channel groups
    """
    lead, channels = patches.shape[:-3], patches.shape[-1]
    each = weights.reshape(groups, -1, weights.shape[1])
    found = [patches[..., g * channels // groups:(g + 1) * channels // groups].reshape(
        *lead, -1) @ w.T for g, w in enumerate(each)]
    return np.concatenate(found, axis=-1)
