"""Quantization in mixed precision: to a budget of hardware, or to an accuracy."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Unpack

import numpy as np

from ..errors import ModelError
from ..loaders import load
from ..quantization.mix import DEFAULT, Want, candidates, choose, measurements
from ..quantization.prepare import Plan, Steps, prepare
from ..quantization.quantize import check_output, described, write_record
from ..quantization.record import Choice, Quantized
from ..quantization.sensitivity import Setting
from ..quantization.texts import AnySchemes, texts
from ..schemes import AnyScheme, text_of
from ..targets import target as named
from .sweep import Bar, silence

__all__ = ["mix"]

CALLED = "mixed"
"""The scheme of a network whose layers have schemes of their own."""


def mix(model: str | Path, output: str | Path, target: str, *,
        budget: Mapping[str, int] | None = None, accuracy: float | None = None,
        schemes: AnySchemes = DEFAULT, cycles: int | None = None,
        calibration: np.ndarray | None = None, classes: np.ndarray | None = None,
        x: np.ndarray | None = None, labels: np.ndarray | None = None,
        layers: Mapping[str, AnyScheme] | None = None, per_tensor: bool = False,
        correct_bias: bool = False, input_format: str | None = None,
        input_shape: tuple[int, ...] | None = None, bar: Bar = silence, **steps: Unpack[Steps]
        ) -> Quantized:
    """Quantizes a network as ``quantize`` does, with a scheme for each layer that is chosen for a
    budget of hardware or for an accuracy; returns a report.

    Parameters
    ----------
    model, output, target : network, folder to write, and chip that prices are for
    budget : most LUTs, block RAMs and DSP blocks, by kind; the chip's if one is not given
    accuracy : 0 to 1, on the calibration samples
    schemes : schemes to choose from, objects or texts
    cycles : most cycles of an inference, as in ``estimate``
    calibration, classes : samples (M, *shape) that the schemes are chosen by, and their classes
        (M,)
    x, labels : other samples (N, *shape) and their classes (N,), for the accuracies in the report
        and nothing else
    layers : the one scheme of a layer, by its name
    per_tensor, correct_bias, input_format, input_shape, steps : as in ``quantize``
    bar : progress bar for a number of measurements

    Raises
    ------
    ModelError : if no mix is within the budget, or none that was measured reaches the accuracy

    Examples
    --------
    >>> qhw.mix("digits-float", "mixed", "ice40up5k", budget={"luts": 3000},
    ...         calibration=x, classes=labels).choice.limits["luts"]     # doctest: +SKIP
    3000
    """
    check_output(model, output)
    if calibration is None:
        raise ModelError("A mix of schemes is chosen by samples; add --calibrate FILE.npz")
    if budget is None and accuracy is None:
        raise ModelError("A mix of schemes needs a budget or an accuracy")
    graph = load(model, input_format, input_shape)
    own = {name: text_of(scheme) for name, scheme in (layers or {}).items()}
    wanted = Want(dict(budget or {}), accuracy)
    every, parsed = candidates(graph, texts(schemes), own, steps.get("first_last"))
    real, _ = prepare(graph, Plan(**steps), calibration)
    setting = Setting(real, calibration, parsed, classes, named(target), cycles, per_tensor,
                      correct_bias)
    with bar(total := measurements(every, wanted)) as done:
        counted = count(1)
        choice = choose(setting, every, wanted, lambda: done(min(next(counted), total)))
    known, files = described(
        model, CALLED, layers=choice.chosen.schemes, x=x, labels=labels,
        per_tensor=per_tensor, calibration=calibration, correct_bias=correct_bias,
        input_format=input_format, input_shape=input_shape, **steps)
    known = replace(known, choice=choice)
    write_record(known, {**files, **_pictures(known, choice)}, output)
    return known


def _pictures(known: Quantized, choice: Choice) -> dict[str, str | bytes]:
    """The table's page and pictures; what draws is loaded only here."""
    from ..report.mixed import mixed_html, sensitivity
    from ..report.pictures import files
    return {"sensitivity.html": mixed_html(known, choice),
            **files("sensitivity", sensitivity(choice, f"{known.name} on {choice.target}"))}
