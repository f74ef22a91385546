"""Prints Amaranth's exact integers in Verilog, whose context determines an expression's width and
sign.

Verilog computes an expression at one width and with one signedness, which all of its operands
decide together. Sums, products, bitwise operations and left shifts have correct low bits at *any*
width if each operand is extended by its own signedness. Such an expression becomes a ``Term`` for
the needed width, whose leaves agree on the signedness. All other operators start a new expression
for each operand; operands that do not fit it become wires."""

from collections.abc import Callable, Iterator

from amaranth.hdl import Const, Shape, Value

from ..tools.hdl import Concat, Operator, Part, Signal, Slice, SwitchValue, unified
from .terms import (
    ATOM,
    COMPARE,
    INDEX,
    LEVELS,
    REDUCE,
    UNARY,
    Piece,
    Printed,
    Term,
    binary,
    call,
    folded,
    in_range,
    leaf,
    matches,
    num,
    pieces,
    repeated,
)
from .text import Doc, Text, flat, number, size

__all__ = ["Expressions"]


class Expressions:
    """Prints values.

    ``read`` is a function that names a signal. ``hoist`` is a function that makes a wire from a
    value and the wire's width in bits."""

    def __init__(self, read: Callable[[Signal], str], hoist: Callable[[Value, int], Signal]):
        self.read, self.hoist = read, hoist
        self._shifts: dict[int, tuple[Part, Signal]] = {}

    # -- what others ask for

    def assigned(self, value: Value, width: int) -> Text:
        """Prints the right side of an assignment to ``width`` bits."""
        return self._agree([self._term(value, width)], width)[0].doc

    def alone(self, value: Value, width: int | None = None) -> Printed:
        """Prints a value for a place where Verilog takes the width from the expression itself."""
        return self._alone([value], len(value) if width is None else width)[0]

    def condition(self, value: Value) -> Printed:
        """Prints the condition that the value is not zero."""
        return self.alone(value if len(value) == 1 else value.bool())

    def index(self, part: Part, base: Signal, lo: int) -> Text:
        """Prints the lowest bit of ``part``, a part of ``base`` with the first possible bit ``lo``,
        an index."""
        index, width = part.offset, len(part.offset)
        if part.stride > 1 or lo > 0:
            width = (len(base) - 1).bit_length()
            index = index * Const(part.stride, width) + Const(lo, width)
        printed = self.alone(index, width)
        if size(printed.doc) > INDEX and not isinstance(part.offset, Signal):
            wire = self.hoist(part.offset, len(part.offset))
            return self.index(Part(part.value, wire, part.width, part.stride), base, lo)
        return call("$unsigned", printed.doc).doc if printed.signed else printed.doc

    def select(self, name: str, whole: int, lo: int, hi: int) -> str:
        """Prints bits ``lo`` to ``hi`` (exclusive) of the signal ``name`` of ``whole`` bits."""
        if hi - lo == whole:
            return name
        return f"{name}[{lo}]" if hi - lo == 1 else f"{name}[{hi - 1}:{lo}]"

    # -- the operands of one expression agree

    def _alone(self, values: list[Value], width: int, signed: bool | None = None) -> list[Printed]:
        terms = [self._term(value, width) for value in values]
        if max(self._own_width(terms, width, signed)) < width:
            signed_too = any(value.shape().signed for value in values)
            k = max(range(len(values)), key=lambda k: len(values[k])
                    + (signed_too and not values[k].shape().signed))
            terms[k] = self._term(self.hoist(values[k], len(values[k])), width)
        return self._agree(terms, width, signed)

    def _own_width(self, terms: list[Term], width: int, signed: bool | None) -> Iterator[int]:
        """Yields the printed width of each leaf in bits."""
        mode = self._signedness(terms, width, signed)
        for term in terms:
            for x in term.leaves():
                more = mode is True and not x.signed and x.width < width
                yield width if x.op == "#" else x.width + more

    def _signedness(self, terms: list[Term], width: int, signed: bool | None) -> bool | None:
        """Whether the expression must be signed; None if it makes no difference."""
        leaves = [x for term in terms for x in term.leaves() if x.op != "#"]
        short = [x.signed for x in leaves if x.width < width]
        if signed or any(short) or any(term.arithmetic_shift() for term in terms):
            return True
        if signed is False or short:
            return False
        return None

    def _agree(self, terms: list[Term], width: int, signed: bool | None = None) -> list[Printed]:
        mode = self._signedness(terms, width, signed)
        leaves = [x for term in terms for x in term.leaves()]
        if mode:
            for x in leaves:
                self._sign(x, width)
        elif mode is False and all(x.op == "" and x.typed for x in leaves):
            leaves[0].text = call("$unsigned", leaves[0].text.doc)
        typed = [x.typed for x in leaves if x.op == ""]
        numbers = mode if mode is not None else bool(typed) and all(typed)
        signed = all(x.typed or x.op == "#" and numbers for x in leaves)
        return [self._print(term, width, numbers)._replace(signed=signed) for term in terms]

    def _sign(self, x: Term, width: int) -> None:
        """A leaf of a signed expression."""
        if x.op == "#":
            return
        if not x.signed and x.width < width:
            zero = Doc([("", "1'b0"), ("", x.text.doc)], ", ", "{", "}")
            x.text, x.typed = call("$signed", zero), True
        elif not x.typed:
            x.text, x.typed = call("$signed", x.text.doc), True

    def _print(self, term: Term, width: int, signed: bool) -> Printed:
        args = term.args
        match term.op:
            case "":
                return term.text
            case "#":
                doc = number(term.value, width, signed=signed)
                return Printed(doc, UNARY if isinstance(doc, str) and doc[0] == "-" else ATOM)
            case "~" | "neg":
                inner = self._print(args[0], width, signed).tight()
                return Printed(Doc([("~" if term.op == "~" else "-", inner)]), UNARY)
            case "?":
                return self._choice(term, width, signed)
            case "<<" | ">>" | ">>>":
                doc = self._print(args[0], width, signed).inside(term.op)
                return binary(term.op, Printed(doc), term.text)
            case op:
                left, right = args
        if op in "+-" and right.op == "#" and right.value < 0:
            op, right = "-" if op == "+" else "+", num(-right.value)
        return binary(op, self._print(left, width, signed), self._print(right, width, signed))

    def _choice(self, term: Term, width: int, signed: bool) -> Printed:
        then, other = (self._print(arg, width, signed) for arg in term.args)
        test, first = term.text.inside("?"), then.doc if then.op != "?" else then.inside("?")
        items: list[tuple[str, Text]] = [("", Doc([("", test), ("? ", first)]))]
        if other.op == "?":
            (_, head), *tail = other.items
            items += [(": ", head), *tail]
        else:
            items.append((": ", other.doc))
        return Printed(Doc(items), LEVELS["?"], "?")

    # -- terms

    def _term(self, value: Value, width: int) -> Term:
        """The low ``width`` bits of a value."""
        if isinstance(value, Operator):
            return self._operator(value, width)
        if (n := len(value)) == 0:
            return num(0)
        match value:
            case Const():
                return num(value.value)
            case Signal():
                name, signed = self.read(value), value.shape().signed
                if width < n:
                    return leaf(self.select(name, n, 0, width), width)
                return leaf(name, n, signed=signed, typed=signed)
            case Slice() | Concat():
                return self._bits(pieces(value, 0, min(width, n)), width)
            case Part():
                return self._part(value, width)
            case SwitchValue():
                return self._switch(value, width)
            case _:
                raise NotImplementedError(f"{type(value).__name__} {value!r} is not supported")

    def _operator(self, value: Operator, width: int) -> Term:
        op, (a, *rest) = value.operator, value.operands
        match op, rest:
            case "-", []:
                return Term("neg", [self._term(a, width)])
            case "+", []:
                return self._term(a, width)
            case ("~" | "u" | "s"), _ if len(a) == 0:
                return num(0)
            case "~", _:
                if width <= len(a) or a.shape().signed:
                    return Term("~", [self._term(a, width)])
                inverted = self.alone(~a).doc
                zeros = number(0, width - len(a))
                return leaf(Doc([("", zeros), ("", inverted)], ", ", "{", "}"), width)
            case ("u" | "s"), _:
                return self._cast(a, op == "s", width)
            case ("b" | "r|" | "r&" | "r^"), _:
                return self._reduce(op, a, width)
            case ("+" | "-" | "*" | "&" | "|" | "^"), [b]:
                return folded(op, self._term(a, width), self._term(b, width), width)
            case ("<<" | ">>"), [Const(value=0)]:
                return self._term(a, width)
            case "<<", [b]:
                return Term("<<", [self._term(a, width)], self._amount(b))
            case ">>", [b]:
                return self._right(value, a, b, width)
            case ("<" | "<=" | ">" | ">=" | "==" | "!="), [b]:
                return self._compare(op, a, b)
            case _:
                raise NotImplementedError(f"operator {op} is not supported")

    def _cast(self, a: Value, signed: bool, width: int) -> Term:
        """``a``'s bits read with another signedness."""
        n = len(a)
        while isinstance(a, Operator) and a.operator in ("u", "s"):
            a = a.operands[0]
        if width <= n or a.shape().signed == signed:
            return self._term(a, width)
        term = self._term(a, n)
        if term.op == "#":
            return num(Const(term.value, Shape(n, signed)).value)
        if term.op == "" and term.width == n:
            term.signed = signed
            return term
        text = call("$signed" if signed else "$unsigned", self.alone(a).doc)
        return leaf(text.doc, n, signed=signed, typed=signed)

    def _reduce(self, op: str, a: Value, width: int) -> Term:
        if len(a) == 0:
            return num(op == "r&")
        if len(a) == 1:
            return self._cast(a, False, width)
        return leaf(Doc([(REDUCE[op], self.alone(a).tight())]), 1, level=UNARY)

    def _compare(self, op: str, a: Value, b: Value) -> Term:
        shape = unified(a, b)
        a, b = (Const(0) if len(v) == 0 else v for v in (a, b))
        if isinstance(a, Const) and isinstance(b, Const):
            return num(COMPARE[op](a.value, b.value))
        signed = shape.signed if op[0] in "<>" else None
        printed = binary(op, *self._alone([a, b], shape.width, signed))
        return leaf(printed.doc, 1, level=printed.level, op=op)

    def _amount(self, value: Value) -> Printed:
        if len(value) == 0:
            return Printed("0")
        return Printed(str(value.value)) if isinstance(value, Const) else self.alone(value)

    def _right(self, value: Value, a: Value, b: Value, width: int) -> Term:
        n, signed = len(a), a.shape().signed
        if width >= n:
            return Term(">>>" if signed else ">>", [self._term(a, width)], self._amount(b))
        if isinstance(b, Const):
            lo = min(b.value, n - 1) if signed else b.value
            hi = min(lo + width, n)
            if lo >= hi:
                return num(0)
            return self._cast(a[lo:hi], signed, width)
        return self._term(self.hoist(value, n)[:width], width)

    def _bits(self, found: list[Piece], width: int) -> Term:
        """An unsigned number made of these bits."""
        if len(found) != 1:
            return self._concat(found)
        (value, lo, hi), = found
        if isinstance(value, Const):
            return num(value.value)
        if isinstance(value, Signal):
            whole = hi - lo == len(value)
            return leaf(self.select(self.read(value), len(value), lo, hi), hi - lo,
                        typed=whole and value.shape().signed)
        if lo == 0 and hi == width:
            return self._term(value, width)
        if lo == 0 and hi == len(value):
            return self._cast(value, False, width)
        if (isinstance(value, Operator) and value.operator in ("&", "|", "^", "~")
                and all(len(operand) == len(value) for operand in value.operands)):
            cut = Operator(value.operator, [operand[lo:hi] for operand in value.operands])
            return self._cast(cut, False, width)
        return self._bits([(self.hoist(value, len(value)), lo, hi)], width)

    def _concat(self, found: list[Piece]) -> Term:
        width = sum(hi - lo for _, lo, hi in found)
        docs: list[tuple[Text, int]] = []
        for value, lo, hi in reversed(found):
            doc = self.alone(value[lo:hi] if hi - lo < len(value) else value).doc
            if docs and size(docs[-1][0]) == size(doc) and flat(docs[-1][0]) == flat(doc):
                docs[-1] = (doc, docs[-1][1] + 1)
            else:
                docs.append((doc, 1))
        items = [("", doc if n == 1 else repeated(doc, n)) for doc, n in docs]
        text = items[0][1] if len(items) == 1 else Doc(items, ", ", "{", "}")
        return leaf(text, width)

    def _part(self, value: Part, width: int) -> Term:
        inner, n = value.value, min(width, value.width)
        if n == 0:
            return num(0)
        if len(value.offset) == 0:
            return self._term((inner | Const(0, value.width)).as_unsigned()[:value.width], width)
        base, lo, _ = found[0] if len(found := pieces(inner, 0, len(inner))) == 1 else (None, 0, 0)
        if not in_range(value):
            return self._bits([(self._shifted(value), 0, n)], width)
        if not isinstance(base, Signal):
            base, lo = self.hoist(inner, len(inner)), 0
        name, index = self.read(base), self.index(value, base, lo)
        return leaf(Doc([("", index)], "", f"{name}[", "]" if n == 1 else f" +: {n}]"), n)

    def _shifted(self, part: Part) -> Signal:
        """A wire that begins with a part that may lie outside."""
        if id(part) not in self._shifts:
            shifted = part.value >> part.offset * part.stride
            wire = self.hoist(shifted, max(part.width, len(part.value)))
            self._shifts[id(part)] = part, wire
        return self._shifts[id(part)][1]

    def _switch(self, value: SwitchValue, width: int) -> Term:
        test, cases = value.test, value.cases
        if len(cases) == 2 and cases[0][0] == ("0" * len(test),) and cases[1][0] is None:
            (_, otherwise), (_, then) = cases
            return Term("?", [self._term(then, width), self._term(otherwise, width)],
                        self.condition(test) if len(test) else Printed("1'b0"))
        if not isinstance(test, Signal):
            test = self.hoist(test, len(test))
        term = num(0)
        for patterns, case in reversed(cases):
            if patterns is None:
                term = self._term(case, width)
            elif patterns:
                term = Term("?", [self._term(case, width), term],
                            self.alone(matches(test, patterns)))
        return term
