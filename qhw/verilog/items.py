"""Assignments and branches of an always block, and their text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..tools.hdl import Signal
from .text import WIDTH, Doc, Text, flat, lay, size, statement

__all__ = ["Branch", "Item", "Set", "every", "groups", "lines", "merged", "only", "reads", "sets"]


@dataclass(slots=True)
class Set:
    """An assignment to bits ``lo`` to ``hi`` of ``signal``, or to some of them, which ``target``
    selects."""

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
        """Whether the assignment covers the whole signal."""
        return self.fixed and self.hi - self.lo == len(self.signal)


@dataclass(slots=True)
class Branch:
    """An `if` with one condition for each body, or a `case` of ``test``; head None is the `else` or
    the default."""

    test: Text | None
    heads: list[Text | None]
    bodies: list[list["Item"]] = field(default_factory=list[list["Item"]])
    casez: bool = False
    reads: frozenset[int] = frozenset()

    def key(self) -> list[str | None]:
        """Texts of the test and of all heads; equal for branches that can be merged."""
        return [None if text is None else flat(text) for text in (self.test, *self.heads)]


Item = Set | Branch


def sets(items: Iterable[Item]) -> Iterator[Set]:
    """Yields all assignments in ``items``, nested ones too."""
    for item in items:
        if isinstance(item, Set):
            yield item
        else:
            for body in item.bodies:
                yield from sets(body)


def reads(items: Iterable[Item]) -> set[int]:
    """Collects the signals that ``items`` read, by ``duid``."""
    found: set[int] = set()
    for item in items:
        found |= item.reads
        if isinstance(item, Branch):
            for body in item.bodies:
                found |= reads(body)
    return found


def only(items: list[Item], duids: set[int]) -> list[Item]:
    """Returns the part of ``items`` that assigns the signals ``duids``."""
    found: list[Item] = []
    for item in items:
        if isinstance(item, Set):
            if item.signal.duid in duids:
                found.append(item)
        elif any(bodies := [only(body, duids) for body in item.bodies]):
            found.append(Branch(item.test, item.heads, bodies, item.casez, item.reads))
    return found


def groups(items: list[Item], *, apart: bool) -> list[list[Item]]:
    """Groups statements that assign the same signals, in the order of first assignment.

    With ``apart``, no group reads a signal that it assigns, so each signal has its own group.
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
    together = list[list[Item]]()
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


def every(items: list[Item]) -> list[Item]:
    """Lists all items, nested ones too."""
    found: list[Item] = []
    for item in items:
        found.append(item)
        if isinstance(item, Branch):
            for body in item.bodies:
                found += every(body)
    return found


def merged(items: list[Item]) -> list[Item]:
    """Merges neighbouring branches with equal conditions."""
    found: list[Item] = []
    for item in items:
        last = found[-1] if found else None
        if isinstance(item, Branch) and isinstance(last, Branch) and last.key() == item.key():
            last.bodies = [merged(a + b) for a, b in zip(last.bodies, item.bodies, strict=True)]
            last.reads |= item.reads
        else:
            found.append(item)
    return found


# -- text

def lines(items: list[Item], becomes: str, indent: int) -> list[str]:
    """Prints statements of an always block.

    Parameters
    ----------
    items : the statements
    becomes : ``=`` or ``<=``
    indent : number of spaces before each line
    """
    found: list[str] = []
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
    found, pad, word = list[str](), " " * indent, "if ("
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
