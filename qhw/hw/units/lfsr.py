"""Random bits: a Galois shift register (LFSR) of maximal length, several steps a cycle.

Taps are from Xilinx application note 052 (Alfke, 1996), as exponents of the polynomial.
"""

from typing import Any

import numpy as np
from amaranth.hdl import Cat, Const, Module, Signal, Value
from amaranth.lib.wiring import In, Out

from ...tools.hdl import Component

__all__ = ["TAPS", "Lfsr", "sequence"]

TAPS = {8: (8, 6, 5, 4), 9: (9, 5), 10: (10, 7), 11: (11, 9), 12: (12, 6, 4, 1), 13: (13, 4, 3, 1),
        14: (14, 5, 3, 1), 15: (15, 14), 16: (16, 15, 13, 4), 23: (23, 18), 31: (31, 28),
        32: (32, 22, 2, 1)}


def _mask(width: int) -> int:
    return sum(1 << tap - 1 for tap in TAPS[width])


def sequence(width: int, bits: int, count: int, seed: int = 1) -> np.ndarray:
    """Computes the first ``count`` outputs of ``Lfsr``, integers (count,).

    Parameters
    ----------
    width : bits of the register
    bits : bits of an output
    count : number of outputs
    seed : the register's first state, a number in 1 .. 2**width - 1
    """
    state, found = seed, np.zeros(count, np.int64)
    for k in range(count):
        number = 0
        for b in range(bits):
            low = state & 1
            number |= low << b
            state = state >> 1 ^ (_mask(width) if low else 0)
        found[k] = number
    return found


class Lfsr(Component):
    """Emits pseudo-random bits of a linear feedback shift register; ``step`` advances it.

    After a cycle in which ``step`` is 1, all ``bits`` bits of ``value`` are new."""

    step: Value
    value: Value

    def __init__(self, width: int, bits: int, seed: int = 1):
        if width not in TAPS:
            raise ValueError(f"There are taps for {', '.join(map(str, TAPS))} bits, not {width}")
        if not 0 < seed < 1 << width:
            raise ValueError(f"Seed must be in 1..{(1 << width) - 1}, not {seed}")
        self.width, self.bits, self.seed = width, bits, seed
        super().__init__({"step": In(1), "value": Out(bits)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        state = Signal(self.width, init=self.seed)
        now, shown = state, list[Value]()
        mask = Const(_mask(self.width), self.width)
        for k in range(self.bits):
            shown.append(now[0])
            then = Signal(self.width, name=f"after_{k + 1}")
            m.d.comb += then.eq(Cat(now[1:], Const(0, 1)) ^ (mask & now[0].replicate(self.width)))
            now = then
        m.d.comb += self.value.eq(Cat(shown))
        with m.If(self.step):
            m.d.sync += state.eq(now)
        return m
