"""Docstrings: how many public functions have one, and whether it explains parameters and errors.

A public function has no underscore before its name or its class's. A docstring *explains* the
parameters of a function with more than two if it, its class's or its file's docstring names each in
double backquotes or as ``name : text``, gives the shape of each array in parentheses, gives the
unit of each number, and names each error class that the function itself raises. A file whose
docstring says "Parameters: see ``other``." shares those in the docstring of the file beside it. A
command of the command line explains its parameters by the help of its options.
"""

import ast
import re
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "qhw").rglob("*.py"))

OWN, EXPLAINED = 0.84, 0.95
"""Parts of all functions that must have a docstring of their own, and of those with more than two
parameters that must explain them. What was reached; at least 0.8 and 0.9."""

UNITS = re.compile(r"\b(bits?|bytes?|bauds?|cycles?|lanes?|beats?|levels?|words?|entries|lines?|"
                   r"rows?|columns?|pixels?|inputs?|outputs?|channels?|inferences?|samples?|steps?|"
                   r"seconds?|MHz|Hz|LUTs?|stages?|adders?|terms?|planes?|groups?|vectors?|nodes?|"
                   r"integers?|unit|units|times|index|number|numbers|count|factor|scale|parts?|"
                   r"percent|fraction|probability|PE|SIMD|instances|symbols?|exponents?|depth)\b")
SHAPE = re.compile(r"\([^()]*,[^()]*\)|\(\)|any shape|same shape|shape of", re.DOTALL)


class Function(NamedTuple):
    """A public function with the docstrings that a reader of it sees."""

    place: str
    node: ast.FunctionDef
    own: str
    context: str
    """Docstrings of its class and its file."""

    @property
    def parameters(self) -> list[ast.arg]:
        """All but ``self`` and ``cls``."""
        a = self.node.args
        return [p for p in (*a.posonlyargs, *a.args, *a.kwonlyargs) if p.arg not in ("self", "cls")]


