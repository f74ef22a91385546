"""Ways to multiply: other gates for the same codes, with the same sums.

``chains`` are the gates that a scheme selects, with a carry chain for each sum. Two's complement
can also be multiplied as bit ``planes``, in radix-4 ``digits``, or by a multiplication, which is a
DSP block where the chip has them (``dsp``)."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..exact.formats import Wire
from ..exact.num import Int
from ..pe.bitplanes import BitPlanes, Parities
from ..pe.digits import Digits, Pairs
from ..pe.element import Element
from ..pe.multiply import Multiply, is_twos
from ..pe.shiftadd import ShiftAdd

__all__ = ["WAYS", "ways"]

WAYS = ("chains", "planes", "parities", "digits", "dsp", "pairs")
"""Every way besides the scheme's own."""


def ways(own: Element, x: Wire) -> Mapping[str, Element]:
    """Makes the gates of every way to multiply that the codes of ``own`` have, by its name.

    Parameters
    ----------
    own : the gates that a scheme selects
    x : format of the activations"""
    made: dict[str, Element] = {}
    if isinstance(own, BitPlanes | Multiply | ShiftAdd):
        made["chains"] = replace(own, chained=True)
    if isinstance(x, Int) and isinstance(own, BitPlanes) and own.alphabet == "signs" and (
            not own.export):
        made["parities"] = Parities(own.bits)
    if isinstance(x, Int) and (narrow := _narrow(own)) is not None:
        planes = BitPlanes(own.bits, "twos", narrow, chained=True)
        if isinstance(own, Multiply):
            made["planes"] = planes
        else:
            made["dsp"] = Multiply(planes.weights(np.arange(1 << own.bits)[:, None]).ravel(),
                                   np.isin(np.arange(1 << own.bits), planes.codes))
        made["digits"] = Digits(own.bits, x, narrow)
        if (pairs := Pairs(own.bits, x, narrow)).fits:
            made["pairs"] = pairs
    return made


def _narrow(own: Element) -> bool | None:
    """Whether codes of two's complement leave out the lowest integer; None for other codes."""
    match own:
        case BitPlanes(alphabet="twos", export=""):
            return own.narrow
        case Multiply() if len(own.values) > 2 and is_twos(own.values):
            return own.used is not None and not own.used[len(own.values) // 2]
        case _:
            return None
