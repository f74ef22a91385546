"""Files whose exporters may run in another interpreter, where their packages are."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from ...beside import SHARED, there
from ..oracles.maker import Made

__all__ = ["OUTSIDE", "Exporter", "files", "interpreter"]

HERE = Path(__file__).parent
ZOO = SHARED / "zoo2"


@dataclass(frozen=True)
class Exporter:
    """A script that writes files with their samples to a folder, and the packages it needs."""

    script: str
    packages: tuple[str, ...]
    given: tuple[Path, ...] = ()
    """Files to convert; without any the script draws networks, as many as it is told."""


OUTSIDE = {
    "brevitas": Exporter("brevitases.py", ("torch", "brevitas")),
    "pt2e": Exporter("torches.py", ("torch", "torchao", "onnxscript")),
    "keras": Exporter("tensorflows.py", ("tensorflow", "tf2onnx")),
    "zoo2": Exporter("tensorflows.py", ("tensorflow", "tf2onnx"),
                     tuple(sorted(ZOO.glob("models/*.tflite")))),
}


def interpreter(packages: Sequence[str]) -> str | None:
    """The first interpreter that has all packages: this one, or one of those that the variable
    ``QHW_PYTHONS`` names, separated as in ``PATH``."""
    others = filter(None, os.environ.get("QHW_PYTHONS", "").split(os.pathsep))
    code = "import sys, importlib.util as u; sys.exit(not all(map(u.find_spec, sys.argv[1:])))"
    return next((python for python in (sys.executable, *others)
                 if not subprocess.run([python, "-c", code, *packages]).returncode), None)


def files(part: str, count: int | None) -> Iterator[tuple[str, Made]]:
    """The files of a part, name by name; none, and a line that says why, if it cannot be made."""
    exporter = OUTSIDE[part]
    if part == "zoo2" and not there("zoo2", "conversions of others' networks"):
        return
    python = interpreter(exporter.packages)
    if python is None:
        print(f"{part}: skipped, no interpreter has {' and '.join(exporter.packages)}: pip install "
              f"{' '.join(exporter.packages)}, or name one that has in QHW_PYTHONS", flush=True)
        return
    given = [str(path) for path in exporter.given[:count]] or [str(count)] * (count is not None)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, HERE / exporter.script, folder, *given], check=True,
                       stderr=subprocess.DEVNULL)
        for k, path in enumerate(sorted(Path(folder).glob("*.onnx"))):
            with np.load(path.with_suffix(".npz")) as arrays:
                x = arrays["x"]
            code = {"int8": "s8", "uint8": "u8"}.get(x.dtype.name)
            yield path.stem, Made(k, onnx.load(path), x, path.stem, code, one=True)