def functions(path: Path) -> Iterator[Function]:
    """Yields the public functions and methods of a file; nested functions are not public."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    about = _doc(tree)
    for other in re.findall(r"Parameters: see ``(\w+)``", about):
        about += _doc(ast.parse(path.with_stem(other).read_text(encoding="utf-8")))
    yield from _of(tree, str(path.relative_to(ROOT)), about)


def _of(parent, place, context) -> Iterator[Function]:
    for node in parent.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _of(node, f"{place}:{node.name}", f"{context}\n{_doc(node)}")
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield Function(f"{place}:{node.name}", node, _doc(node), context)


def _doc(node) -> str:
    return ast.get_docstring(node) or ""


def unexplained(found: Function) -> str:
    """Says what the docstrings of a function leave out; empty if nothing."""
    if any(p.annotation and ast.unparse(p.annotation) == "Json" for p in found.parameters):
        return ""
    text = f"{found.own}\n{found.context}"
    for p in found.parameters:
        named = re.search(rf"``\*{{0,2}}{p.arg}``|^ *(\w+, )*{p.arg}(, \w+)* : ", text, re.M)
        kind = ast.unparse(p.annotation) if p.annotation else ""
        if not named:
            return f"parameter {p.arg} is not named"
        if "ndarray" in kind and not SHAPE.search(text):
            return f"array {p.arg} has no shape"
        if re.fullmatch(r"(int|float|Fraction)( \| None)?", kind) and not UNITS.search(text):
            return f"number {p.arg} has no unit"
    for error in raised(found.node):
        if error not in text:
            return f"{error} is not named"
    return ""


def raised(node: ast.FunctionDef) -> set[str]:
    """Names the error classes that a function raises itself."""
    calls = [n.exc.func for n in ast.walk(node)
             if isinstance(n, ast.Raise) and isinstance(n.exc, ast.Call)]
    names = {c.id if isinstance(c, ast.Name) else getattr(c, "attr", "") for c in calls}
    return {n for n in names if re.search("Error|Ended|Exit", n)}


def measured(files: list[Path]) -> tuple[list[Function], list[Function], list[str]]:
    """All public functions, those without a docstring, and complaints of those not explained.

    Amaranth calls every ``elaborate`` alike, so it needs none.
    """
    every = [f for path in files for f in functions(path) if f.node.name != "elaborate"]
    bare = [f for f in every if not f.own]
    wide = [f for f in every if len(f.parameters) > 2]
    return every, bare, [f"{f.place}: {why}" for f in wide if (why := unexplained(f))]


def parts(files: list[Path]) -> tuple[float, float]:
    """Computes which part has a docstring, and which part of those with many parameters is
    explained."""
    every, bare, faults = measured(files)
    wide = sum(len(f.parameters) > 2 for f in every)
    return 1 - len(bare) / len(every), 1 - len(faults) / max(wide, 1)


def test_functions_have_docstrings_and_explain_their_parameters():
    own, explained = parts(FILES)
    assert own >= OWN, "\n".join(f.place for f in measured(FILES)[1])
    assert explained >= EXPLAINED, "\n".join(measured(FILES)[2])


@pytest.mark.parametrize(("text", "why"), [
    ('"""Adds ``a`` and ``b`` (n, m), ``c`` bits; ValueError if not."""', ""),
    ('"""Adds ``a`` and ``b`` (n, m), ``d`` bits; ValueError if not."""', "parameter c"),
    ('"""Adds ``a`` and ``b``, ``c`` bits; ValueError if not."""', "array b has no shape"),
    ('"""Adds ``a`` and ``b`` (n, m), ``c``; ValueError if not."""', "number c has no unit"),
    ('"""Adds ``a`` and ``b`` (n, m), ``c`` bits."""', "ValueError is not named"),
])
def test_an_omission_is_seen(tmp_path, monkeypatch, text, why):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "f.py").write_text(f'def add(a: str, b: np.ndarray, c: int):\n    {text}\n'
                                   f'    raise ValueError("no")\n')
    found, = functions(tmp_path / "f.py")
    assert unexplained(found).startswith(why)
    assert bool(unexplained(found)) == bool(why)


def prose():
    """Loads the linter of prose, which is no part of the package."""
    spec = spec_from_file_location("prose", ROOT / ".ci" / "prose.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RIDDLES = [
    ("chip that memories are placed for and costs are those of",
     "Chip to build for; sets memory placement and cost"),
    ("board with its chip, which it is folded to fit",
     "Board to build for; folds are chosen to fit its chip"),
    ("of the link to the host; if not given, what the board's way there carries",
     "Baud rate of the host link (default: the board's)"),
    ("The estimate may be 4026 LUTs: 15% is left for its error, and 650 for the link",
     "LUT budget 4026 of 5280: 650 reserved for the host link, 15 % margin for estimation error"),
    ("about 44 MHz by logic depth, 1,375,000 inferences a second ... 375000 a second at 12 MHz",
     "Estimated Fmax 44 MHz. At the board's 12 MHz: 375,000 inferences/s (1,375,000 at Fmax)"),
    ("1e5 inferences/s at what clock? Give it, or a board",
     "--fps needs a clock: add --clock MHZ or --board"),
    ("Clock: 5 MHz is less than the 16 MHz that the PLL makes of 12 MHz at least",
     "The PLL cannot go below 16 MHz from a 12 MHz input; 5 MHz was requested"),
    ("Adders one after the other between two registers, where nobody says how many.",
     "Default pipeline depth: at most this many adders between registers"),
    ("One of the rows `values`, after the other; `take` goes on to the next. Also whether they are "
     "known yet", "Cycle through per-group constants `values` of shape (groups, lanes). Returns "
     "(values, valid); asserting `take` advances to the next group"),
    ("Whom it is of.", "Name of the unit under proof"),
    ("sums can come out, so the above does not hold for want of any",
     "every output is reachable, so the properties above are not vacuously true"),
    ("A point of a comparison: a network in some scheme on a target, what it costs and what it "
     "keeps",
     "One design point of a sweep: network, scheme, target; its row has cost and accuracy"),
    ("What a board says of N samples.", "A board's answers to N samples."),
    ("Those of a value; they are made once.", "Maps a value once; returns its bits."),
    ("The golden against the framework of the network's file, where that is installed.",
     "Compares the golden with the framework of the network's file, if that is installed."),
    ("Cycles of inferences if nobody stalls", "Cycles of inferences when neither end stalls"),
]
"""Sentences that stopped readers, and better ones."""


@pytest.mark.parametrize(("now", "better"), RIDDLES)
def test_the_prose_linter_tells_a_riddle_from_a_sentence(now, better):
    assert prose().faults(now)
    assert not prose().faults(better)


def test_the_prose_linter_reads_all_kinds_of_text(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Whom it is of\n\nFine.\n\n```\nwhom\n```\n\n| a `whom` | so many |\n")
    assert [n for n, text in prose().texts(page) if prose().faults(text)] == [1, 9]
    code = tmp_path / "code.py"
    code.write_text('"""Whom."""\nX = 1  # whom\nS = "whom"\n'
                    'raise ValueError(f"{X} is whom {S}")\n')
    assert sorted({n for n, text in prose().texts(code) if prose().faults(text)}) == [1, 2, 4]
