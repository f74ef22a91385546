"""Random descriptions: the golden against exact rationals.

``python -m sim.proof.descriptions [--count 2000] [--first 0]`` prints how many are exact, refused
(for which reasons) or wrong; folders of the wrong ones stay in build/descriptions.
"""

import argparse
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from .generate import draw
from .judge import judge

KEPT = Path("build/descriptions")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sim.proof.descriptions", description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    found, reasons, begin = Counter[str](), Counter[str](), time.time()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "net"
        for k in range(given.first, given.first + given.count):
            kind, why = judge(draw(k), folder)
            found[kind] += 1
            if kind == "refused":
                short = re.sub(r"^\S*: ", "", why)
                reasons[re.sub(r"'[^']*'|-?\d[\d.e+-]*", "_", short)[:110]] += 1
            elif kind != "exact":
                shutil.copytree(folder, KEPT / str(k), dirs_exist_ok=True)
                print(f"{kind.upper()} {k} ({KEPT / str(k)}): {why}", flush=True)
            if (k + 1 - given.first) % 250 == 0:
                print(f"{k + 1 - given.first} descriptions, {time.time() - begin:.0f} s: "
                      f"{dict(found)}", flush=True)
    print("\n".join(f"  refused {n:5}  {why}" for why, n in reasons.most_common()))
    print(f"{given.count} descriptions in {time.time() - begin:.0f} s: "
          + ", ".join(f"{n} {kind}" for kind, n in found.most_common()))
    return int(any(kind in found for kind in ("wrong", "broken")))


if __name__ == "__main__":
    sys.exit(main())
