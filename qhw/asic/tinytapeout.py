"""A network as a Tiny Tapeout project: a serial link at the demo board's pins, and as few tiles as
possible."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from ..design.beats import to_bytes
from ..design.cycles import predict
from ..design.top import Port, layout, module_name
from ..errors import ModelError
from ..exact.num import Int
from ..graph import Graph
from ..link.line import ASK, BEGIN, frame
from ..link.link import Link, LinkTop
from ..names import comment, identifier
from ..simulators.golden import golden
from ..synthesis.synth import cells, netlist
from ..targets import Target
from ..targets.asic import PLAIN
from ..targets.cost import Cost
from ..tools.typed import Known
from ..verilog.design import Design
from .librelane import Asic, Clocked, filled, librelane

__all__ = ["TILES", "Tapeout", "TinyTapeout", "asic_files", "capacity", "square_microns",
           "tinytapeout"]

RX, TX = 3, 4
"""Of ``ui_in`` and of ``uo_out``: the demo board's serial line."""
TILES = {"1x1": (161.0, 111.52), "1x2": (161.0, 225.76), "2x2": (334.88, 225.76),
         "3x2": (508.76, 225.76), "4x2": (682.64, 225.76), "6x2": (1030.4, 225.76),
         "8x2": (1378.16, 225.76)}
"""Width and height in micrometers."""
DENSITY = 60
"""Percent of the tiles that cells may take, as Tiny Tapeout's own configuration has it."""
FLIP_FLOP, TRANSISTOR = 20.02, 0.9
"""Square micrometers of SkyWater's dfxtp_1, and of a transistor in the average gate."""
SAMPLES, SEED = 3, 0
SLACK_US = 1000
FIXED = {
    "RUN_LINTER": 1, "LINTER_INCLUDE_PDK_MODELS": 1, "RUN_KLAYOUT_XOR": 0, "RUN_KLAYOUT_DRC": 0,
    "DESIGN_REPAIR_BUFFER_OUTPUT_PORTS": 0, "TOP_MARGIN_MULT": 1, "BOTTOM_MARGIN_MULT": 1,
    "LEFT_MARGIN_MULT": 6, "RIGHT_MARGIN_MULT": 6, "FP_SIZING": "absolute",
    "GRT_ALLOW_CONGESTION": 1, "FP_IO_HLENGTH": 2, "FP_IO_VLENGTH": 2, "FP_PDN_VPITCH": 38.87,
    "RUN_CTS": 1, "FP_PDN_MULTILAYER": 0, "MAGIC_DEF_LABELS": 0, "MAGIC_WRITE_LEF_PINONLY": 1,
    "PL_RESIZER_HOLD_SLACK_MARGIN": 0.1, "GRT_RESIZER_HOLD_SLACK_MARGIN": 0.05}
"""Conditions of the shuttle for a layout."""


@dataclass(frozen=True)
class TinyTapeout:
    """Options of a Tiny Tapeout project; ``tiles`` such as "1x2" (default: the fewest), ``baud`` in
    baud."""

    author: str = "anonymous"
    tiles: str | None = None
    """The size it must fit; the smallest if there is none."""
    asic: Asic = field(default_factory=Asic)
    baud: int = 115200

    def __post_init__(self) -> None:
        if not self.author.strip():
            raise ModelError("A Tiny Tapeout project needs an author")
        if self.tiles not in (None, *TILES):
            raise ModelError(f"Tiny Tapeout has no tiles of {self.tiles}, only {', '.join(TILES)}")

    @property
    def link(self) -> Link:
        """Makes the serial link at the project's clock."""
        return Link(self.asic.clock_hz, self.baud)


@dataclass(frozen=True, eq=False)
class Tapeout(Known):
    """Record of a Tiny Tapeout project: ``tinytapeout`` in the record."""

    top_module: str
    clock_hz: int
    baud: int
    tiles: str
    area_um2: int
    """Estimated area of the cells in square micrometers."""
    capacity_um2: int
    """Of cells that the tiles hold."""
    gates: int
    flip_flops: int
    transistors: int


