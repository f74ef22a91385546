"""The driver of streams sees components that break the rule of streams."""

import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from qhw.testing.stream import Hung, plain, run


class Wire(wiring.Component):
    """Passes beats on; a ``fault`` drops all of them, or changes one that waits."""

    i: In(stream.Signature(4))
    o: Out(stream.Signature(4))

    def __init__(self, fault=""):
        self.fault = fault
        super().__init__()

    def elaborate(self, platform):
        m, noise = Module(), Signal(4)
        m.d.sync += noise.eq(noise + 1)
        m.d.comb += [self.o.payload.eq(self.i.payload), self.o.valid.eq(self.i.valid),
                     self.i.ready.eq(self.o.ready)]
        if self.fault == "drops":
            m.d.comb += [self.o.valid.eq(0), self.i.ready.eq(1)]
        if self.fault == "changes":
            m.d.comb += self.o.payload.eq(self.i.payload ^ noise)
        return m


def test_beats_pass_with_and_without_pauses():
    assert run(Wire(), range(12)) == list(range(12))
    assert run(Wire(), range(12), stalls=1) == list(range(12))
    assert run(Wire(), [3, 4], times=True)[1][0] == run(Wire(), [3, 4], times=True)[1][1]


def test_a_stream_that_does_not_end():
    with pytest.raises(Hung, match="0 of 3 items"):
        run(Wire("drops"), [1, 2, 3])


def test_a_beat_that_changes_while_it_waits():
    with pytest.raises(AssertionError, match="a waiting beat changed"):
        run(Wire("changes"), range(8), stalls=1)


def test_plain_payloads():
    assert plain([[1, 2], [3]]) == [[1, 2], [3]] and plain(7) == 7
