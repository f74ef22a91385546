"""Codes and factors of whole vectors, found at run time: the units' own streams against numpy."""

import numpy as np
import pytest
from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.hw.streams.stream import beats
from qhw.hw.units.runtime import BlockFloatUnit, ResidualUnit
from qhw.layers import BlockFloat, Residual
from qhw.ops import MatVec
from qhw.ops.dynamic import DynamicMatVec
from qhw.schemes import schemes
from tests.drive import run

X, SIZE = Int(-20, 19), 6


class Together(wiring.Component):
    """A unit whose factors are above its codes in each beat, as they are kept for the vector."""

    def __init__(self, unit):
        self.unit = unit
        self.codes, self.factors = (len(Cat(port.payload.as_value()
                                            if hasattr(port.payload, "as_value")
                                            else port.payload)) for port in (unit.o, unit.f))
        super().__init__({"i": In(beats(unit.x.shape, unit.lanes)),
                          "o": Out(stream.Signature(self.codes + self.factors))})

    def elaborate(self, platform):
        m = Module()
        m.submodules.unit = unit = self.unit
        connect(m, flipped(self.i), unit.i)
        m.d.comb += [unit.f.ready.eq(1), unit.o.ready.eq(self.o.ready),
                     self.o.valid.eq(unit.o.valid)]
        kept = unit.f.payload.as_value()
        held = Signal(self.factors)
        with m.If(unit.f.valid):
            m.d.sync += held.eq(kept)
        m.d.comb += self.o.payload.eq(Cat(unit.o.payload.as_value(), held))
        return m


def vectors():
    found = np.random.default_rng(0).integers(X.lo, X.hi + 1, (12, SIZE))
    found[0], found[1], found[2] = X.lo, X.hi, 3
    return found


def wanted(coding, weights, zero):
    product = MatVec(weights, weights.quantize(np.ones((1, SIZE))).codes, np.zeros(1, int))
    op = DynamicMatVec(coding, product, zero)
    assert op.infer(Tensor((SIZE,), X))
    return op.coded(vectors())


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize("lanes", [1, 2, 6])
def test_mantissas_and_their_exponent(lanes, stalls):
    codes, exponents = wanted(BlockFloat(4), schemes["fixed"](), 3)
    unit = Together(BlockFloatUnit(x=X, zero=3, length=SIZE // lanes, lanes=lanes, bits=4))
    got = run(unit, vectors().reshape(-1, lanes).tolist(), stalls=stalls)
    pairs = [(word & (1 << unit.codes) - 1, word >> unit.codes) for word in got]
    found = [word >> 4 * k & 15 for word, _ in pairs for k in range(lanes)]
    assert np.array_equal(np.reshape(found, codes.shape), codes & 15)
    assert [e for _, e in pairs] == np.repeat(exponents.ravel(), SIZE // lanes).tolist()


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize("planes", [1, 2])
def test_signs_of_what_is_left(planes, stalls):
    signs, factors = wanted(Residual(planes), schemes["binary"](), -2)
    unit = Together(ResidualUnit(x=X, zero=-2, length=SIZE, lanes=1, planes=planes))
    got = run(unit, vectors().reshape(-1, 1).tolist(), stalls=stalls)
    bits = [[word >> p & 1 for p in range(planes)] for word in got]
    assert np.array_equal(np.reshape(bits, (-1, SIZE, planes)).swapaxes(1, 2), signs > 0)
    width = unit.factors // planes
    told = [[word >> planes + width * p & (1 << width) - 1 for p in range(planes)] for word in got]
    assert np.array_equal(told[::SIZE], factors)
