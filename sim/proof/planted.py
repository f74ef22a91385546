"""Bugs planted one at a time in places drawn at random, and whether the tests catch them.

``python -m sim.proof.planted --count 20 --seed 7`` draws a room for each bug (no room twice before
all had their turn), a line of it, and one change of that line: a comparison's strictness, a sign,
``min`` for ``max``, ``any`` for ``all``, a constant one higher, two arguments swapped, a branch
that is never taken, a ``not`` that is gone. The file's own tests run first, then its room's, then
all of ``make test``; a bug is caught when one fails. Bugs are planted in a copy of the committed
files; the working tree is not touched.

``--covered .coverage`` saves most of the time: of ``make test``, only the tests that execute the
changed line run, as ``pytest --cov=qhw --cov-context=test`` has written them down. A line that runs
at import, or that numba compiles, is in no test's name, so for these all of ``make test`` runs.

``--listed`` plants the bugs of ``planted.toml`` instead, which a person chose: the failing test
must then stand in the folder that the list names.

The table says what was changed and which test failed. A survivor is a gap, or a change that no test
can see because the program means the same with it; a person has to tell which.
"""

import argparse
import ast
import json
import os
import random
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPARED = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
            ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in"}
COMPUTED = {ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.LShift: ">>", ast.RShift: "<<",
            ast.BitAnd: "|", ast.BitOr: "&", ast.FloorDiv: "*"}
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor"}


@dataclass(frozen=True)
class Bug:
    """A change of ``old`` to ``new`` at byte ``start`` of a file.

    ``tests`` is the folder whose tests must fail, or empty if any may.
    """

    path: str
    line: int
    start: int
    old: str
    new: str
    tests: str = ""

    def planted(self, text: bytes) -> bytes:
        """The file's bytes with the bug in it."""
        end = self.start + len(self.old.encode())
        return text[:self.start] + self.new.encode() + text[end:]