def tinytapeout(graph: Graph, target: Target, asked: TinyTapeout
                ) -> tuple[dict[str, str], Tapeout]:
    """Makes a Tiny Tapeout project: files by name, and its record.

    ModelError names the missing tiles if the network is too large.

    Parameters
    ----------
    graph : the lowered graph
    target : the ASIC target
    asked : tiles, author, clock period in ns
    """
    design = Design.of(graph, target, link=asked.link)
    top = f"tt_um_{_plain(asked.author)}_{module_name(graph).lower()}"
    frames, (i, o) = _frames(graph, target, asked.link), design.streams
    pins = {f"{kind}[{k}]": "" for kind in ("ui", "uo", "uio") for k in range(8)} | {
        f"ui[{RX}]": "RX", f"uo[{TX}]": "TX"}
    known = {"title": graph.name, "said": comment(graph.name), "top": top,
             "module": design.name, "rx": RX, "tx": TX}
    sources = {f"{top}.v": filled("tt_top.v.jinja", **known),
               f"{design.name}.v": design.one_file}
    cost = cells(netlist(sources, top, [], target)[top], target)
    tiles = _tiles(graph, cost, asked.tiles)
    config = {"CLOCK_PORT": "clk", "CLOCK_PERIOD": asked.asic.period_ns,
              "PL_TARGET_DENSITY_PCT": DENSITY, **FIXED}
    found = Tapeout(top, asked.asic.clock_hz, asked.baud, tiles, round(square_microns(cost)),
                    round(capacity(tiles)), cost.luts, cost.ffs, cost.transistors)
    known |= asdict(found) | {
        "author": asked.author, "sources": list(sources), "pins": pins, "i": i, "o": o,
        "clock_hz": asked.asic.clock_hz, "baud": asked.baud, "interval": design.cycles.interval,
        "description": f"A quantized neural network, {i.codes} to {o.codes}, on a serial line",
        "density": DENSITY, "area": found.area_um2, "capacity": found.capacity_um2,
        "period_ps": round(asked.asic.period_ns * 1000), "bit_ps": round(1e12 / asked.baud),
        "patience_us": _patience_us(graph, asked, frames), **frames[0]}
    return {
        **{f"src/{file}": text for file, text in sources.items()},
        "src/config.json": json.dumps(config, indent=2) + "\n",
        "info.yaml": filled("tt_info.yaml.jinja", **known),
        "docs/info.md": filled("tt_info.md.jinja", **known),
        "README.md": filled("tt_readme.md.jinja", **known),
        "test/Makefile": filled("tt_makefile.jinja", **known),
        "test/tb.v": filled("tt_tb.v.jinja", **known),
        "test/test.py": filled("tt_test.py.jinja", **known),
        "test/requirements.txt": "cocotb>=2\npytest\n",
        "test/frames.json": json.dumps(frames, indent=2) + "\n",
    }, found


def _plain(name: str) -> str:
    """Fit to be part of a module's name."""
    return identifier(re.sub(r"[\s._-]+", "_", name.strip().lower()).strip("_"))


def asic_files(graph: Graph, target: Target | None, asked: Asic | TinyTapeout
               ) -> tuple[dict[str, str], Clocked | Tapeout]:
    """Makes the files of an ASIC flow by name, and their part of the record; ModelError if the
    target is no ASIC.

    Parameters
    ----------
    graph : the lowered graph
    target : the ASIC target
    asked : options of the flow
    """
    if target is None or not target.family.gates:
        raise ModelError("Files for an ASIC flow go with the target asic")
    if isinstance(asked, TinyTapeout):
        return tinytapeout(graph, target, asked)
    return librelane(graph, target, asked), Clocked(asked.clock_hz)


# -- room

def square_microns(cost: Cost) -> float:
    """Estimates the area of a circuit's cells in SkyWater's 130 nm, in square micrometres."""
    return FLIP_FLOP * cost.ffs + TRANSISTOR * (cost.transistors - PLAIN * cost.ffs)


def capacity(tiles: str) -> float:
    """Computes the area available to cells in ``tiles``, such as "1x2", in square micrometres."""
    width, height = TILES[tiles]
    return width * height * DENSITY / 100


def _tiles(graph: Graph, cost: Cost, wanted: str | None) -> str:
    """The smallest that hold it; ModelError if none do."""
    area = square_microns(cost)
    for tiles in [wanted] if wanted else TILES:
        if area <= capacity(tiles):
            return tiles
    tiles = wanted or max(TILES, key=capacity)
    raise ModelError(
        f"{graph.name}: with its link it takes about {area:,.0f} um2 of cells ({cost.ffs} "
        f"flip-flops, {cost.transistors} transistors), {area / capacity(tiles):.1f} times the "
        f"{capacity(tiles):,.0f} that {tiles} tiles hold at a density of {DENSITY} %; fold it "
        f"smaller")


# -- the bench

def _frames(graph: Graph, target: Target, link: Link) -> list[dict[str, str]]:
    """Makes the frames to send and to expect: identification first, then samples."""
    exact = golden(graph, _samples(graph))
    nodes = graph.hardware.nodes[0].name, graph.hardware.output.name
    sent, received = (_payloads(exact[node], port)
                      for node, port in zip(nodes, layout(graph), strict=True))
    top = LinkTop(graph, link, target)
    tags = [1 | BEGIN * top.sequence, *range(2, SAMPLES + 1)]
    pairs = [(frame(ASK), frame(ASK, top.about.pack())),
             *((frame(tag, x), frame(tag, y))
               for tag, x, y in zip(tags, sent, received, strict=True))]
    return [{"send": out.hex(), "receive": back.hex()} for out, back in pairs]


def _samples(graph: Graph) -> np.ndarray:
    source = graph.hardware.nodes[0].name
    made = graph.tensors[source]
    codes: Int = made.integer
    return np.random.default_rng(SEED).integers(codes.lo, codes.hi + 1, (SAMPLES, *made.shape))


def _payloads(codes: np.ndarray, port: Port) -> list[bytes]:
    return [one.tobytes() for one in to_bytes(codes, port.codes, port.lanes).reshape(SAMPLES, -1)]


def _patience_us(graph: Graph, asked: TinyTapeout, frames: Sequence[Mapping[str, str]]) -> int:
    """Twice what the longest frame and an inference take, and some more."""
    longest = max(len(one["receive"]) // 2 for one in frames)
    seconds = longest * 10 / asked.baud + predict(graph).latency / asked.asic.clock_hz
    return round(2e6 * seconds) + SLACK_US
