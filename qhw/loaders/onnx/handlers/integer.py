"""Networks of integers: the RequantShift of Deeploy and PACT, in any domain, and that of QuantLab's
sums."""

from fractions import Fraction

import numpy as np

from ....exact.num import Int, Rounding
from ....layers import Quantize, ShiftRound
from ..file import OnnxNode
from ..operators import ANY, INTEGER, given, handles
from ..reader import Reader
from ..values import Flow, Unsupported

__all__ = ["ADDER", "rescaled"]

ADDER = {f"{side}_{what}": ANY for side in ("in1", "in2", "out")
         for what in ("mul", "add", "shift", "n_levels", "rq")} | {"out_signed": ANY}
"""The attributes that QuantLab writes on the sums of networks for DORY."""


@handles("RequantShift", "RequantizedShift", domains=INTEGER, inputs=(3, 3), n_levels=ANY,
         n_levels_out=ANY, div=ANY, signed=given(0))
def _requant_shift(reader: Reader, node: OnnxNode):
    """``clip(floor((x * mul + add + div / 2) / div))`` to n levels, from 0 or around 0."""
    flow = reader.real(node)
    counts = [node(name) for name in ("n_levels_out", "n_levels") if node(name) is not None]
    levels, divisor = next(iter(counts), None), node("div")
    if len({int(np.ravel(n)[0]) for n in counts}) > 1:
        raise Unsupported("its n_levels and n_levels_out differ")
    if levels is None or divisor is None:
        raise Unsupported("it has no attribute n_levels or div")
    levels, divisor = int(np.ravel(levels)[0]), int(np.ravel(divisor)[0])
    if levels < 2 or divisor < 1 or levels > 1 << 16:
        raise Unsupported(f"{levels} levels divided by {divisor} are not supported")
    signed = bool(np.ravel(node("signed"))[0])
    codes = Int(-(levels // 2), levels // 2 - 1) if signed else Int(0, levels - 1)
    flow, (mul, add) = reader.channelwise(flow, reader.array(node, 1), reader.array(node, 2))
    for what, values in (("mul", mul), ("add", add)):
        if (values != np.rint(values)).any():
            raise Unsupported(f"its {what} {values[values != np.rint(values)][0]} is no whole "
                              f"number")
    return reader.each(ShiftRound(mul.astype(np.int64), add.astype(np.int64), divisor, codes),
                       flow)


def rescaled(reader: Reader, flow: Flow, node: OnnxNode, side: str) -> Flow:
    """Adds QuantLab's ``clip(floor((x * mul + add) / 2**shift))`` to ``reader``, to n levels
    from 0, or around 0 where x can be negative, as nothing in the file says which.

    Unsupported if x is no known integers, or if a sum is left as it is and has more levels.

    Parameters
    ----------
    reader : the reader to add layers to
    flow : x
    node : the sum
    side : whose attributes they are, ``in1``, ``in2`` or ``out``
    """
    tensor = reader.tensors[flow.node]
    if tensor.codes is None or (tensor.scale, tensor.zero) != (1, 0):
        raise Unsupported("it requantizes a tensor whose integers are not known",
                          "put a Clip before it")
    mul, add, shift, levels, used = (_whole(node, f"{side}_{what}")
                                     for what in ("mul", "add", "shift", "n_levels", "rq"))
    if not (0 <= shift < 32 and 2 <= levels <= 1 << 16) or levels % 2:
        raise Unsupported(f"{levels} levels and a shift of {shift} are not supported")
    own = node("out_signed") if side == "out" else None
    signed = tensor.integer.lo < 0 if own is None else bool(own)
    codes = Int(-levels // 2, levels // 2 - 1) if signed else Int(0, levels - 1)
    if used:
        codes = Int(*sorted(codes.nearest((mul * v + add) >> shift)
                            for v in (tensor.integer.lo, tensor.integer.hi)))
        line = reader.affine(flow, np.array([mul / (1 << shift)]), np.array([add / (1 << shift)]),
                             name=f"{reader.current}_{side}_line")
        return Flow(reader.add(Quantize(codes, Fraction(1), 0, Rounding.FLOOR), line.node,
                               name=f"{reader.current}_{side}"), line.places, whole=True)
    if (mul, add, shift) != (1, 0, 0):
        raise Unsupported(f"it has {side}_rq 0, and yet a factor {mul}, {add} and shift {shift}")
    if side == "out" and tensor.integer | codes != codes:
        raise Unsupported(f"its sum is {tensor.integer}, beyond the {levels} of its out_n_levels: "
                          f"QuantLab does not clip it, and DORY's kernels do")
    return flow


def _whole(node: OnnxNode, name: str) -> int:
    """An attribute of QuantLab's, a whole number."""
    value = node(name)
    if not isinstance(value, int | float) or value != int(value) or abs(value) >= 1 << 53:
        raise Unsupported(f"its attribute {name} is {value}, which is no whole number")
    return int(value)
