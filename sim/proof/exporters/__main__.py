"""Exporters' files against their executors.

``python -m sim.proof.exporters [PART ...]`` makes the files of each part and judges them:

- runtime: random networks through ONNX Runtime's quantizer;
- architectures: networks of the literature through it, in every format and pair of types;
- brevitas: QONNX and QCDQ;
- pt2e: PyTorch's quantization of exported programs, through its ONNX exporter;
- keras: small networks through TensorFlow Lite's converter and tf2onnx;
- zoo2: the TFLite files of ../shared/zoo2 through tf2onnx.

The last four need packages that need not be where qhw is: the variable QHW_PYTHONS names other
interpreters that may have them. A part whose packages nobody has is skipped in one line, and so is
a network that its exporter does not export.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

import onnx

from ..oracles.__main__ import GOOD, reason
from ..oracles.judge import judge
from ..oracles.maker import Made
from .outside import OUTSIDE, files

KEPT = Path("build/exporters")


def runtime(count: int | None) -> Iterable[tuple[str, Made]]:
    from .runtime import COUNT, quantized

    for seed in range(count or COUNT):
        yield f"runtime-{seed}", Made(seed, *quantized(seed), "runtime")


def architectures(count: int | None) -> Iterable[tuple[str, Made]]:
    from .runtime import NAMES, named

    for name in islice(NAMES, count):
        yield name, Made(0, *named(name), "runtime")


INSIDE: dict[str, Callable[[int | None], Iterable[tuple[str, Made]]]] = {
    "runtime": runtime, "architectures": architectures}


def judged(part: str, made: Iterable[tuple[str, Made]]) -> Counter[str]:
    """Prints a part's verdicts, and for each reason of a refusal the first file with its node;
    returns how many there are of each kind."""
    found, reasons, first = Counter[str](), Counter[str](), dict[str, str]()
    with tempfile.TemporaryDirectory() as temporary:
        for name, file in made:
            verdict = judge(file, Path(temporary))
            found[verdict.kind] += 1
            if verdict.kind == "refused":
                reasons[why := reason(verdict.reason)] += 1
                first.setdefault(why, f"{name}: {verdict.reason.partition('.onnx: ')[2]}")
            elif verdict.kind not in GOOD:
                KEPT.mkdir(parents=True, exist_ok=True)
                onnx.save(file.model, KEPT / f"{name}.onnx")
                print(f"{verdict.kind.upper()} {name}: {verdict.reason}", flush=True)
    for why, n in reasons.most_common():
        print(f"  refused {n:5}  as {first[why]}")
    print(f"{part}: {summary(found)}", flush=True)
    return found


def summary(found: Counter[str]) -> str:
    return f"{sum(found.values())} files: " + ", ".join(f"{n} {k}" for k, n in found.most_common())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sim.proof.exporters", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", default=[*INSIDE, *OUTSIDE])
    parser.add_argument("--count", type=int, help="files of each part, at most")
    given = parser.parse_args()
    if wrong := {*given.parts} - {*INSIDE, *OUTSIDE}:
        parser.error(f"no such part: {', '.join(sorted(wrong))}")
    found = Counter[str]()
    for part in given.parts:
        made = INSIDE[part](given.count) if part in INSIDE else files(part, given.count)
        found += judged(part, made)
    print(summary(found))
    return int(any(kind not in GOOD for kind in found))


if __name__ == "__main__":
    sys.exit(main())
