"""Options of ``qhw quantize`` that choose a scheme for each layer, and the choice as a table."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from .. import verbs
from ..errors import QhwError
from .options import grouped
from .terminal import out, progress

if TYPE_CHECKING:
    import numpy as np

    from ..quantization.prepare import Steps
    from ..quantization.record import Choice, Quantized

    class How(Steps, total=False):
        """Options that a scheme for all layers and a scheme for each layer share."""

        layers: dict[str, str]
        x: np.ndarray | None
        labels: np.ndarray | None
        per_tensor: bool
        correct_bias: bool
        input_format: str | None
        input_shape: tuple[int, ...] | None

__all__ = ["Mixing", "mixing", "print_choice"]

KINDS = ("luts", "brams", "dsps")


@dataclass(frozen=True)
class Mixing:
    """The options of a choice."""

    budget: dict[str, int] | None
    accuracy: float | None
    target: str | None
    schemes: list[str] | None
    cycles: int | None

    def asked(self, scheme: str | None) -> bool:
        """Tells whether schemes are to be chosen; QhwError if that is open, or if options do not go
        together. ``scheme`` is the one for all layers."""
        chosen = self.budget is not None or self.accuracy is not None
        if not chosen:
            if scheme is None:
                raise QhwError("Add --scheme, or --budget or --accuracy to choose schemes")
            if (self.target, self.schemes, self.cycles) != (None, None, None):
                raise QhwError("--target, --schemes and --cycles go with --budget or --accuracy")
        elif scheme is not None:
            raise QhwError("--scheme is one for all layers; name those to choose from by --schemes")
        elif self.target is None:
            raise QhwError("--budget and --accuracy need the prices of a chip: add --target")
        return chosen

    def __call__(self, model: str, output: Path, calibrate: Path | None, how: "How"
                 ) -> "Quantized":
        """Chooses schemes, and writes the network.

        Parameters
        ----------
        model, output : network and folder
        calibrate : file of the samples that schemes are chosen by
        how : options shared with a scheme for all layers"""
        from ..exploration.mixed import mix
        from ..quantization.mix import DEFAULT
        x, classes = verbs.read_input(calibrate) if calibrate else (None, None)
        return mix(model, output, self.target or "", budget=self.budget, accuracy=self.accuracy,
                   schemes=DEFAULT if self.schemes is None else self.schemes, cycles=self.cycles,
                   calibration=x, classes=classes, bar=partial(progress, what="choosing schemes"),
                   **how)


def _mixing(budget: Annotated[str | None, typer.Option(
                help="choose the most accurate scheme for each layer within this much hardware, "
                     "such as luts=20000,dsps=4,brams=30 (default: all of the chip)")] = None,
            accuracy: Annotated[float | None, typer.Option(
                min=0, max=1, help="choose the cheapest scheme for each layer that keeps this "
                                   "share of right classes, such as 0.97")] = None,
            target: Annotated[str | None, typer.Option(
                help="chip of the prices for --budget and --accuracy; see `qhw targets`")] = None,
            schemes: Annotated[str | None, typer.Option(
                help="schemes to choose from: all, or a list such as binary,fixed:bits=4,inq"
                )] = None,
            cycles: Annotated[int | None, typer.Option(
                min=1, help="cycles between inferences that prices are for")] = None) -> Mixing:
    """Makes the choice's arguments from the options."""
    names = None
    if schemes is not None:
        from ..quantization.texts import split_schemes
        names = split_schemes(schemes)
    return Mixing(None if budget is None else _amounts(budget), accuracy, target, names, cycles)


mixing = grouped("mixed", _mixing)
"""Adds the options of a choice to a command, which receives them as ``mixed``."""


def _amounts(text: str) -> dict[str, int]:
    """Reads a budget such as ``luts=20000,dsps=4``."""
    found: dict[str, int] = {}
    for part in text.split(","):
        kind, _, amount = part.partition("=")
        if kind not in KINDS or kind in found or not amount.isdecimal():
            raise typer.BadParameter(f"{text!r} should be like luts=20000,dsps=4,brams=30",
                                     param_hint="--budget")
        found[kind] = int(amount)
    return found


def print_choice(known: "Choice | None") -> None:
    """Prints the sensitivity table and the mixes that were measured."""
    if known is None:
        return
    from ..report.page import number, share
    schemes = list(dict.fromkeys(one.scheme for one in known.trials))
    table = Table(box=None, title=f"Squared error of the scores if one layer alone has a scheme, "
                                  f"and LUTs on {known.target}; * is chosen",
                  title_justify="left", title_style="bold")
    table.add_column("layer", no_wrap=True)
    for scheme in schemes:
        table.add_column(scheme, justify="right")
    for layer in dict.fromkeys(one.layer for one in known.trials):
        own = {one.scheme: one for one in known.trials if one.layer == layer}
        cells = [own.get(scheme) for scheme in schemes]
        table.add_row(layer, *("" if one is None else "\N{EN DASH}" if one.reason else
                               f"{'*' * one.chosen}{share(one.loss)}\n{number(one.luts)}"
                               for one in cells))
    out.print(table)
    table = Table("measured mixes, the best first", "error", "right", "LUTs", "BRAMs", "DSPs", "",
                  box=None)
    for one in known.measured:
        table.add_row(" ".join(dict.fromkeys(one.schemes.values())) if one.uniform else
                      ", ".join(f"{layer}={scheme}" for layer, scheme in one.schemes.items()),
                      share(one.loss), "" if one.correct is None else str(one.correct),
                      number(one.luts), number(one.brams), number(one.dsps),
                      "chosen" if one.chosen else "" if one.fits else "over the budget")
    out.print(table)
    limits = ", ".join(f"{number(n)} {kind}" for kind, n in known.limits.items() if n is not None)
    best = "no mix of the table loses less" if known.exact else "the search was not exhaustive"
    out.print(f"On {known.samples} calibration samples; the estimate may say {limits}; {best}",
              soft_wrap=True)
