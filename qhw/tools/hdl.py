"""Classes of Amaranth 0.5 with the members that its type stubs or its public interface lack.

``amaranth-stubs`` leaves out members of some classes; type checkers read them here. At run time,
each name is Amaranth's own class, but for ``Array``.

Amaranth computes the shape of an expression from its operands at each use, which takes half the
time of an estimate. Expressions never change, so here each computes it once."""

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from amaranth import hdl
from amaranth.hdl._ast import Assign, Concat, Slice, Statement, SwitchValue
from amaranth.lib import data, wiring

__all__ = ["Array", "ArrayLayout", "Assign", "Component", "Concat", "Fragment", "Instance",
           "Memory", "Operator", "Part", "Port", "ShapeLike", "Signal", "Slice", "Statement",
           "Switch", "SwitchValue", "View", "attribute", "connect", "elements", "like", "operands",
           "rebuilt", "serial", "unified"]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    class Signal(hdl.Signal):
        """A signal; ``duid`` is its number, which no other has."""

        duid: int
        @property
        def attrs(self) -> dict[str, Any]: ...

    class Operator(hdl.Value):
        """An operator, such as ``+``, and its operands."""

        operator: str
        operands: Sequence[hdl.Value]

        def __init__(self, operator: str, operands: Iterable[hdl.Value]): ...
        def shape(self) -> hdl.Shape: ...

    class Part(hdl.Value):
        """Bits of a value, ``width`` from ``offset`` times ``stride``."""

        value: hdl.Value
        offset: hdl.Value
        width: int
        stride: int

        def __init__(self, value: hdl.Value, offset: hdl.Value, width: int, stride: int): ...
        def shape(self) -> hdl.Shape: ...

    class Switch(Statement):
        """Cases of a value: patterns (None for what remains), statements, and where they stand."""

        test: hdl.Value
        cases: Sequence[tuple[tuple[str, ...] | None, Iterable[Statement], Any]]

    class ClockDomain(hdl.ClockDomain):
        """A clock and its reset."""

        clk: Signal
        rst: Signal | None
        clk_edge: str
        async_reset: bool

    class Fragment(hdl.Fragment):
        """An elaborated module; ``origins`` are the objects that elaborated to it."""

        statements: Mapping[str, Iterable[Statement]]
        domains: Mapping[str, ClockDomain]
        subfragments: Sequence[tuple["Fragment", str | None, Any]]
        origins: Sequence[Any] | None

        @staticmethod
        def get(obj: Any, platform: Any) -> "Fragment": ...
        def prepare(self, *args: Any, **options: Any) -> "Design": ...

    class Design:
        """An elaborated design."""

        fragment: Fragment

    class Instance(Fragment):
        """A module from elsewhere; a port is a value and ``i``, ``o`` or ``io``."""

        type: str
        parameters: Mapping[str, Any]
        ports: Mapping[str, tuple[Any, str]]

        def __init__(self, type: str, **arguments: Any): ...

    class Shape(hdl.Shape):
        """Width and signedness."""

        @staticmethod
        def _unify(shapes: Iterable[hdl.Shape]) -> hdl.Shape: ...

    ShapeLike: TypeAlias = hdl.Shape | int | range | hdl.ShapeCastable[Any]

    class View(data.View[Any]):
        """A value with fields, which are attributes or elements."""

        def __getattr__(self, name: str) -> Any: ...
        def __getitem__(self, key: Any) -> Any: ...

    class ArrayLayout(hdl.ShapeCastable[View]):
        """A layout of ``length`` values of one shape, side by side."""

        elem_shape: hdl.Shape
        length: int
        size: int

        def __init__(self, elem_shape: ShapeLike, length: int): ...

    class Signature(wiring.Signature):
        """Members of a component."""

        def flatten(self, obj: Any) -> Iterator[tuple[tuple[str | int, ...], Any, Any]]: ...

    class Component(wiring.Component[Signature]):
        """A component, whose type has no parameter at run time."""

    class Port(Protocol):
        """A port of a memory; ``en`` has a bit for each granule of a word that is written."""

        en: hdl.Signal
        addr: hdl.Signal
        data: hdl.Value
        domain: str

    class Memory(Component):
        """A memory of ``depth`` words."""

        depth: int
        init: Sequence[Any]
        attrs: Mapping[str, str]
        read_ports: Sequence[Port]
        write_ports: Sequence[Port]

        def __init__(self, *, shape: hdl.Shape | int, depth: int, init: Iterable[Any],
                     attrs: Mapping[str, str] | None = None): ...
        def read_port(self, *, domain: str = "sync",
                      transparent_for: Iterable[Port] = ()) -> Port: ...
        def write_port(self, *, granularity: int | None = None) -> Port: ...
        def elaborate(self, platform: Any) -> Fragment: ...

    def like(other: hdl.Value, *, name: str | None = None) -> hdl.Signal:
        """Makes a signal of the shape of another value."""
        ...

    def connect(m: hdl.Module, *ports: Any) -> None:
        """Connects the members of interfaces that have the same names."""
