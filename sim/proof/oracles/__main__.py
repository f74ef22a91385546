"""Random ONNX files against onnxruntime and QONNX's executor.

``python -m sim.proof.oracles [--count 5000] [--first 0]`` runs the golden on each file and prints
how many are exact, refused (for which reasons), on a tie, or wrong; what is wrong is kept, shrunk,
in build/oracles. ``--rtl 300`` runs as many files that are exact in compiled Verilog, compared at
every layer, with stalls at both ends.
"""

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import onnx

import qhw
from qhw.errors import QhwError

from .generate import made
from .judge import judge
from .maker import Made
from .shrink import shrunk

KEPT = Path("build/oracles")
GOOD = ("exact", "refused", "tie", "rounding", "rationals only")


def reason(text: str) -> str:
    """A refusal without the names and numbers that differ from file to file."""
    text = re.sub(r"^.*?\.onnx: ", "", text)
    text = re.sub(r" \(\d+ more: qhw inspect lists them\)$", "", text)
    node = re.match(r"node '.*?' \((\w+)\): (.*)", text)
    if node:
        text = f"{node[1]}: {node[2]}"
    text = re.sub(r"'[^']*'|\([\d, ]+\)|-?\d[\d.e+-]*", "_", text)
    return text[:110]


def keep(file: Made, kind: str, folder: Path) -> Path:
    """The least part of a file that is still judged so."""
    least = shrunk(file, lambda part: judge(part, folder).kind == kind)
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{file.seed}.onnx"
    onnx.save(least.model, path)
    return path


def golden(first: int, count: int) -> int:
    """Prints a table of verdicts; the exit status."""
    found, reasons, begin = Counter[str](), Counter[str](), time.time()
    with tempfile.TemporaryDirectory() as temporary:
        for k in range(first, first + count):
            file = made(k)
            verdict = judge(file, Path(temporary))
            found[verdict.kind] += 1
            if verdict.kind == "refused":
                reasons[reason(verdict.reason)] += 1
            elif verdict.kind not in GOOD:
                path = keep(file, verdict.kind, Path(temporary))
                print(f"{verdict.kind.upper()} {k} ({file.form}, {path}): {verdict.reason}",
                      flush=True)
            if (k + 1 - first) % 250 == 0:
                print(f"{k + 1 - first} files, {time.time() - begin:.0f} s: {dict(found)}",
                      flush=True)
    print("\n".join(f"  refused {n:5}  {why}" for why, n in reasons.most_common()))
    print(f"{count} files in {time.time() - begin:.0f} s: "
          + ", ".join(f"{n} {kind}" for kind, n in found.most_common()))
    return int(any(kind not in GOOD for kind in found))


def rtl(first: int, count: int) -> int:
    """So many files in compiled Verilog; the exit status."""
    begin, ran, wrong, k = time.time(), 0, 0, first
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "net.onnx"
        while ran < count:
            file, k = made(k), k + 1
            onnx.save(file.model, path)
            try:
                network = qhw.load(path, file.input_format)
                run = qhw.simulate(network, file.x, engine="verilator", trace=True, stalls=k)
                why = "" if run.matches == len(file.x) else f"{run.matches} of {len(file.x)} match"
            except QhwError as e:
                if judge(file, Path(temporary)).kind == "refused":
                    continue
                why = str(e)
            except Exception as e:
                why = f"{type(e).__name__}: {e}"[:200]
            ran += 1
            if why:
                wrong += 1
                KEPT.mkdir(parents=True, exist_ok=True)
                onnx.save(file.model, KEPT / f"rtl-{k - 1}.onnx")
                print(f"WRONG {k - 1} ({file.form}): {why}", flush=True)
            if ran % 10 == 0:
                print(f"{ran} files in Verilog, {time.time() - begin:.0f} s: {wrong} wrong",
                      flush=True)
    print(f"{ran} files in Verilog with stalls in {time.time() - begin:.0f} s: {wrong} wrong")
    return int(wrong > 0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sim.proof.oracles", description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--rtl", type=int, metavar="N", help="N files in compiled Verilog instead")
    given = parser.parse_args()
    return rtl(given.first, given.rtl) if given.rtl else golden(given.first, given.count)


if __name__ == "__main__":
    sys.exit(main())
