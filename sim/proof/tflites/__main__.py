"""Compares many random networks with TensorFlow Lite Micro's kernels, as they are read and as the
integer layers of hardware.

    python -m sim.proof.tflites [COUNT] [FIRST]

lists those that differ. Of ten networks one is a sequence of SVDF, one of LSTM, and one has
variables.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from qhw.errors import ModelError

from .filters import filtered
from .loops import recurrent
from .network import compared, network
from .streams import streaming

__all__: list[str] = []

DEFAULTS = (3000, 20000)
"""Count and first seed."""
MAKERS = (*[network] * 7, recurrent, streaming, filtered)
"""Of networks by the last digit of their seed."""


def main() -> int:
    """Compares as many networks as the command line says; 1 if one of them differs."""
    count, first = (int(n) for n in [*sys.argv[1:], *DEFAULTS[len(sys.argv) - 1:]])
    found, refused, ops = Counter[str](), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            data, x, names = MAKERS[seed % len(MAKERS)](seed)
            try:
                wrong = compared(data, x, Path(folder) / "n.tflite", hardware=True)
            except RuntimeError:
                found["refused by TensorFlow Lite Micro"] += 1
                continue
            except ModelError as e:
                refused[str(e).rpartition(": ")[2]] += 1
                continue
            found["wrong" if wrong else "exact"] += 1
            ops.update(names)
            if wrong:
                print(f"seed {seed}: {wrong} of {names} differ")
    print(dict(found), dict(ops))
    for reason, n in refused.most_common():
        print(f"refused {n}: {reason}")
    return int(found["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
