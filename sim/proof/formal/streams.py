"""The properties of a stream unit: what comes out is what should, nothing is lost, nothing stops.

Small sizes, all inputs, all pauses at both ends.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Shape
from amaranth.lib import wiring

from .proving import Property, emitted

Element = Callable[[str, int], str]
"""``x(port, k)``: the ``k``-th element that ever came in at a port, as a Verilog expression."""


@dataclass(frozen=True)
class Stream:
    """A unit with streams, and what its output's ``n``-th beat must be."""

    name: str
    unit: wiring.Component
    beat: Callable[[Element, int], Sequence[str]]
    """The elements of output beat ``n`` as expressions of the inputs."""
    needs: Callable[[int], Sequence[int]]
    """Beats of each input that must have come before output beat ``n`` may."""
    outputs: int = 3
    """Beats until which it is looked at."""
    steps: int = 10
    """Cycles from reset on."""
    late: int = 4
    """Cycles with an input, and an output that takes, in which there may be no beat."""
    induction: bool = True
    """Whether that a waiting beat stays follows from the state before alone, reached or not."""
    o: str = "o"
    """The output; the others are always ready."""

    @property
    def inputs(self) -> list[str]:
        return [n for n, m in self.unit.signature.members.items()
                if m.is_signature and m.flow == wiring.In]

    @property
    def others(self) -> list[str]:
        return [n for n, m in self.unit.signature.members.items()
                if m.is_signature and m.flow == wiring.Out and n != self.o]


def elements(stream: Any) -> tuple[int, Shape, int]:
    """How many a beat has, their shape, and their bits together."""
    layout = stream.payload.shape()
    shape = Shape.cast(layout.elem_shape)
    return layout.length, shape, layout.length * shape.width


def wide(signed: bool, text: str) -> str:
    """An element as a signed number that has room."""
    return f"$signed({text})" if signed else f"$signed({{1'b0, {text}}})"


def properties(of: Stream) -> Iterator[Property]:
    text = emitted(of.unit)
    for name, check, steps in (
            ("each beat is what it should be, none is lost, doubled or early", _content(of),
             of.steps),
            ("a beat that waits stays as it is", _holds(of), 0 if of.induction else of.steps),
            (f"a beat moves every {of.late} cycles unless an end pauses", _moves(of), of.steps)):
        yield Property(of.name, name, f"{text}\n{_around(of, check)}", steps)
    yield Property(of.name, f"{of.outputs} beats can come out",
                   f"{text}\n{_around(of, f'(* keep *) wire reached = went == {of.outputs};')}",
                   of.steps, "reached")


def _around(of: Stream, check: str) -> str:
    """A module that feeds the unit anything, and counts and keeps what moves."""
    ports, wires, pins, counts = ["input clk"], list[str](), [".clk(clk), .rst(rst)"], list[str]()
    for i in of.inputs:
        _, _, width = elements(getattr(of.unit, i))
        ports += [f"input [{width - 1}:0] {i}_payload", f"input {i}_valid"]
        pins.append(f".{i}_payload({i}_payload), .{i}_valid({i}_valid), .{i}_ready({i}_ready)")
        beats = max(1, *(of.needs(n)[of.inputs.index(i)] for n in range(of.outputs + 1)))
        wires.append(f"""
  wire {i}_ready;
  reg [7:0] {i}_came = 0;
  reg [{width * beats - 1}:0] {i}_kept = 0, {i}_seen;
  reg {i}_waits = 0;
  reg [{width - 1}:0] {i}_was = 0;
  wire [7:0] {i}_offered = {i}_came + {i}_valid;
  always @* begin
    {i}_seen = {i}_kept;
    if ({i}_came < {beats}) {i}_seen[{i}_came * {width} +: {width}] = {i}_payload;
    if ({i}_waits) assume({i}_valid && {i}_payload == {i}_was);
  end""")
        counts.append(f"""
    {i}_waits <= !rst && {i}_valid && !{i}_ready;
    {i}_was <= {i}_payload;
    if (!rst && {i}_valid && {i}_ready) begin
      {i}_kept <= {i}_seen;
      {i}_came <= {i}_came + 1;
    end""")
    for o in (of.o, *of.others):
        _, _, width = elements(getattr(of.unit, o))
        pins.append(f".{o}_payload({o}_payload), .{o}_valid({o}_valid), .{o}_ready({o}_ready)")
        wires.append(f"  wire [{width - 1}:0] {o}_payload;\n  wire {o}_valid;")
        ports.append(f"input {o}_ready")
    return f"""
module claim(
  {f",{chr(10)}  ".join(ports)}
);
  reg started = 0;
  wire rst = !started;
  reg [7:0] went = 0;
{"".join(wires)}
  unit dut(
    {f",{chr(10)}    ".join(pins)});
  wire moves = !rst && {of.o}_valid && {of.o}_ready;
  always @(posedge clk) begin
    started <= 1;
    if (moves) went <= went + 1;
{"".join(counts)}
  end
  {check}
endmodule
"""


def _content(of: Stream) -> str:
    def x(port: str, k: int) -> str:
        shape = elements(getattr(of.unit, port))[1]
        return wide(shape.signed, f"{port}_seen[{k * shape.width} +: {shape.width}]")

    lanes, shape, _ = elements(getattr(of.unit, of.o))
    cases = ""
    for n in range(of.outputs):
        wanted = of.beat(x, n)
        assert len(wanted) == lanes
        each = [f"{wide(shape.signed, f'{of.o}_payload[{k * shape.width} +: {shape.width}]')}"
                f" == ({want})" for k, want in enumerate(wanted)]
        there = [f"{i}_offered >= {count}" for i, count in zip(of.inputs, of.needs(n), strict=True)]
        cases += f"      {n}: assert({' && '.join(there + each)});\n"
    return f"always @* if (!rst && {of.o}_valid) case (went)\n{cases}      default: ;\n    endcase"


def _holds(of: Stream) -> str:
    _, _, width = elements(getattr(of.unit, of.o))
    return f"""reg waits = 0;
  reg [{width - 1}:0] was = 0;
  always @(posedge clk) begin
    waits <= !rst && {of.o}_valid && !{of.o}_ready;
    was <= {of.o}_payload;
  end
  always @* if (waits && !rst) assert({of.o}_valid && {of.o}_payload == was);"""


def _moves(of: Stream) -> str:
    flows = " && ".join([*(f"{i}_valid" for i in of.inputs),
                         *(f"{o}_ready" for o in (of.o, *of.others))])
    return f"""reg [7:0] idle = 0;
  always @(posedge clk) idle <= rst || moves || !({flows}) ? 0 : idle + 1;
  always @* assert(idle <= {of.late});"""
