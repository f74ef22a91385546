"""Networks on boards, down to the bitstream: the table of docs/guides/boards.md.

``python -m sim.bench.boards`` builds a network that ships with qhw for every board with an open
place and route; ``python -m sim.bench.boards net.onnx:ulx3s-85f:8000 ...`` builds others, with at
most so many cycles an inference. What was measured before stays, but for the same network on the
same board.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import qhw
from qhw.errors import QhwError
from qhw.fold.goal import Goal
from qhw.targets.boards import board, boards

from ..pages import fill
from ..words import words

ROWS = Path(__file__).with_name("boards.json")
MODEL, CYCLES = "digits-binary", 1024


def measured(model: str, name: str, cycles: int) -> dict[str, Any]:
    """A network on a board, folded to a pace."""
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="qhw-boards-") as folder:
        known = qhw.build(model, Path(folder) / "out", board=name, goal=Goal(cycles=cycles))
    placed = known["place"]
    return {"network": known["name"], "board": name, "cycles": known["cycles_per_inference"],
            "seconds": round(time.perf_counter() - begin),
            **{key: placed[key] for key in ("luts", "brams", "dsps", "of", "clock_mhz", "fmax_mhz",
                                            "inferences_per_second", "tries")}}


def table(rows: list[dict[str, Any]]) -> list[str]:
    """As Markdown."""
    lines = ["| network | board | cycles | LUTs | block RAMs | DSPs | MHz | inferences/s | seconds "
             "|", "|---|---|--:|--:|--:|--:|--:|--:|--:|"]
    for row in rows:
        share = {kind: f"{row[kind]} of {row['of'][kind]}" if row["of"][kind] else "-"
                 for kind in ("luts", "brams", "dsps")}
        lines.append(f"| {row['network']} | {row['board']} | {row['cycles']} | {share['luts']} | "
                     f"{share['brams']} | {share['dsps']} | {row['clock_mhz']:.2f} | "
                     f"{row['inferences_per_second']:,.0f} | {row['seconds']} |")
    return lines


def keep(row: dict[str, Any]) -> None:
    """Writes a row, and the page's table with it."""
    rows = json.loads(ROWS.read_text()) if ROWS.exists() else []
    key = row["network"], row["board"]
    rows = sorted([*(r for r in rows if (r["network"], r["board"]) != key), row],
                  key=lambda r: (r["network"], r["board"]))
    ROWS.write_text(json.dumps(rows, indent=1) + "\n")
    fill("guides/boards.md", "measured", table(rows))


def asked(words: list[str]) -> list[tuple[str, str, int]]:
    """Network, board and pace of each word."""
    if not words:
        return [(MODEL, b.name, CYCLES) for b in boards() if b.open_tools]
    found = [(*word.split(":"), CYCLES)[:3] for word in words]
    return [(model, board(name).name, int(cycles)) for model, name, cycles in found]


def main() -> None:
    for model, name, cycles in asked(words(__doc__)):
        try:
            row = measured(model, name, cycles)
        except QhwError as e:
            print(f"{model} on {name}: {e}", flush=True)
            continue
        keep(row)
        print(row, flush=True)


if __name__ == "__main__":
    main()
