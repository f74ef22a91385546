"""The block diagram of a network: its units and ports as boxes, its streams as lines.

``layout`` computes positions, ``diagram.svg.jinja`` has the looks. A drawing is cut into pieces,
one for each row of boxes, so that a printed page can end between two pieces."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import hypot, inf
from typing import NamedTuple

from ..verilog.about import PortRecord
from .layers import FITTING, ShownLayer
from .layout import PORT, Arrangement, Point, arrange
from .layout import Box as Room
from .page import SIZES, Size, number, parts, wide
from .record import Beat, Record

__all__ = ["Drawing", "diagrams"]

WIDTH = 149
PAD = 8             # between a box's edge and its text
QUEUE = 12          # what a queue's box has at its end for its entries
LINE = 16
MONO = 7.3          # a letter of a name
ROUND = 5


class Text(NamedTuple):
    """A line of text at ``x`` and ``y``, in pixels."""

    style: str
    x: float
    y: float
    said: str


class Box(NamedTuple):
    """A unit or a port; lengths are in pixels, ``busy`` is the fraction of the initiation
    interval in which it works."""

    style: str
    x: float
    y: float
    width: float
    height: float
    texts: list[Text]
    busy: float
    """The share of the initiation interval in which it works."""


class Piece(NamedTuple):
    """A part of the drawing between two heights, in pixels."""

    top: float
    height: float
    boxes: list[Box]
    lines: list[str]
    heads: list[str]
    beats: list[Text]


class Drawing(NamedTuple):
    """The diagram for one size of page."""

    size: Size
    width: float
    pieces: list[Piece]


class _Unit(NamedTuple):
    """Text and figures of a unit before it has a position."""

    style: str
    texts: list[tuple[str, str]]
    beat: str
    sources: tuple[int, ...]
    busy: float = 0

    @property
    def height(self) -> int:
        """Its texts' and its inputs', which enter from the middle down."""
        return max(LINE * len(self.texts) + 12, 2 * PORT * len(self.sources))


def diagrams(record: Record, layers: Sequence[ShownLayer], slowest: int | None) -> list[Drawing]:
    """Draws the network, once for each page size.

    Parameters
    ----------
    record : the record of the build
    layers : its rows of layers
    slowest : index of the slowest layer, if known
    """
    units = list(_units(record, layers, slowest))
    return [_drawing(units, size) for size in SIZES] if units else []


def _units(record: Record, layers: Sequence[ShownLayer], slowest: int | None) -> Iterator[_Unit]:
    """The ports and the layers. A layer without sources reads the one before."""
    known: dict[str, int] = {}
    count = 0
    if record.input:
        known[""] = 0
        yield _port("input", "s_axis", record.input, ())
        count = 1
    for layer in layers:
        before = (count - 1,) if count else ()
        sources = tuple(known[name] for name in layer.sources if name in known)
        yield _layer(layer, sources or before, slowest, record.cycles_per_inference)
        known[layer.name] = count
        count += 1
    if record.output:
        yield _port("output", "m_axis", record.output, (count - 1,) if count else ())


def _port(name: str, bus: str, port: PortRecord, sources: tuple[int, ...]) -> _Unit:
    texts = [("name", name), ("soft", bus)]
    if port.shape:
        texts.append(("soft", "shape " + " × ".join(str(n) for n in port.shape)))
    texts.append(("soft", f"codes {number(port.lo)}..{number(port.hi)}"))
    if port.beats:
        texts.append(("soft", _many(port.beats, "beat")))
    return _Unit("port", _fitting(texts), _beat(port), sources)


def _layer(layer: ShownLayer, sources: tuple[int, ...], slowest: int | None, interval: int
           ) -> _Unit:
    cycles, slow = layer.cycles, slowest is not None and layer.cycles == slowest
    texts = [("name", layer.name), ("soft", layer.unit)]
    if layer.inputs and layer.outputs:
        texts.append(("soft", f"{number(layer.inputs)} → {number(layer.outputs)}"))
    if layer.scheme:
        texts.append(("soft", layer.scheme))
    if layer.pe and layer.simd:
        texts.append(("soft", f"PE {layer.pe}, SIMD {layer.simd}"))
    texts.append(("slow" if slow else "soft", _many(cycles, "cycle")))
    style = layer.kind if layer.kind in ("fork", "queue") else "layer"
    fits = " fit" if layer.kind in FITTING else ""
    room = WIDTH - (QUEUE if style == "queue" else 0)
    return _Unit(style + fits + (" slow" if slow else ""), _fitting(texts, room),
                 _beat(layer.o), sources, min(cycles / interval, 1) if interval else 0)


def _many(count: int, what: str) -> str:
    return f"{number(count)} {what}{'s' if count != 1 else ''}"


def _beat(beat: Beat | PortRecord | None) -> str:
    return f"{beat.lanes} × {beat.bits}" if beat else ""


def _fitting(texts: list[tuple[str, str]], width: float = WIDTH) -> list[tuple[str, str]]:
    """The texts in lines that fit into a box."""
    lines: list[tuple[str, str]] = []
    for style, said in texts:
        lines += [(style, line) for line in _wrapped(said, width - 2 * PAD, style == "name")]
    return lines


def _wrapped(said: str, room: float, mono: bool) -> list[str]:
    """Lines no wider than the room, broken between words where there are any."""
    def fits(line: str) -> bool:
        return (MONO * len(line) if mono else wide(line)) <= room

    lines = [""]
    for part in (part for word in said.split(" ") for part in parts(f"{word} ")):
        for piece in [part] if fits(part.strip()) else part:
            if not fits((lines[-1] + piece).rstrip()):
                lines.append("")
            lines[-1] += piece
    return [line.strip() for line in lines if line.strip()]


def _drawing(units: Sequence[_Unit], size: Size) -> Drawing:
    """Streams that run to the right return at the page's edge."""
    rooms = [Room(*((unit.height, WIDTH) if size.down else (WIDTH, unit.height)),
                  16 if size.down else wide(unit.beat, 11) + 10, unit.sources)
             for unit in units]
    found = arrange(rooms, inf if size.down else size.width)
    boxes = [_box(unit, place, size.down) for unit, place in zip(units, found.places, strict=True)]
    last = max((k for unit in units for k in unit.sources), default=-1)
    beats = [_carried(unit, box, size.down) for k, (unit, box) in
             enumerate(zip(units, boxes, strict=True)) if unit.beat and k <= last]
    width = max(b for _, b in found.rows) if size.down else found.length
    return Drawing(size, width + 2, list(_pieces(found, boxes, beats, size.down)))


