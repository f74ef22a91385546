"""Turns Amaranth's statements into Verilog's assignments, `if` and `case`."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from amaranth.hdl import Shape, Value

from ..tools.hdl import Assign, Concat, Part, Signal, Statement, Switch, SwitchValue
from .expressions import Expressions
from .items import Branch, Item, Set, merged
from .terms import exact, in_range, pieces
from .text import Doc, Text, number

__all__ = ["Statements"]

Cases = list[tuple[tuple[str, ...] | None, Iterable[Statement]]]
"""Patterns, None for what remains, and statements."""


class Statements(Expressions):
    """Turns statements into items; ``name`` names a signal.

    Wires that expressions need are collected in ``hoisted``, signals that are read in ``seen``.
    """

    def __init__(self, name: Callable[[Signal], str]):
        super().__init__(self._read, self._hoist)
        self.name, self.target = name, ""
        self.seen: set[int] = set()
        self.hoisted: list[Set] = []
        self._wires: dict[tuple[int, int], tuple[Value, Signal]] = {}

    def _read(self, signal: Signal) -> str:
        self.seen.add(signal.duid)
        return self.name(signal)

    def _hoist(self, value: Value, width: int) -> Signal:
        key = id(value), width
        if key not in self._wires:
            shape = Shape(width, value.shape().signed)
            name = f"{self.target}_tmp" if self.target else "tmp"
            wire = cast(Signal, Signal(shape, name=name))
            self._wires[key] = value, wire
            target = self.target
            self.hoisted.append(self._become(wire, 0, width, self.name(wire), value, fixed=True))
            self.target = target
        return self._wires[key][1]

    def reading(self, printed: Callable[..., Any], *args: Any) -> tuple[Any, frozenset[int]]:
        """Returns the printed result, and the signals that it reads."""
        before, self.seen = self.seen, set()
        text = printed(*args)
        here, self.seen = self.seen, before
        return text, frozenset(here)

    def items(self, statements: Iterable[Statement]) -> list[Item]:
        """Turns Amaranth's statements into items."""
        found: list[Item] = []
        for stmt in statements:
            match stmt:
                case Assign():
                    found += self._assign(stmt.lhs, stmt.rhs)
                case Switch():
                    cases = [(patterns, body) for patterns, body, _ in stmt.cases]
                    found += self._branch(stmt.test, cases)
                case _:
                    raise NotImplementedError(f"{type(stmt).__name__} is not supported")
        return merged(found)

    def _assign(self, lhs: Value, rhs: Value) -> list[Item]:
        total, found, at = len(lhs), list[Item](), 0
        targets = pieces(lhs, 0, total)
        if len(targets) > 1 and len(rhs) < total:
            rhs = self.hoist(rhs, total)
        for base, lo, hi in targets:
            value = rhs if len(targets) == 1 else rhs[at:at + hi - lo]
            found += self._set(base, lo, hi, value)
            at += hi - lo
        return found

    def _set(self, base: Value, lo: int, hi: int, rhs: Value) -> list[Item]:
        match base:
            case Signal():
                target = self.select(self.name(base), len(base), lo, hi)
                return [self._become(base, lo, hi, target, rhs, fixed=True)]
            case Part():
                return self._set_part(base, lo, hi, rhs)
            case SwitchValue():
                return self._branch(base.test, [
                    (patterns, [Assign(value[lo:hi], rhs)] if lo < len(value) else [])
                    for patterns, value in base.cases])
            case _:
                raise NotImplementedError(f"assignment to {base!r} is not supported")

    def _set_part(self, part: Part, lo: int, hi: int, rhs: Value) -> list[Item]:
        inner, n = pieces(part.value, 0, len(part.value)), hi - lo
        first, begin, end = inner[0]
        if len(inner) == 1 and isinstance(first, Signal) and in_range(part) and len(part.offset):
            index, here = self.reading(self.index, part, first, begin + lo)
            target = Doc([("", index)], "", f"{self.name(first)}[", "]" if n == 1 else f" +: {n}]")
            item = self._become(first, begin, end, target, rhs, n, fixed=False)
            item.reads |= here
            return [item]
        width, cases = len(part.value), Cases()
        for k in range(min(-(-width // part.stride), 1 << len(part.offset))):
            at = k * part.stride + lo
            pattern = format(k, f"0{len(part.offset)}b") if len(part.offset) else ""
            body = [Assign(part.value[at:min(at + n, width)], rhs)] if at < width else []
            cases.append(((pattern,), body))
        return self._branch(part.offset, cases)

    def _become(self, signal: Signal, lo: int, hi: int, target: Text, rhs: Value,
                n: int | None = None, *, fixed: bool) -> Set:
        self.target = self.name(signal)
        width = hi - lo if n is None else n
        text, here = self.reading(self.assigned, rhs, width)
        return Set(signal, lo, hi, target, text, fixed, here, exact(rhs, width))

    def _branch(self, test: Value, cases: Cases) -> list[Item]:
        cases = [(patterns, body) for patterns, body in cases if patterns != ()]
        last = next((k for k, (p, _) in enumerate(cases) if p is None), len(cases))
        cases = cases[:last + 1]
        if len(test) == 0:
            return self.items(cases[0][1]) if cases else []
        bodies = [self.items(body) for _, body in cases]
        if not any(bodies):
            return []
        branch, here = self.reading(lambda: self._if(test, cases) or self._case(test, cases))
        branch.bodies, branch.reads = bodies, here
        return [branch]

    def _if(self, test: Value, cases: Cases) -> Branch | None:
        """If the cases are those that Amaranth makes of If, Elif and Else."""
        if not isinstance(test, Concat) or any(len(part) != 1 for part in test.parts):
            return None
        n = len(test.parts)
        for k, (patterns, _) in enumerate(cases):
            if patterns is not None and patterns != (("1" + "-" * k).rjust(n, "-"),):
                return None
        return Branch(None, [None if patterns is None or part is None else self.condition(part).doc
                             for (patterns, _), part in zip(
                                 cases, (*test.parts, None), strict=False)])

    def _case(self, test: Value, cases: Cases) -> Branch:
        casez = any("-" in pattern for patterns, _ in cases for pattern in patterns or ())
        heads: list[Text | None] = [None if patterns is None else Doc(
            [("", self._label(pattern, casez)) for pattern in patterns], ", ")
            for patterns, _ in cases]
        printed = self.alone(test)
        if printed.signed and not isinstance(test, Signal):      # the unsigned labels would matter
            printed = self.alone(self.hoist(test, len(test)))
        return Branch(printed.doc, heads, casez=casez)

    def _label(self, pattern: str, casez: bool) -> Text:
        if casez:
            return f"{len(pattern)}'b{pattern.replace('-', '?')}"
        return number(int(pattern, 2), len(pattern))