else:
    from amaranth.hdl import Fragment, Instance, Shape, ShapeLike, Signal
    from amaranth.hdl._ast import Operator, Part, Switch
    from amaranth.lib.data import ArrayLayout, View
    from amaranth.lib.memory import Memory
    from amaranth.lib.memory import ReadPort as Port
    from amaranth.lib.wiring import Component, connect

    like = hdl.Signal.like

    def _once(kind):
        """Makes a class of expressions compute its shape once."""
        compute = kind.shape

        def shape(self):
            known = vars(self).get("_known_shape")
            if known is None:
                known = self._known_shape = compute(self)
            return known

        kind.shape = shape

    for _kind in (Operator, Slice, Part, Concat, SwitchValue):
        _once(_kind)


class Array(ArrayLayout):
    """An array that waveforms show as one number.

    Amaranth describes each element for them whenever it makes a signal, which takes 0.3 s for
    12,544 elements."""

    def format(  # pyright: ignore[reportIncompatibleMethodOverride]
            self, value: hdl.ValueLike, format_spec: str) -> hdl.Format:
        return hdl.Format("{}", hdl.Value.cast(value))


def elements(view: Any) -> list[Any]:
    """Lists the elements of a view with an array layout."""
    return list(view)


def serial(value: hdl.ValueLike) -> int:
    """Returns the serial number (``duid``) of a signal, which may be given as a view."""
    return cast(Signal, hdl.Value.cast(value)).duid


def attribute(signal: hdl.Signal, name: str) -> Any:
    """Returns an attribute of a signal, None if it has none of that name."""
    return cast(Signal, signal).attrs.get(name)


def unified(a: hdl.Value, b: hdl.Value) -> hdl.Shape:
    """Returns the narrowest shape that holds the integers of both."""
    return Shape._unify((a.shape(), b.shape()))     # pyright: ignore[reportPrivateUsage]


def operands(value: hdl.Value) -> list[hdl.Value]:
    """Lists the values that an expression reads; none for a signal or a constant."""
    match value:
        case Operator():
            return list(value.operands)
        case Slice():
            return [value.value]
        case Part():
            return [value.value, value.offset]
        case Concat():
            return list(value.parts)
        case SwitchValue():
            return [value.test, *(case for _, case in value.cases)]
        case _:
            return []


def rebuilt(value: hdl.Value, operands: list[hdl.Value]) -> hdl.Value:
    """Makes the same expression of other operands, of the same shapes."""
    match value:
        case Operator():
            return Operator(value.operator, operands)
        case Slice():
            return Slice(operands[0], value.start, value.stop)
        case Part():
            return Part(operands[0], operands[1], value.width, value.stride)
        case Concat():
            return Concat(operands)
        case SwitchValue():
            cases = [(patterns, case) for (patterns, _), case in zip(
                value.cases, operands[1:], strict=True)]
            return SwitchValue(operands[0], cases)
        case _:
            raise TypeError(f"Value must be an expression of others, not {value!r}")
