"""A network behind a serial line: its identification, requests and answers; see
docs/reference/link.md."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any, cast

from amaranth.hdl import ClockDomain, DomainRenamer, Module, Signal
from amaranth.lib.wiring import In, Out

from ..design.top import Port, Top, layout
from ..errors import ModelError
from ..graph import MOST_BITS, Graph
from ..limits import BOARD_BYTES
from ..ops.history import remembered
from ..targets import Target
from ..tools.hdl import Component, connect
from ..tools.store import fingerprint
from .gateware.answers import Answers
from .gateware.cobs import Decoder, Encoder
from .gateware.recall import Recall
from .gateware.slots import CHECK, HEAD, Slots
from .gateware.uart import Receiver, Transmitter, rate

__all__ = ["About", "Link", "LinkTop", "identity"]

VERSION = 1
FASTEST = 4
"""Cycles of the shortest bit."""
MOST_SLOTS = 128
BLOCK = 512
"""Bytes of memory for requests where no target says how large a block RAM is."""
FOLDING = {"pe", "simd", "each", "stages", "channels", "asked", "engine"}
"""Fields of layers that change the hardware but not its results."""


@dataclass(frozen=True)
class Link:
    """A serial line with one start bit, eight data bits and one stop bit."""

    clock_hz: int
    """Clock frequency of the network and its link in Hz."""
    baud: int = 1_000_000

    def __post_init__(self):
        if self.baud < 1:
            raise ModelError(f"The link must have at least 1 baud, not {self.baud}")
        if self.clock_hz < FASTEST * self.baud:
            raise ModelError(f"The link's {self.baud} baud are too many for a clock of "
                             f"{self.clock_hz / 1e6:g} MHz: at most {self.clock_hz // FASTEST}")


@dataclass(frozen=True)
class Beats:
    """Layout of a tensor in the beats of a port; see ``top.Port``."""

    bits: int
    signed: int
    lanes: int
    beats: int

    @property
    def wrong(self) -> str:
        """Names the reason why no port can have these beats; empty if there is none."""
        sound = 1 <= self.bits <= MOST_BITS and self.lanes and self.beats
        return "" if sound and self.size <= BOARD_BYTES else (
            f"{self.beats} beats of {self.lanes} lanes of {self.bits} bits")

    @property
    def beat(self) -> int:
        """Bytes of a beat."""
        return -(-self.bits * self.lanes // 8)

    @property
    def size(self) -> int:
        """Bytes of a tensor."""
        return self.beat * self.beats

    @classmethod
    def of(cls, port: Port) -> "Beats":
        """Describes the beats of a port."""
        return cls(port.codes.width, int(port.codes.shape.signed), port.lanes, port.beats)


@dataclass(frozen=True)
class About:
    """A board's identification: 32 bytes, integers from the lowest byte."""

    network: bytes
    input: Beats
    output: Beats
    window: int
    """Requests that it has room for; 0 if the network has state, whose samples are a sequence."""
    baud: int
    version: int = VERSION

    LAYOUT = struct.Struct("<BBBHIBHII12s")

    def pack(self) -> bytes:
        """Encodes the identification to bytes."""
        i, o = self.input, self.output
        return self.LAYOUT.pack(self.version, self.window, i.bits | i.signed << 7, i.lanes, i.beats,
                                o.bits | o.signed << 7, o.lanes, o.beats, self.baud, self.network)

    @property
    def wrong(self) -> str:
        """Names the reason why no board can have this identification; empty if there is none."""
        window = "" if 0 <= self.window <= MOST_SLOTS else f"a window of {self.window} requests"
        return self.input.wrong or self.output.wrong or window

    @classmethod
    def unpack(cls, text: bytes) -> "About":
        """Decodes an identification from bytes."""
        version, window, i, *i_beats, o, o_lanes, o_beats, baud, network = cls.LAYOUT.unpack(text)
        return cls(network, Beats(i & 127, i >> 7, *i_beats),
                   Beats(o & 127, o >> 7, o_lanes, o_beats), window, baud, version)


def identity(graph: Graph) -> bytes:
    """Computes twelve bytes that identify the function of a lowered graph; folds do not change
    them."""
    layers = [(node.name, node.inputs, _meaning(node.op)) for node in graph.hardware.nodes]
    return bytes.fromhex(fingerprint(layers))[:12]


