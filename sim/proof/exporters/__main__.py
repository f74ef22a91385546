"""Exporters' files against their executors.

``python -m sim.proof.exporters`` judges what ONNX Runtime's quantizer makes; with ``--folder DIR``
it judges the .onnx files there, each with its samples ``x`` in an .npz of the same name, which
``python sim/proof/exporters/torches.py DIR`` or another exporter wrote.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx

from ..oracles.__main__ import GOOD, reason
from ..oracles.judge import judge
from ..oracles.maker import Made

KEPT = Path("build/exporters")


def files(folder: Path | None, count: int | None) -> Iterator[tuple[str, Made]]:
    if folder is None:
        from .runtime import COUNT, quantized

        for seed in range(count or COUNT):
            yield f"runtime-{seed}", Made(seed, *quantized(seed), "runtime")
        return
    for k, path in enumerate(sorted(folder.glob("*.onnx"))[:count]):
        with np.load(path.with_suffix(".npz")) as arrays:
            x = arrays["x"]
            code = {"int8": "s8", "uint8": "u8"}.get(x.dtype.name)
            yield path.stem, Made(k, onnx.load(path), x, path.stem, code, one=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sim.proof.exporters", description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--count", type=int)
    given = parser.parse_args()
    found, reasons = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as temporary:
        for name, made in files(given.folder, given.count):
            verdict = judge(made, Path(temporary))
            found[verdict.kind] += 1
            if verdict.kind == "refused":
                reasons[reason(verdict.reason)] += 1
            elif verdict.kind not in GOOD:
                KEPT.mkdir(parents=True, exist_ok=True)
                onnx.save(made.model, KEPT / f"{name}.onnx")
                print(f"{verdict.kind.upper()} {name}: {verdict.reason}", flush=True)
    print("\n".join(f"  refused {n:5}  {why}" for why, n in reasons.most_common()))
    print(f"{sum(found.values())} files: "
          + ", ".join(f"{n} {kind}" for kind, n in found.most_common()))
    return int(any(kind not in GOOD for kind in found))


if __name__ == "__main__":
    sys.exit(main())