def _box(unit: _Unit, place: Point, down: bool) -> Box:
    x, y = (place[1] - WIDTH / 2, place[0]) if down else (place[0], place[1] - unit.height / 2)
    texts = [Text(style, x + PAD, y + LINE * (k + 1) + 1, said)
             for k, (style, said) in enumerate(unit.texts)]
    return Box(unit.style, x, y, WIDTH, unit.height, texts, unit.busy)


def _carried(unit: _Unit, box: Box, down: bool) -> Text:
    if down:
        return Text("beat", box.x + WIDTH / 2 + 7, box.y + unit.height + 15, unit.beat)
    return Text("beat", box.x + WIDTH + 6, box.y + unit.height / 2 - 5, unit.beat)


def _pieces(found: Arrangement, boxes: Sequence[Box], beats: Sequence[Text], down: bool
            ) -> Iterator[Piece]:
    """Yields the rows with their visible part; a line between two rows is in both."""
    rows = [(0., found.length)] if down else found.rows
    edges = [rows[0][0] - 1, *(begin for begin, _ in rows[1:]), rows[-1][1] + 1]
    for top, bottom in pairwise(edges):
        lines = [[(b, a) if down else (a, b) for a, b in line] for line in found.lines]
        heights = [[y for _, y in line] for line in lines]
        seen = [line for line, ys in zip(lines, heights, strict=True)
                if min(ys) <= bottom and max(ys) >= top]
        yield Piece(top, bottom - top, [b for b in boxes if top <= b.y < bottom],
                    [_path(line) for line in seen],
                    [_head(line[-1], down) for line in seen if top <= line[-1][1] <= bottom],
                    [text for text in beats if top <= text.y < bottom])


def _path(points: Sequence[Point]) -> str:
    """A line with round corners that ends before its arrow's head."""
    (x, y), (end_x, end_y) = points[-2:]
    away = hypot(end_x - x, end_y - y) or 1
    end = (end_x - 5 * (end_x - x) / away, end_y - 5 * (end_y - y) / away)
    path = f"M{_at(points[0])}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        path += f" L{_at(_near(corner, before))} Q{_at(corner)} {_at(_near(corner, after))}"
    return f"{path} L{_at(end)}"


def _near(corner: Point, other: Point) -> Point:
    """On the way from a corner, where its rounding begins."""
    away = hypot(other[0] - corner[0], other[1] - corner[1]) or 1
    part = min(ROUND, away / 2) / away
    return (corner[0] + part * (other[0] - corner[0]), corner[1] + part * (other[1] - corner[1]))


def _head(end: Point, down: bool) -> str:
    return f"M{_at(end)} " + ("l-3.5 -7 h7 z" if down else "l-7 -3.5 v7 z")


def _at(point: Point) -> str:
    return f"{round(point[0], 1):g} {round(point[1], 1):g}"
