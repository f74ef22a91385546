"""Records, and what stands on their pages."""

from typing import Any
from xml.etree import ElementTree

from qhw.report import comparison, report
from qhw.report.record import Record
from qhw.report.rows import Comparison, Row
from qhw.tools.typed import read

PORT = {"shape": [64], "bits": 5, "lanes": 8, "beats": 8, "lo": 0, "hi": 16}


def costs(luts: int, ffs: int = 0, brams: int = 0, dsps: int = 0) -> dict[str, int]:
    return {"luts": luts, "ffs": ffs, "brams": brams, "dsps": dsps}


def layer(name: str = "fc1", kind: str = "matvec", cycles: int = 64, **more: Any
          ) -> dict[str, Any]:
    known = {
        "name": name, "kind": kind, "about": f"{name}: {kind}", "scheme": None, "cycles": cycles,
        "i": {"lanes": 8, "bits": 5, "lo": 0, "hi": 16},
        "o": {"lanes": 4, "bits": 11, "lo": -500, "hi": 498},
        "estimate": costs(812, 300, 8), "measured": costs(790, 310, 8)}
    if kind == "matvec":
        known |= {"scheme": "ternary:threshold=0.7", "pe": 8, "simd": 4, "inputs": 64,
                  "outputs": 32, "weights": 2048, "weight_bits": 4096}
    return known | more


def full() -> dict[str, Any]:
    """A record with everything in it."""
    return {
        "name": "digits-ternary", "qhw": "0.2.0",
        "target": "ice40hx8k", "target_about": "Lattice iCE40-HX8K",
        "command": "qhw build digits-ternary -o out --target ice40hx8k",
        "settings": {"schemes": {"fc1": "ternary:threshold=0.7"}, "folds": {"fc1": [8, 4]},
                     "tools": {"yosys": "Yosys 0.70"}},
        "cycles_per_inference": 64, "latency_cycles": 172,
        "capacity": {"luts": 7680, "brams": 32, "dsps": 0},
        "input": PORT, "output": {**PORT, "shape": [1], "beats": 1, "lanes": 1, "bits": 4},
        "layers": [layer(), layer("act1", "threshold", 8, estimate=costs(40, 20),
                                  measured=costs(50, 20)), layer("act1_beats8", "widen", 8)],
        "estimate": costs(1664, 620, 16), "measured": costs(1637, 640, 16),
        "host": [{"name": "fc3.real", "kind": "affine"}],
        "accuracy": {"correct": 538, "samples": 540},
        "check": {"engine": "verilator", "samples": 8, "stalled": 4, "layers": 6,
                  "reference": None, "seconds": 9.5},
        "simulation": {"engine": "verilator", "samples": 540, "matches": 540, "cycles": 34668,
                       "seconds": 0.6},
        "files": ["digits_ternary.v", "report.json"],
    }


def plain(said: str) -> str:
    """Without what the eye takes for another sign."""
    return said.replace("\N{MULTIPLICATION SIGN}", "x").replace("\N{EN DASH}", "none")


def text(page: str) -> str:
    """What one reads, in one line; the page is XML too."""
    body = ElementTree.fromstring(page).find("body")
    for parent in list(body.iter()):
        for child in list(parent):
            if child.get("class") in ("diagram middle scroll", "diagram narrow scroll"):
                parent.remove(child)
    return " ".join(plain("".join(body.itertext())).split())


def cells(page: str, table: str) -> list[list[str]]:
    """The rows of a table."""
    root = ElementTree.fromstring(page)
    found = next(t for t in root.iter("table") if t.get("class").split()[0] == table)
    return [[plain("".join(cell.itertext())).strip() for cell in row] for row in found.iter("tr")]


def row(scheme: str, accuracy: float | None, luts: int, **more: Any) -> dict[str, Any]:
    return {"scheme": scheme, "accuracy": accuracy, "luts": luts, "ffs": 9, "brams": 1, "dsps": 0,
            "storage_bits": 5000, "cycles": 64, "energy_nj": 4.25, "pareto": False,
            "error": None} | more


def scored(scheme: str, accuracy: float | None, luts: int, fits: bool = True, target: str = "t",
           **more: Any) -> Row:
    """A row that came to something."""
    return Row(**{"scheme": scheme, "target": target, "accuracy": accuracy, "luts": luts,
                  "fits": fits, "relative_error": 0.5, **more})


def wide(page: str) -> ElementTree.Element:
    """The diagram for a desktop."""
    return next(div for div in ElementTree.fromstring(page).iter("div")
                if div.get("class") == "diagram wide scroll")


def report_html(record: dict[str, Any]) -> str:
    return report.report_html(read(Record, record))


def comparison_html(known: dict[str, Any]) -> str:
    return comparison.comparison_html(read(Comparison, known))


def bars(page: str, style: str) -> list[str | None]:
    """Widths of the bars of a style."""
    return [rect.get("width") for rect in ElementTree.fromstring(page).iter("rect")
            if rect.get("class") == style and rect.get("x")]
