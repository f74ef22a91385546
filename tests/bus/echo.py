"""A network for the registers: its answers are the beats of a sample, in order."""

from amaranth.hdl import Signal

from qhw.bus.samples import Samples


class Echo(Samples):
    """One register stands for the network's module."""

    def _network(self, m, before, behind):
        beat = Signal(range(self.o.beats))
        held = Signal(self.o.width)
        full = Signal()
        m.d.comb += [
            before.o.ready.eq(~full | behind.i.ready), behind.i.valid.eq(full),
            behind.i.payload.as_value().eq(held),
            self.done.eq(full & behind.i.ready & (beat == self.o.beats - 1))]
        with m.If(before.o.ready):
            m.d.sync += full.eq(before.o.valid)
            with m.If(before.o.valid):
                m.d.sync += held.eq(before.o.payload.as_value())
        with m.If(full & behind.i.ready):
            m.d.sync += beat.eq(beat + 1)
            with m.If(beat == self.o.beats - 1):
                m.d.sync += beat.eq(0)
