"""Text with places at which a line may break, and numbers as literals."""

from typing import Union

__all__ = ["WIDTH", "Doc", "Text", "flat", "lay", "number", "size", "statement"]

WIDTH = 100
"""Columns of a line."""

Text = Union[str, "Doc"]


class Doc:
    """Text between ``open`` and ``close`` with items, each with a prefix; a line may end before an
    item.

    Items joined by commas fill the lines. Other items stand one a line if they do not all fit in
    one line."""

    __slots__ = ("close", "items", "joiner", "open", "size")

    def __init__(self, items: list[tuple[str, Text]], joiner: str = " ", open: str = "",
                 close: str = ""):
        self.items, self.joiner, self.open, self.close = items, joiner, open, close
        self.size = (len(open) + len(close) + len(joiner) * (len(items) - 1)
                     + sum(len(prefix) + size(item) for prefix, item in items))


def size(text: Text) -> int:
    """Counts the columns of the text on one line."""
    return len(text) if isinstance(text, str) else text.size


def flat(text: Text) -> str:
    """Returns the text on one line."""
    if isinstance(text, str):
        return text
    items = text.joiner.join(prefix + flat(item) for prefix, item in text.items)
    return text.open + items + text.close


def lay(text: Text, room: int) -> list[str]:
    """Breaks the text into lines of at most ``room`` columns, as far as its breaks allow."""
    if isinstance(text, str) or text.size <= room:
        return [flat(text)]
    room -= len(text.open) + len(text.close)
    rows: list[str] = []
    comma = text.joiner.rstrip()
    for k, (prefix, item) in enumerate(text.items):
        end = comma if k < len(text.items) - 1 else ""
        if comma and rows and len(rows[-1]) + 2 + size(item) + len(end) <= room:
            rows[-1] += f" {prefix}{flat(item)}{end}"
            continue
        first, *more = lay(item, room - len(prefix) - len(end))
        rows += [prefix + first, *(" " * len(prefix) + row for row in more)]
        rows[-1] += end
    first, *more = rows
    rows = [text.open + first, *(" " * len(text.open) + row for row in more)]
    rows[-1] += text.close
    return rows


def statement(head: str, text: Text, tail: str, indent: int) -> list[str]:
    """Prints ``head text tail`` on one line, or with the text below the head.

    Parameters
    ----------
    head, tail : Verilog before and after it
    text : the text to break
    indent : number of spaces before the head
    """
    pad = " " * indent
    if indent + len(head) + 1 + size(text) + len(tail) <= WIDTH:
        return [f"{pad}{head} {flat(text)}{tail}"]
    rows = lay(text, WIDTH - indent - 4 - len(tail))
    return [pad + head, *(f"{pad}    {row}" for row in rows[:-1]), f"{pad}    {rows[-1]}{tail}"]


def number(value: int, width: int, *, signed: bool = False) -> Text:
    """Prints the low ``width`` bits of the integer ``value`` as a sized literal, ``signed`` if
    asked."""
    value &= (1 << width) - 1
    if signed and value >> width - 1:
        return f"-{width}'sd{(1 << width) - value}"
    if signed:
        return f"{width}'sd{value}"
    if width == 1:
        return f"1'b{value}"
    if value < 10_000:
        return f"{width}'d{value}"
    if width <= 256:
        return f"{width}'h{value:x}"
    parts = [number(value >> lo, min(64, width - lo)) for lo in range(0, width, 64)]
    return Doc([("", part) for part in reversed(parts)], ", ", "{", "}")
