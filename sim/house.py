"""The picture of docs/how/architecture.md: rooms on their floors, and three ways through them.

``python -m sim.house`` reads the imports of every file of ``qhw``. A room stands one floor above
the highest room that it imports from, so every import points downward; a wider box has more lines.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "how" / "architecture.svg"
WAYS = {
    "a model": ("#c2410c", ("cli", "verbs", "loaders", "layers", "lower", "ops", "design",
                            "verilog", "simulators")),
    "a weight's code": ("#1d4ed8", ("loaders", "schemes", "ops", "engines", "hw", "pe")),
    "a fold": ("#15803d", ("cli", "fold", "estimator", "lower", "ops", "engines", "hw")),
}
"""Rooms in the order in which each is met; docs/how/architecture.md tells the ways in words."""


@dataclass(frozen=True)
class Room:
    """A folder or a file of ``qhw``: its lines, and the rooms that it imports from."""

    name: str
    lines: int
    imports: frozenset[str]


def imported(path: Path) -> Iterator[str]:
    """The rooms that a file imports from, its own included."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            words = package[:len(package) - node.level + 1]
            words += tuple((node.module or "").split(".")) * bool(node.module)
            yield from [words[1]] if len(words) > 1 else (name.name for name in node.names)


def rooms() -> dict[str, Room]:
    """Every room of ``qhw`` by name."""
    files: dict[str, list[Path]] = {}
    for path in sorted((ROOT / "qhw").rglob("*.py")):
        name = path.relative_to(ROOT / "qhw").parts[0].removesuffix(".py")
        if not name.startswith("__"):
            files.setdefault(name, []).append(path)
    return {name: Room(name, sum(len(p.read_text(encoding="utf-8").splitlines()) for p in paths),
                       frozenset(r for p in paths for r in imported(p) if r in files and r != name))
            for name, paths in files.items()}


def floors(known: dict[str, Room]) -> dict[str, int]:
    """The floor of each room, 0 at the bottom; graphlib.CycleError if imports go round."""
    found: dict[str, int] = {}
    for name in TopologicalSorter({r.name: r.imports for r in known.values()}).static_order():
        found[name] = max((found[other] + 1 for other in known[name].imports), default=0)
    return found


def boxes(known: dict[str, Room]) -> dict[str, tuple[float, float, float]]:
    """Left edge, floor and width of each room's box, on floors of width 1."""
    levels = floors(known)
    found: dict[str, tuple[float, float, float]] = {}
    for floor in range(max(levels.values()) + 1):
        here = sorted((r for r in known.values() if levels[r.name] == floor), key=lambda r: r.name)
        widths = [0.055 + 0.006 * len(r.name) + r.lines / 30_000 for r in here]
        gap = (1 - sum(widths)) / (len(here) + 1)
        left = gap
        for room, width in zip(here, widths, strict=True):
            found[room.name] = left, floor, width
            left += width + gap
    return found


def draw(known: dict[str, Room]) -> plt.Figure:
    """The picture: boxes on floors, and a line for each way."""
    places = boxes(known)
    top = max(floor for _, floor, _ in places.values())
    figure, axes = plt.subplots(figsize=(11, 0.62 * (top + 1)))
    for name, (left, floor, width) in places.items():
        axes.add_patch(FancyBboxPatch((left, floor), width, 0.5, facecolor="#f1f5f9",
                                      edgecolor="#64748b", boxstyle="round,pad=0,rounding_size=.01",
                                      mutation_aspect=20))
        axes.text(left + width / 2, floor + 0.25, name, ha="center", va="center", fontsize=11,
                  zorder=3, bbox={"facecolor": "#f1f5f9", "edgecolor": "none", "pad": 1})
    for k, (what, (color, way)) in enumerate(WAYS.items()):
        xs = [places[name][0] + places[name][2] * (0.2 + 0.3 * k) for name in way]
        ys = [places[name][1] + 0.25 for name in way]
        axes.plot(xs, ys, color=color, linewidth=1.6, marker="o", markersize=4, alpha=0.75,
                  label=f"the way of {what}")
    axes.set(xlim=(0, 1), ylim=(-0.2, top + 0.8))
    axes.axis("off")
    axes.legend(loc="upper left", frameon=False, fontsize=10)
    figure.tight_layout()
    return figure


def main() -> None:
    with plt.rc_context({"svg.hashsalt": "qhw", "svg.fonttype": "none",
                         "font.family": "sans-serif"}):
        draw(rooms()).savefig(PICTURE, metadata={"Date": None})
    print(f"{PICTURE.relative_to(ROOT)}: {len(rooms())} rooms")


if __name__ == "__main__":
    main()