class Places(ast.NodeVisitor):
    """Every change of a file that is worth a try."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text, self.raw = path, text, text.encode()
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line.encode()))
        self.found: list[Bug] = []
        self.visit(ast.parse(text))

    def offset(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def span(self, node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (self.offset(node.lineno, node.col_offset),
                self.offset(node.end_lineno, node.end_col_offset))

    def add(self, node: ast.expr, start: int, end: int, new: str) -> None:
        self.found.append(Bug(self.path, node.lineno, start, self.raw[start:end].decode(), new))

    def between(self, node: ast.expr, left: ast.expr, right: ast.expr, new: str) -> None:
        """Another operator between two operands that stand on one line."""
        start, end = self.span(left)[1], self.span(right)[0]
        text = self.raw[start:end].decode()
        if "\n" not in text and "(" not in text and ")" not in text:
            self.add(node, start, end, f" {new} ")

    def visit_Compare(self, node: ast.Compare) -> None:
        if len(node.ops) == 1:
            self.between(node, node.left, node.comparators[0], COMPARED[type(node.ops[0])])
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        words = any(isinstance(side, ast.Constant) and isinstance(side.value, str)
                    or isinstance(side, ast.JoinedStr) for side in (node.left, node.right))
        if (new := COMPUTED.get(type(node.op))) and not words:
            self.between(node, node.left, node.right, new)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        if len(node.values) == 2:
            new = "or" if isinstance(node.op, ast.And) else "and"
            self.between(node, *node.values, new)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        start, end = self.span(node)[0], self.span(node.operand)[0]
        if isinstance(node.op, ast.Not | ast.USub | ast.Invert) and b"(" not in self.raw[start:end]:
            self.add(node, start, end, "")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self.add(node, *self.span(node), str(not node.value))
        elif isinstance(node.value, int):
            self.add(node, *self.span(node), str(node.value + 1))

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in CALLED:
            self.add(node, *self.span(node.func), CALLED[node.func.id])
        elif len(node.args) >= 2 and not any(isinstance(a, ast.Starred) for a in node.args[:2]):
            (a, b), (c, d) = self.span(node.args[0]), self.span(node.args[1])
            first, gap, second = self.raw[a:b], self.raw[b:c], self.raw[c:d]
            if first != second and not gap.strip(b" ,"):
                self.add(node, a, d, (second + gap + first).decode())
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        self.add(node.test, *self.span(node.test), "False")
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Words are no places."""

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """A protocol is a type, and its methods are never called."""
        if any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases):
            return
        for statement in node.body:
            self.visit(statement)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg != "strict":
            self.visit(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        """Neither are types."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        for statement in node.body:
            self.visit(statement)


def rooms() -> dict[str, list[str]]:
    """The files of each room that git knows, by the room's folder."""
    listed = subprocess.run(["git", "ls-files", "qhw/**.py"], cwd=ROOT, capture_output=True,
                            text=True, check=True).stdout.split()
    found: dict[str, list[str]] = {}
    for path in listed:
        if not path.endswith(("__init__.py", "__main__.py")) and not path.startswith("qhw/train/"):
            found.setdefault(str(Path(path).parent), []).append(path)
    return found


def drawn(count: int, seed: int) -> Iterator[Bug]:
    """``count`` bugs, each in another room as long as there are rooms."""
    rng, known = random.Random(seed), rooms()
    order: list[str] = []
    while count:
        order = order or rng.sample(sorted(known), len(known))
        room = order.pop()
        path = rng.choice(known[room])
        places = Places(path, (ROOT / path).read_text(encoding="utf-8")).found
        if places:
            yield rng.choice(places)
            count -= 1


def listed() -> Iterator[Bug]:
    """The bugs of ``planted.toml``; ValueError if the text of one does not stand once in its file.
    """
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    for row in table["bug"]:
        text = (ROOT / row["path"]).read_bytes()
        old = row["old"].encode()
        if text.count(old) != 1:
            raise ValueError(f"{row['path']}: {row['old']!r} stands {text.count(old)} times in it")
        start = text.index(old)
        yield Bug(row["path"], text.count(b"\n", 0, start) + 1, start, row["old"], row["new"],
                  row["tests"])


def stages(bug: Bug) -> list[list[str]]:
    """Which tests run, in order: pytest's words for each round."""
    own = Path(bug.path).relative_to("qhw").with_suffix("")
    mirrored = Path("tests") / own.parent / f"test_{own.name}.py"
    room, top = Path("tests") / own.parent, Path("tests") / own.parts[0]
    found: list[list[str]] = []
    for words in ([str(mirrored)], [str(room)], [str(top)]):
        if (ROOT / words[0]).exists() and words not in found and words != ["tests"]:
            found.append(words)
    return [*found, ["tests"]]


def covering(data: Path, bug: Bug) -> list[str]:
    """The tests that execute the changed line, by a file of coverage's; none if it does not say."""
    from coverage import CoverageData

    known = CoverageData(str(data))
    known.read()
    for path in known.measured_files():
        if path.endswith(f"/{bug.path}"):
            names = known.contexts_by_lineno(path).get(bug.line, [])
            return [] if "" in names else sorted({name.split("|")[0] for name in names})
    return []


def caught(bug: Bug, folder: Path, workers: int, whole: bool, covered: Path | None) -> str:
    """The test that fails with the bug, or nothing."""
    place = folder / bug.path
    text = place.read_bytes()
    place.write_bytes(bug.planted(text))
    try:
        for words in stages(bug):
            if words == ["tests"] and not whole:
                continue
            parallel = ["-n", str(workers)] if words == ["tests"] else []
            if words == ["tests"] and covered and (names := covering(covered, bug)):
                selected = folder / "selected"
                selected.write_text("\n".join(names) + "\n", encoding="utf-8")
                words = [f"@{selected}"]
            run = subprocess.run(
                [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m",
                 "not slow", *parallel, *words], cwd=folder, capture_output=True, text=True,
                env=environment(folder))
            if run.returncode not in (0, 5):
                failed = [line for line in run.stdout.splitlines()
                          if line.startswith(("FAILED", "ERROR"))]
                return failed[0][:150] if failed else f"pytest ended with {run.returncode}"
        return ""
    finally:
        place.write_bytes(text)


def environment(folder: Path) -> dict[str, str]:
    """Variables with which Python finds the copy before anything installed."""
    return {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--count", type=int, default=20)
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--workers", type=int, default=2)
    words.add_argument("--room-tests-only", action="store_true",
                       help="do not run the rest of make test for what the room's tests miss")
    words.add_argument("--covered", type=Path, help="coverage's file, with the tests' names")
    words.add_argument("--listed", action="store_true", help="the bugs of planted.toml instead")
    words.add_argument("--json", type=Path, help="file for the rows")
    asked = words.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="qhw-planted-") as name:
        folder = Path(name) / "copy"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(folder)], cwd=ROOT,
                       check=True)
        try:
            bugs = listed() if asked.listed else drawn(asked.count, asked.seed)
            for k, bug in enumerate(bugs):
                by = caught(bug, folder, asked.workers, not asked.room_tests_only,
                            asked.covered)
                rows.append({**vars(bug), "caught": by})
                print(f"{k + 1:3d} {bug.path}:{bug.line} {bug.old!r} -> {bug.new!r}: "
                      f"{by or 'SURVIVED'}", flush=True)
                if by and bug.tests not in by:
                    print(f"    and not in {bug.tests}", flush=True)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(folder)], cwd=ROOT,
                           check=False)
    print(f"{sum(bool(row['caught']) for row in rows)} of {len(rows)} caught")
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
