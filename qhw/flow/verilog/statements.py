"""Assignments, `if` and `case`, from Amaranth's statements to Verilog's."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from amaranth.hdl import Shape, Signal, Value
from amaranth.hdl._ast import Assign, Concat, Part, Switch, SwitchValue

from .expressions import Expressions, exact, in_range, pieces
from .text import WIDTH, Doc, Text, flat, lay, number, size, statement

__all__ = ["Branch", "Item", "Set", "Statements", "groups", "lines", "only", "sets"]


@dataclass(slots=True)
class Set:
    """Bits ``lo`` to ``hi`` of ``signal``, or some of them that ``target`` selects, become."""

    signal: Signal
    lo: int
    hi: int
    target: Text
    text: Text
    fixed: bool = True
    reads: frozenset[int] = frozenset()
    exact: bool = False
    """Whether the text by itself has the width of the target."""

    @property
    def whole(self) -> bool:
        return self.fixed and self.hi - self.lo == len(self.signal)


@dataclass(slots=True)
class Branch:
    """`if` with a condition a head, or `case` of ``test``; head None is what remains."""

    test: Text | None
    heads: list[Text | None]
    bodies: list[list["Item"]] = field(default_factory=list)
    casez: bool = False
    reads: frozenset[int] = frozenset()

    def key(self) -> list[str | None]:
        return [None if text is None else flat(text) for text in (self.test, *self.heads)]


Item = Set | Branch


def sets(items: Iterable[Item]) -> Iterator[Set]:
    """All assignments within."""
    for item in items:
        if isinstance(item, Set):
            yield item
        else:
            for body in item.bodies:
                yield from sets(body)


def reads(items: Iterable[Item]) -> set[int]:
    """Signals read within, by ``duid``."""
    found: set[int] = set()
    for item in items:
        found |= item.reads
        if isinstance(item, Branch):
            for body in item.bodies:
                found |= reads(body)
    return found


def only(items: list[Item], duids: set[int]) -> list[Item]:
    """The part that assigns these signals."""
    found: list[Item] = []
    for item in items:
        if isinstance(item, Set):
            if item.signal.duid in duids:
                found.append(item)
        elif any(bodies := [only(body, duids) for body in item.bodies]):
            found.append(Branch(item.test, item.heads, bodies, item.casez, item.reads))
    return found


def groups(items: list[Item], *, apart: bool) -> list[list[Item]]:
    """Statements that assign the same signals together, in the order of the first ones.

    With ``apart``, no group reads what it assigns: then each signal is on its own.
    """
    found: list[tuple[set[int], list[Item]]] = []
    places: dict[int, int] = {}
    for item in items:
        own = {s.signal.duid for s in sets([item])}
        old = sorted({places[duid] for duid in own if duid in places})
        home = old[0] if old else len(found)
        if not old:
            found.append((set(), []))
        for k in old[1:]:
            found[home][0].update(found[k][0])
            found[home][1].extend(found[k][1])
            found[k] = set(), []
        found[home][0].update(own)
        found[home][1].append(item)
        places |= dict.fromkeys(found[home][0], home)
    order = {id(item): k for k, item in enumerate(items)}
    together = []
    for own, group in found:
        group.sort(key=lambda item: order[id(item)])
        if apart and own & reads(group):
            together += [_alone(group, duid) for duid in dict.fromkeys(
                s.signal.duid for s in sets(group))]
        elif group:
            together.append(group)
    return together


def _alone(group: list[Item], duid: int) -> list[Item]:
    mine = only(group, {duid})
    if duid in reads(mine):
        name = next(sets(mine)).signal.name
        raise NotImplementedError(f"signal {name} is read in statements that assign it")
    return mine


class Statements(Expressions):
    """Turns statements into items; ``name`` names a signal.

    Wires that expressions need on the way gather in ``hoisted``; ``seen`` is what was read.
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
            wire = Signal(shape, name=f"{self.target}_tmp" if self.target else "tmp")
            self._wires[key] = value, wire
            target = self.target
            self.hoisted.append(self._become(wire, 0, width, self.name(wire), value, fixed=True))
            self.target = target
        return self._wires[key][1]

    def reading(self, printed: Callable[..., Any], *args: Any) -> tuple[Any, frozenset[int]]:
        """What is printed, and the signals that are read in it."""
        before, self.seen = self.seen, set()
        text = printed(*args)
        here, self.seen = self.seen, before
        return text, frozenset(here)

    def items(self, statements: Iterable) -> list[Item]:
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
        return _merged(found)

    def _assign(self, lhs: Value, rhs: Value) -> list[Item]:
        total, found, at = len(lhs), [], 0
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
        width, cases = len(part.value), []
        for k in range(min(-(-width // part.stride), 1 << len(part.offset))):
            at = k * part.stride + lo
            pattern = format(k, f"0{len(part.offset)}b") if len(part.offset) else ""
            body = [Assign(part.value[at:min(at + n, width)], rhs)] if at < width else []
            cases.append(((pattern,), body))
        return self._branch(part.offset, cases)

    def _become(self, signal, lo, hi, target, rhs, n=None, *, fixed) -> Set:
        self.target = self.name(signal)
        width = hi - lo if n is None else n
        text, here = self.reading(self.assigned, rhs, width)
        return Set(signal, lo, hi, target, text, fixed, here, exact(rhs, width))

    def _branch(self, test: Value, cases: list) -> list[Item]:
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

    def _if(self, test: Value, cases: list) -> Branch | None:
        """If the cases are those that Amaranth makes of If, Elif and Else."""
        if not isinstance(test, Concat) or any(len(part) != 1 for part in test.parts):
            return None
        n = len(test.parts)
        for k, (patterns, _) in enumerate(cases):
            if patterns is not None and patterns != (("1" + "-" * k).rjust(n, "-"),):
                return None
        return Branch(None, [None if patterns is None else self.condition(part).doc
                             for (patterns, _), part in zip(
                                 cases, (*test.parts, None), strict=False)])

    def _case(self, test: Value, cases: list) -> Branch:
        casez = any("-" in pattern for patterns, _ in cases for pattern in patterns or ())
        heads = [None if patterns is None else Doc(
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


def _merged(items: list[Item]) -> list[Item]:
    """Neighbours that branch alike become one."""
    found: list[Item] = []
    for item in items:
        last = found[-1] if found else None
        if isinstance(item, Branch) and isinstance(last, Branch) and last.key() == item.key():
            last.bodies = [_merged(a + b) for a, b in zip(last.bodies, item.bodies, strict=True)]
            last.reads |= item.reads
        else:
            found.append(item)
    return found


# -- text

def lines(items: list[Item], becomes: str, indent: int) -> list[str]:
    """Statements of an always block, ``becomes`` being ``=`` or ``<=``."""
    found = []
    for item in items:
        if isinstance(item, Set):
            found += _set(item, becomes, indent)
        elif item.test is None:
            found += _if(item, becomes, indent)
        else:
            found += _case(item, becomes, indent)
    return found


def _set(item: Set, becomes: str, indent: int) -> list[str]:
    return statement(f"{flat(item.target)} {becomes}", item.text, ";", indent)


def _if(item: Branch, becomes: str, indent: int) -> list[str]:
    arms = list(zip(item.heads, item.bodies, strict=True))
    while arms and not arms[-1][1]:
        arms.pop()
    found, pad, word = [], " " * indent, "if ("
    if len(arms) == 2 and not arms[0][1] and arms[1][0] is None:
        arms, word = [(arms[0][0], arms[1][1])], "if (!("
    tail = ")) begin" if word == "if (!(" else ") begin"
    for head, body in arms:
        lead = "end else " if found else ""
        if head is None:
            found[-1:] = [f"{pad}end else begin"]
        else:
            found[-1:] = _head(pad + lead + word, head, tail)
        found += [*lines(body, becomes, indent + 2), f"{pad}end"]
    return found


def _head(head: str, text: Text, tail: str) -> list[str]:
    """``head text tail`` with lines of the text aligned."""
    doc = Doc([("", text)], "", head, tail)
    if size(doc) <= WIDTH:
        return [flat(doc)]
    pad = " " * len(head)
    rows = lay(text, WIDTH - len(head) - len(tail))
    rows = [head + rows[0], *(pad + row for row in rows[1:])]
    return [*rows[:-1], rows[-1] + tail]


def _case(item: Branch, becomes: str, indent: int) -> list[str]:
    pad, arm = " " * indent, " " * (indent + 2)
    found = _head(f"{pad}{'casez' if item.casez else 'case'} (", item.test or "", ")")
    for head, body in zip(item.heads, item.bodies, strict=True):
        label = arm + ("default" if head is None else flat(head)) + ":"
        if len(label) > WIDTH - 10 and isinstance(head, Doc):
            rows = lay(head, WIDTH - indent - 10)
            found += [arm + row for row in rows[:-1]]
            label = f"{arm}{rows[-1]}:"
        inner = lines(body, becomes, indent + 4)
        if not inner:
            found.append(f"{label} ;")
        elif len(inner) == 1 and len(label) + 1 + len(inner[0].lstrip()) <= WIDTH:
            found.append(f"{label} {inner[0].lstrip()}")
        else:
            found += [f"{label} begin", *inner, f"{arm}end"]
    if None not in item.heads:
        found.append(f"{arm}default: ;")
    return [*found, f"{pad}endcase"]
