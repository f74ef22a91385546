"""Constant matrices as logic, beside what other compilers make of them.

    python -m sim.bench.hardware [a b c d e | a:ecp5 a:xc7 ...]

The workloads are the count of 256 bits and, where they are beside the project, NAME.npz of
../shared/bench/weights: weights, input vectors ``x`` and outputs ``y``. Each one is compiled,
synthesized by Yosys, and its netlist evaluated on all vectors. The results go into
docs/results/data/hardware.json, and the table of docs/results/constant-weights.md is written from
it. Where da4ml is installed it solves the same matrices in the same run, so that seconds can be
compared.
"""

import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qhw import adders
from qhw.adders import Network
from qhw.adders.verilog import verilog
from qhw.exact.num import Int
from qhw.targets import families
from qhw.targets import family as family_of
from qhw.tools import programs

from ..beside import SHARED, there
from ..pages import DATA, fill
from ..proof.netlist import depth, outputs
from ..words import words

RESULTS = DATA / "hardware.json"
WORKLOADS = "bench/weights"

COUNTED = 256
"""Bits whose ones are counted."""
FILES = {"a": "a_ternary", "b": "b_int4", "c": "c_int8", "d": "d_mlp", "e": "e_binary"}
ABOUT = {"a": "64 to 32, ternary, 4-bit inputs", "b": "64 to 32, int4, 4-bit inputs",
         "c": "64 to 32, int8, int8 inputs", "d": "64-64-10, int4, clipped to 4 bits",
         "e": "256 to 64, binary, thresholds", "p": f"how many of {COUNTED} bits are 1"}
EFFORT = {"a": 120, "a:ecp5": 200, "a:xc7": 200, "b": 300, "c": 700, "d": 300, "e": 900, "p": 20}
"""Changes tried: what takes no longer than da4ml takes."""

PEERS = {
    "a:ice40": ("da4ml 0.6.0", 4215, 3165, 19, 0.27),
    "b:ice40": ("da4ml 0.6.0", 11961, 9682, 25, 1.7),
    "c:ice40": ("da4ml 0.6.0", 35062, 29676, 32, 7.1),
    "d:ice40": ("da4ml 0.6.0", 27451, 22610, 53, 10.3),
    "e:ice40": ("popcount tree", 13250, 17501, 19, 31.8),
    "a:ecp5": ("da4ml 0.6.0", 4006, 2003, 11, 0.27),
    "a:xc7": ("da4ml 0.6.0", 3118, 1157, 16, 0.27),
    "p:ice40": ("full adders", 421, None, None, None),
    "p:ecp5": ("tree", 498, None, None, None),
    "p:xc7": ("counters of 6", 294, None, None, None)}
"""The best known LUTs (LUT sites on ECP5), carry cells, depth and seconds to compile, all of one
inference a clock without registers, in Yosys 0.70; each adder mapped to ``$alu`` beforehand,
without which Yosys makes them up to a third larger. The popcount tree has more carries than LUTs;
the seconds beside it are da4ml's. Seconds are those of another machine."""


@dataclass(frozen=True)
class Built:
    """A module ``top`` of ports x and y, how its outputs are read, and the seconds it took."""

    text: str
    networks: list[Network]
    seconds: float


def matrices(name: str, data: Any) -> list[tuple[np.ndarray, Int]]:
    """The workload's matrices, and what their inputs can be."""
    match name:
        case "d":
            return [(data["W1"].T, Int(0, 15)), (data["W2"].T, Int(0, 15))]
        case "e":
            return [(2 * data["Wbits"].astype(np.int64).T - 1, Int(0, 1))]
        case "p":
            return [(data["W"].T, Int(0, 1))]
        case _:
            return [(data["W"].T, Int(-128, 127) if name == "c" else Int(0, 15))]


def data_of(name: str) -> Any:
    """A workload's file, or a single sum of bits."""
    if name in FILES:
        return np.load(SHARED / WORKLOADS / f"{FILES[name]}.npz")
    x = np.random.default_rng(0).integers(0, 2, (256, COUNTED))
    return {"W": np.ones((COUNTED, 1), np.int64), "x": x, "y": x.sum(axis=1, keepdims=True)}


def build(name: str, family: str, data: Any) -> Built:
    """The workload's Verilog."""
    known: dict[str, Any] = dict(family=family, effort=EFFORT.get(f"{name}:{family}", EFFORT[name]))
    if name == "e":
        zeros = (data["Wbits"] == 0).sum(axis=0)
        known |= dict(signs=True, offsets=(zeros - data["T"]).tolist())
    networks, seconds = timed(lambda: [adders.compile(matrix, [x] * matrix.shape[1], **known)
                                       for matrix, x in matrices(name, data)])
    if name != "d":
        return Built(verilog(networks[0], "top", family=family), networks, seconds)
    text = "\n".join([verilog(networks[0], "first", family=family),
                      verilog(networks[1], "second", family=family),
                      _clipped(*networks, int(data["shift"]))])
    return Built(text, networks, seconds)


