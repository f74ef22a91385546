"""Lint of prose: sentence shapes that make a reader stop, in pages, docstrings, comments, messages.

Run it as ``python .ci/prose.py`` from anywhere; arguments are files, by default all of the project.
A page is read without its code blocks and code spans; a Python file by its docstrings and comments,
and by the texts of messages and option help.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

RULES = [(re.compile(pattern, re.IGNORECASE), hint) for pattern, hint in [
    # relative clauses without a noun before them
    (r"\bwhom?ever\b|\bwhom\b", "name the thing: 'the unit that ...', not 'whom'"),
    (r"\bwhat (it|they|he|she|this|that|one|is|are|was|were|has|have|comes?|goes|becomes?|can|must|"
     r"may|does|do|the [a-z']+ (\w+ )?\w+s)\b(?! ?\?)", "name the thing instead of 'what ...'"),
    (r"\b(that|which|who) [a-z]+ (is|are) (that|those) of\b|\bthose of\W*$",
     "repeat the noun instead of 'those of'"),
    (r"(?:^|[.!?] )(?-i:What) (?!is\b|are\b|does\b|do\b)[^?.]*[.](?!\w)",
     "begin with the thing: 'The answers of a board', not 'What a board says'"),
    (r"(?:^|[.!?;:] )those (of|that|who|with)\b", "repeat the noun instead of 'those'"),
    (r"\bwhere that\b", "'if it ...', or name the thing"),
    (r"\bnobody (?!has\b)(\w+s|can)\b", "name the actor, or the signal"),
    (r"\bwhich (it|they) (is|are|was|were)\b", "make 'which it is ...' a sentence of its own"),
    (r"\bof(?=[.;:!?)]|\s*$)", "a sentence must not end with 'of'"),
    (r"(?:^|[.!?;:] )(of|as for) (a|an|all|each|every|its?|the|what|which|no|some|several|both|one|"
     r"parameters|weights)\b", "begin with the subject, not with 'of ...'"),
    # counts without a number or a noun
    (r"\bso many\b|\bas many as\b|\bever so\b", "give the number or its name, not 'so many'"),
    (r"\bwhere nobody\b|\bnobody (says|has said|knows|asks|wants)\b",
     "say what the default is, not what nobody does"),
    (r"\bhow (many|much|far|long)(?=\s*([.;:!]|$))", "a sentence must not end with 'how many'"),
    (r"\d a (second|cycle)\b", "write the unit after the number: inferences/s"),
    (r"(?<![\w.,/#=-])\d{6,}(?= (?!baud)[a-z])", "separate thousands: 375,000"),
    (r"\band \d[\d,.]+ (for|of it)\b", "repeat the noun after the second number"),
    (r"\bmay be \d", "name the limit: 'at most', 'budget'"),
    # inverted and idle phrases
    (r"\b(at|by|in|of|on|to|with) what\b[^.?]*\?", "say what to do; ask no question"),
    (r"(?:^|[.?!;:,] )give (it|them)\b", "name the option to add"),
    (r"\b(makes?|made|found) of \d", "'from', not 'of'"),
    (r"\bat (least|most)(?=\s*([.;]|$))", "put 'at least' before the number"),
    (r"\bone after the other\b|\bafter the other\b|\bby turns\b",
     "'in order', 'in sequence' or 'alternately'"),
    (r"(?:^|[.!?;] )also (whether|what|how|who)\b", "a sentence needs a subject and a verb"),
    (r"\bfor want of\b|\bfor lack of\b", "'because there is no ...'"),
    (r"\bcomes? out\b|\bgoes on to\b|\bput out\b", "name the signal, the output, or the event"),
    (r"\band the like\b|\bor the like\b|\bas it were\b", "name the things"),
    (r"\bthere of\b|\bthereof\b|\bwhereof\b|\btherein\b|\bwherein\b|\bhitherto\b",
     "use a noun or 'where'"),
    (r"\b(simply|just(?! in time)|obviously|of course|very)\b", "leave it out"),
]]

CODE = re.compile(r"```.*?```|``[^`\n]+``|`[^`\n]+`|<[^>\n]+>|https?://\S+|\]\([^)\n]*\)",
                  re.DOTALL)

ITEM = re.compile(r"\s*([-*#>]+\s|\d+\.\s|[|]|\w+(, \w+)* : )")
"""The beginning of a list item, a heading, a table's row, or a parameter's description."""

KEPT = {
    ("qhw/hw/storage/memory.py", "one after the other"), ("qhw/hw/storage/memory.py", "put out"),
    ("qhw/hw/streams/window.py", "what the window sees"),
    ("qhw/hw/units/join.py", "Of each"), ("qhw/hw/units/join.py", "one after the other"),
}
"""Sentences that are comments in the generated Verilog, which stays byte for byte as it was."""


def faults(text: str) -> list[tuple[int, str, str]]:
    """Finds the rules that a prose text breaks.

    Returns (line from 0, the words found, hint) for each place. Code in backquotes counts as a
    noun: ``code`` is replaced by an "X".
    """
    plain = CODE.sub(lambda m: "X" + "\n" * m[0].count("\n"), text)
    lines = plain.split("\n")
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    joined = re.sub(r"\n(?!\n)", " ", plain)
    found = []
    for rule, hint in RULES:
        for m in rule.finditer(joined):
            line = max(k for k, start in enumerate(starts) if start <= m.end() - 1)
            found.append((line, m[0].strip(" .;:"), hint))
    return sorted(found)


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Splits a page into (first line from 0, paragraph); list items and table cells are their own.

    Code blocks are left out."""
    fenced, begun, held = False, 0, []
    for number, line in enumerate([*text.split("\n"), ""]):
        fence = line.lstrip().startswith("```")
        if re.match(r"#+ What\b", line):     # a heading may ask
            line = ""
        if fence or fenced or not line.strip() or ITEM.match(line):
            if held:
                yield begun, "\n".join(held)
            held = []
        if fence:
            fenced = not fenced
            continue
        if fenced or not line.strip():
            continue
        if line.lstrip().startswith("|"):
            cells = (cell.strip() for cell in CODE.sub("X", line).split("|"))
            yield from ((number, c) for c in cells if not re.match(r"of\b.{0,12}$", c))
            continue
        if not held:
            begun = number
        held.append(ITEM.sub("", line))


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yields (line from 1, text) of the prose in a page or a Python file."""
    content = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield from ((line + 1, part) for line, part in paragraphs(content))
        return
    tree = ast.parse(content)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(
                node.value.value, str):
            for line, part in paragraphs(node.value.value):
                yield node.lineno + line, part
        elif isinstance(node, ast.Raise) or isinstance(node, ast.Call) and _speaks(node):
            yield from _messages(node)
    for token in tokenize.generate_tokens(io.StringIO(content).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("# ")


def _messages(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yields the string literals under a node; each placeholder becomes an "X"."""
    if isinstance(node, ast.JoinedStr):
        yield node.lineno, "".join(str(v.value) if isinstance(v, ast.Constant) else "X"
                                   for v in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        if " " in node.value:
            yield node.lineno, node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from _messages(child)


def _speaks(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in ("Option", "Argument", "print", "echo", "warn", "log") or name.endswith("Error")


def files() -> list[Path]:
    """Lists the pages and the package's Python files."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")),
            *sorted((ROOT / "qhw").rglob("*.py"))]


def main(names: list[str]) -> int:
    """Prints each fault as ``file:line: words: hint``; returns 1 if there are any."""
    count = 0
    for path in [Path(n).resolve() for n in names] or files():
        for line, text in texts(path):
            for offset, words, hint in faults(text):
                if (str(path.relative_to(ROOT)), words) in KEPT:
                    continue
                print(f"{path.relative_to(ROOT)}:{line + offset}: {words!r}: {hint}")
                count += 1
    print(f"{count} faults" if count else "Prose: no faults", file=sys.stderr)
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
