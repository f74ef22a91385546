"""Networks of integers: the RequantShift of Deeploy and PACT, in any domain."""

import numpy as np

from ....exact.num import Int
from ....layers import ShiftRound
from ..file import OnnxNode
from ..operators import ANY, INTEGER, given, handles
from ..reader import Reader
from ..values import Unsupported

__all__: list[str] = []


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