def theirs(name: str, data: Any) -> float | None:
    """Seconds of processor time that da4ml takes for the same matrices, with the depth of its best
    figure; none where it is not installed."""
    try:
        from da4ml.cmvm import solve  # pyright: ignore
        from da4ml.types import QInterval  # pyright: ignore
    except ImportError:
        return None
    return round(timed(lambda: [solve(
        matrix.T.astype(np.float32), hard_dc=2 if name == "d" else -1,
        qintervals=[QInterval(float(x.lo), float(x.hi), 1.0)] * matrix.shape[1])
        for matrix, x in matrices(name, data)])[1], 2)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it gives, and the least processor time it took of several runs, if they are short."""
    least, total = 1e9, 0.0
    while total < 1:
        began = time.process_time()
        found = work()
        spent = time.process_time() - began
        least, total = min(least, spent), total + spent
    return found, least


def _clipped(first: Network, second: Network, shift: int) -> str:
    """Two layers, between them 0 to 15 of the sums without their lowest bits."""
    inner = int(second.widths[:second.inputs].sum())
    lines = [f"module top (input [{first.widths[:first.inputs].sum() - 1}:0] x, "
             f"output [{len(second.pins) - 1}:0] y);",
             f"wire [{len(first.pins) - 1}:0] s; wire [{inner - 1}:0] h;",
             "first one (.x(x), .y(s)); second two (.x(h), .y(y));"]
    for k, (low, high) in enumerate(spans(first)):
        negative = f"s[{high - 1}]"
        over = " | ".join(f"s[{bit}]" for bit in range(low + shift + 4, high - 1)) or "1'b0"
        lines.append(f"assign h[{4 * k + 3}:{4 * k}] = {{4{{~{negative}}}}} & "
                     f"({{4{{{over}}}}} | s[{low + shift + 3}:{low + shift}]);")
    return "\n".join([*lines, "endmodule", ""])


def spans(network: Network) -> list[tuple[int, int]]:
    """The bits of ``y`` that each output has."""
    widths = [int(network.widths[n]) + shift for n, shift in network.outputs.tolist()]
    ends = np.cumsum(widths).tolist()
    return [(end - width, end) for end, width in zip(ends, widths, strict=True)]


def synthesize(text: str, family: str) -> tuple[dict[str, Any], int]:
    """The netlist, and Yosys' longest topological path."""
    with tempfile.TemporaryDirectory(prefix="qhw-hardware-") as folder:
        path = Path(folder)
        (path / "top.v").write_text(text)
        programs.run_yosys([
            "read_verilog top.v", f"{family_of(family).synth} -top top", "flatten", "opt_clean",
            "delete t:$scopeinfo", "tee -o ltp.txt ltp -noff", "write_json net.json"], path)
        found = re.findall(r"length=(\d+)", (path / "ltp.txt").read_text())
        module = json.loads((path / "net.json").read_text())["modules"]["top"]
        return module, int(found[-1])


def check(built: Built, module: dict[str, Any], data: Any) -> bool:
    """Whether the netlist gives the outputs of all vectors."""
    first, last = built.networks[0], built.networks[-1]
    x = np.asarray(data["x"])
    bits = np.concatenate([x[:, i, None] >> np.arange(w) & 1
                           for i, w in enumerate(first.widths[:first.inputs].tolist())], axis=1)
    y = outputs(module, bits).astype(np.int64)
    if last.signs:
        return bool((y == data["y"]).all())
    return all(((y[:, low:high] << np.arange(high - low)).sum(axis=1)
                == (data["y"][:, j] & (1 << high - low) - 1)).all()
               for j, (low, high) in enumerate(spans(last)))


def run(name: str, family: str) -> dict[str, Any]:
    """One workload on one family."""
    data = data_of(name)
    built = build(name, family, data)
    module, ltp = synthesize(built.text, family)
    cells = Counter(cell["type"] for cell in module["cells"].values())
    of = family_of(family).primitives
    return {"luts": sum(size * cells[kind] for kind, size in of.luts.items()),
            "packed": of.packed(module) if of.packed else None,
            "carries": sum(cells[kind] for kind in of.carries or ()),
            "ltp": ltp, "depth": depth(module), "adders": [n.depth for n in built.networks],
            "seconds": round(built.seconds, 2),
            "theirs": theirs(name, data) if name in FILES else None,
            "exact": check(built, module, data)}


def page() -> None:
    """The table between the marks in docs/results/constant-weights.md."""
    known = json.loads(RESULTS.read_text())
    lines = ["| workload | target | qhw LUTs | best other | ratio | packed | carries | other's | "
             "depth | other's | seconds | other's |", "|---|---|" + "--:|" * 10]
    first = next(iter(families()))
    for key in sorted(known, key=lambda key: (key.split(":")[1] != first, key)):
        row, (who, luts, carries, deep, seconds) = known[key], PEERS[key]
        name, family = key.split(":")
        lines.append(
            f"| {name}: {ABOUT[name]} | {family} | {row['luts']} | {luts} ({who}) | "
            f"{row['luts'] / luts:.3f} | {row['packed'] or ''} | {row['carries']} | "
            f"{carries or ''} | {row['depth']} | {deep or ''} | {row['seconds']} | "
            f"{row.get('theirs') or seconds or ''} |")
    fill("results/constant-weights.md", "spatial", lines)


def runnable(keys: Sequence[str]) -> list[str]:
    """Workloads as NAME:FAMILY (iCE40 where none is given) of which the data is there."""
    keys = [key if ":" in key else f"{key}:ice40" for key in keys]
    if {key.split(":")[0] for key in keys} & set(FILES) and not there(
            WORKLOADS, f"workloads {', '.join(FILES)}"):
        return [key for key in keys if key.split(":")[0] not in FILES]
    return keys


def main() -> None:
    given = words(__doc__, PEERS, [*ABOUT, *PEERS])
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    # Native code is compiled once, and kept.
    adders.compile(np.random.default_rng(0).integers(-8, 8, (16, 16)), [Int(0, 15)] * 16)
    for key in runnable(given):
        known[key] = run(*key.split(":"))
        print(key, known[key], "other:", PEERS[key], flush=True)
        RESULTS.write_text(json.dumps(known, indent=1) + "\n")
    page()


if __name__ == "__main__":
    main()