def _meaning(thing: Any) -> Any:
    """A layer as its fields, less those of its folding."""
    if isinstance(thing, tuple | list):
        return [_meaning(one) for one in cast(Sequence[Any], thing)]
    if not is_dataclass(thing) or isinstance(thing, type):
        return thing
    return [type(thing).__name__, *((f.name, _meaning(getattr(thing, f.name)))
                                    for f in fields(thing) if f.name not in FOLDING)]


class LinkTop(Component):
    """Connects the network to the host by a serial line."""

    rx: Signal
    tx: Signal

    def __init__(self, graph: Graph, link: Link, target: Target | None = None):
        self.graph, self.link, self.target = graph, link, target
        super().__init__({"rx": In(1), "tx": Out(1)})

    @cached_property
    def ports(self) -> tuple[Beats, Beats]:
        """The codes of a sample and of its answer, as they go over the line."""
        i, o = layout(self.graph)
        return Beats.of(i), Beats.of(o)

    @cached_property
    def about(self) -> About:
        """The identification that this board sends."""
        i, o = self.ports
        window = 0 if self.sequence else self._window(i.size)
        return About(identity(self.graph), i, o, window, self.link.baud)

    @property
    def sequence(self) -> bool:
        """Whether the network has state, so that its samples are a sequence."""
        return remembered(self.graph) > 0

    def _window(self, size: int) -> int:
        """Requests that a block RAM holds, and at least two."""
        family = self.target.family if self.target else None
        block = max((depth for width, depth in family.block_modes if width >= 8), default=0
                    ) if family else BLOCK
        slot = 1 << (HEAD + size - 1).bit_length()
        return min(max(block // slot, 2), MOST_SLOTS)

    @property
    def frame(self) -> int:
        """Bytes of the longest frame to the host."""
        return HEAD + max(self.ports[1].size, About.LAYOUT.size) + CHECK

    def _slots(self) -> Slots:
        i, _ = self.ports
        return Slots(i.size, i.beat, self._window(i.size), sequence=self.sequence)

    def _encoder(self) -> Encoder:
        return Encoder(1 << (2 * min(self.frame + 2, 256) - 1).bit_length())

    @property
    def blocks(self) -> int:
        """Block RAMs of the memories of requests and frames on the target."""
        assert self.target
        depths = [self._slots().depth, self._encoder().depth, *[self.frame] * self.sequence]
        return sum(self.target.family.blocks(8, depth) for depth in depths
                   if self.target.style(8, depth, writable=True) == "block")

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        about, bits = self.about, rate(self.link.clock_hz, self.link.baud)

        def add(name: str, unit: Any) -> Any:
            m.submodules[name] = unit
            return unit

        network = Top(self.graph)
        slots = self._slots()
        add("network", self._restarted(m, network, slots.restart) if self.sequence else network)
        receiver = add("receiver", Receiver(bits))
        decoder = add("decoder", Decoder())
        add("slots", slots)
        answers = add("answers", Answers(about.output.beat, about.pack()))
        encoder = add("encoder", self._encoder())
        transmitter = add("transmitter", Transmitter(bits))
        connect(m, receiver.o, decoder.i)
        connect(m, decoder.o, slots.i)
        connect(m, slots.head, answers.head)
        sent = answers.o
        if self.sequence:
            recall = add("recall", Recall(self.frame))
            connect(m, sent, recall.i)
            m.d.comb += recall.again.eq(slots.again)
            sent = recall.o
        connect(m, sent, encoder.i)
        connect(m, encoder.o, transmitter.i)
        m.d.comb += [
            receiver.rx.eq(self.rx), self.tx.eq(transmitter.tx),
            slots.done.eq(answers.done), answers.read.eq(slots.read),
            network.s_axis_tdata.eq(slots.o.payload), network.s_axis_tvalid.eq(slots.o.valid),
            slots.o.ready.eq(network.s_axis_tready),
            answers.body.payload.bytes.eq(network.m_axis_tdata),
            answers.body.payload.last.eq(network.m_axis_tlast),
            answers.body.valid.eq(network.m_axis_tvalid),
            network.m_axis_tready.eq(answers.body.ready),
        ]
        return m

    def _restarted(self, m: Module, network: Top, restart: Signal) -> Any:
        """Returns the network in a domain that ``restart`` resets too."""
        sync: Any = ClockDomain("sync")
        restarted: Any = ClockDomain("restarted", local=True)
        m.domains += sync, restarted
        restarted.clk = sync.clk
        m.d.comb += restarted.rst.eq(sync.rst | restart)
        renamed: Any = DomainRenamer("restarted")
        return renamed(network)
