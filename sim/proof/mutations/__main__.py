"""Damaged files of every kind: each must be read, or refused in one line.

``python -m sim.proof.mutations [--count 10000] [--kind onnx] [--first 0]`` damages whole files
(bytes changed, cut off, doubled and taken from other files; numbers at their ends, fields dropped,
doubled or of another type) and reads them in a process with limits of 20 s and 2 GB for each. It
prints counts: read, refused, traceback, hang, memory; the last three must be none, and what falls
among them is kept in build/mutations. Python's and numpy's warnings count as tracebacks.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from .kinds import KINDS
from .worker import BYTES, SECONDS

KEPT = Path("build/mutations")
KINDS_OF = ("read", "refused", "traceback", "hang", "memory")


def run(kind: str, first: int, count: int, *, reasons: bool) -> Counter[str]:
    """Verdicts on so many files; a process that dies is replaced, and its file counts."""
    found, why, peak, at = Counter[str](), Counter[str](), 0, first
    begin = time.time()
    while at < first + count:
        with tempfile.TemporaryDirectory() as folder:
            worker = subprocess.Popen(
                [sys.executable, "-m", "sim.proof.mutations.worker", kind, str(at),
                 str(first + count - at), folder, str(KEPT)],
                stdout=subprocess.PIPE, text=True)
            assert worker.stdout
            for line in worker.stdout:
                seed, verdict, size, *said = line.split(" ", 3)
                at, peak = int(seed) + 1, max(peak, int(size))
                found[verdict] += 1
                text = said[0].strip() if said else ""
                why[re.sub(r"'[^']*'|/\S+|-?\d[\d.e+-]*", "_", text)[:90]] += verdict == "refused"
                if verdict not in ("read", "refused"):
                    print(f"{verdict.upper()} {kind}-{seed}: {text}", flush=True)
                if at % 1000 == 0:
                    print(f"{kind}: {at - first} files, {time.time() - begin:.0f} s: "
                          f"{dict(found)}", flush=True)
            if worker.wait() and at < first + count:
                verdict = "hang" if worker.returncode == -14 else "traceback"
                found[verdict] += 1
                print(f"{verdict.upper()} {kind}-{at}: the process ended with "
                      f"{worker.returncode}", flush=True)
                at += 1
    if reasons:
        print("\n".join(f"  refused {n:6}  {text}" for text, n in why.most_common(40) if n))
    found["memory"] += peak > BYTES
    print(f"{kind}: " + ", ".join(f"{found[k]} {k}" for k in KINDS_OF)
          + f"; {time.time() - begin:.0f} s, at most {peak >> 20} MB", flush=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sim.proof.mutations", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--reasons", action="store_true", help="print why files are refused")
    given = parser.parse_args()
    total = Counter[str]()
    for kind in given.kind or KINDS:
        total += run(kind, given.first, given.count, reasons=given.reasons)
    print(f"limits: {SECONDS} s and {BYTES >> 30} GB a file; "
          + ", ".join(f"{total[k]} {k}" for k in KINDS_OF))
    return int(any(total[k] for k in KINDS_OF[2:]))


if __name__ == "__main__":
    sys.exit(main())
