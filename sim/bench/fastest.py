"""Inferences a second of networks on boards, before and after.

    python -m sim.bench.fastest [--before PYTHON] [BOARD|NETWORK|NETWORK:BOARD ...]

Each row is the fastest fold that fits the board, placed and routed once. ``--before`` is the Python
of another version of qhw, in the folder of which it stands; without it, rows are of this version.
Rows of the same code are not measured again. Results go into docs/results/data/fastest.json, and
from it into the table of docs/results/speed.md. Networks of ../shared are left out where they are
not beside the project; each program of a row has so many seconds of processor time as ``LIMIT``
says.
"""

import argparse
import json
import resource
import subprocess
import sys
from math import exp, log
from pathlib import Path
from typing import Any

from ..beside import SHARED
from ..pages import DATA, fill

RESULTS = DATA / "fastest.json"
ROW = Path(__file__).with_name("fastest_row.py")
BOARDS = {"icebreaker": 45, "ice40-hx8k-evn": 100, "tang-nano-9k": 110, "ulx3s-25f": 110,
          "ulx3s-85f": 110}
"""The clock in MHz that is asked of each board."""
NETWORKS = {"digits-ternary": None, "digits-fixed4": None, "zoo_TFC_1W1A": "zoo/models/{}.onnx",
            "mnist_cnn_w2a2_a": "zoo/models/{}.onnx", "mnist_dwsep_w4a4_a": "zoo/models/{}.onnx",
            "separable_conv_ch_last": "zoo/models/{}.onnx",
            "tiny_kws_int8": "zoo2/models/{}.tflite"}
"""Where each is in ../shared; None for those of qhw."""
MOST = {"ulx3s-85f": 33_000}
"""LUTs that a network may fill on a board, so that place and route ends in minutes."""
LIMIT = 1200


def model(network: str) -> str | None:
    """The network's name or path; None where it is not beside the project."""
    where = NETWORKS[network]
    path = SHARED / where.format(network) if where else None
    return network if path is None else str(path) if path.exists() else None


def code(python: Path) -> str:
    """The version of qhw in the folder of a Python: git's name of its files."""
    return subprocess.run(["git", "rev-parse", "HEAD:qhw"], cwd=python.parent, check=True,
                          capture_output=True, text=True).stdout.strip()


def limited() -> None:
    """Ends any program that takes more than ``LIMIT`` seconds of processor time."""
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))


def measured(python: Path, network: str, board: str) -> dict[str, Any] | None:
    """A row by a Python; None if a program failed or took too long, which is printed."""
    found = subprocess.run([python, "-P", ROW, model(network), board, str(MOST.get(board, 0)),
                            str(BOARDS[board])], cwd=python.parent, stdout=subprocess.PIPE,
                           text=True, preexec_fn=limited)
    return json.loads(found.stdout) if found.returncode == 0 else None


def rate(row: dict[str, Any]) -> float:
    """Inferences a second at the clock that place and route reached."""
    return row["mhz"] * 1e6 / row["cycles"]


def page(known: dict[str, dict[str, Any]]) -> None:
    """The table between the marks in docs/results/speed.md, and the mean below it."""
    lines = ["| board | network | cycles | LUTs | block RAMs | DSPs | MHz | inferences/s | ratio |",
             "|---|---|--:|--:|--:|--:|--:|--:|--:|"]
    ratios: list[float] = []
    for network, board in ((n, b) for b in BOARDS for n in NETWORKS):
        sides = known.get(f"{network}:{board}", {})
        if not sides:
            continue
        rows = [sides.get(which, {}) for which in ("before", "after")]
        cells = [" to ".join(_cell(row, kind) for row in rows)
                 for kind in ("cycles", "luts", "brams", "dsps", "mhz")]
        rates = [rate(row) if "mhz" in row else 0.0 for row in rows]
        said = " to ".join(f"{r:,.0f}" if r else _cell(row, "rate")
                           for r, row in zip(rates, rows, strict=True))
        ratios += [rates[1] / rates[0]] if all(rates) else []
        ratio = f"{ratios[-1]:.2f}" if all(rates) else "-"
        lines.append(f"| {board} | {network} | {' | '.join(cells)} | {said} | {ratio} |")
    if ratios:
        mean = exp(sum(map(log, ratios)) / len(ratios))
        lines += ["", f"Geometric mean of {len(ratios)} ratios: {mean:.2f}, the least "
                      f"{min(ratios):.2f}."]
    reasons = {reason for sides in known.values() for row in sides.values()
               if (reason := row.get("refused"))}
    if reasons:
        lines += ["", "Networks that do not fit:", "",
                  *(f"- {reason}" for reason in sorted(reasons))]
    fill("results/speed.md", "fastest", lines)


def _cell(row: dict[str, Any], kind: str) -> str:
    """A figure, or what there is instead of it."""
    return str(row[kind]) if kind in row else "does not fit" if "refused" in row else "-"


def fastest(python: Path | None = None, asked: list[str] | None = None) -> None:
    """Measures the rows of a Python that are asked for and not known, or all of them."""
    which = "before" if python else "after"
    python = (python or Path(sys.executable)).absolute()
    version = code(python)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    keys = [(n, b) for b in BOARDS for n in NETWORKS
            if not asked or {n, b, f"{n}:{b}"} & set(asked)]
    for k, (network, board) in enumerate(keys, 1):
        key = f"{network}:{board}"
        if known.get(key, {}).get(which, {}).get("code") == version:
            continue
        print(f"{k} of {len(keys)}: {which}, {key}", flush=True)
        if model(network) is None:
            print("not beside the project", flush=True)
        elif row := measured(python, network, board):
            known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
            known.setdefault(key, {})[which] = {**row, "code": version}
            RESULTS.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")
            print(row, flush=True)
    page(known)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, metavar="PYTHON")
    parser.add_argument("words", nargs="*", metavar="WORD")
    given = parser.parse_args()
    fastest(given.before, given.words)


if __name__ == "__main__":
    main()
