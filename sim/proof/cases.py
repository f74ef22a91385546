"""Networks with known answers: ``python -m sim.proof.cases FOLDERS ...``.

Every ``model.onnx`` or ``model.toml`` below the folders is built. What it answers in the compiled
Verilog, with pauses, is held at every layer against the golden, and the golden against ``want`` of
the ``data.npz`` beside it. The samples are ``x`` of that file, or of an ``x.npz`` beside the
network or in the folder above. What is refused must be refused by ``qhw inspect`` too.
"""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

import qhw
from qhw.cli import app
from qhw.errors import ModelError, QhwError

CLOSE = 1e-7
"""Relative: outputs are codes times a scale, which some answers have in float32."""


def samples(folder: Path) -> dict[str, np.ndarray]:
    """``x``, and ``want`` if the right answers are known."""
    for file in (folder / "data.npz", folder / "x.npz", folder.parent / "x.npz"):
        if file.exists():
            with np.load(file) as found:
                return dict(found)
    return {}


def verdict(model: Path) -> tuple[str, str]:
    """"exact", "refused" or "wrong", and what there is to say of it."""
    folder = model.parent
    with tempfile.TemporaryDirectory() as name:
        try:
            known = qhw.build(model, Path(name, "out"))
        except ModelError as e:
            looked = CliRunner().invoke(app, ["inspect", str(model)])
            return "refused" if looked.exit_code == 1 else "wrong", " ".join(str(e).split())
        except QhwError as e:
            return "wrong", " ".join(str(e).split())
    data = samples(folder)
    if "x" not in data:
        return "exact", f"{known['check']['samples']} samples of its own"
    run = qhw.simulate(model, data["x"], engine="verilator", trace=True, stalls=1)
    if run.matches < len(data["x"]):
        return "wrong", f"{len(data['x']) - run.matches} of {len(data['x'])} samples in Verilog"
    want = data.get("want")
    if want is not None and not np.allclose(run.y.ravel(), want.ravel(), rtol=CLOSE, atol=1e-12):
        return "wrong", f"the golden: {run.y.ravel()[:8]} for {want.ravel()[:8]}"
    return "exact", f"{len(data['x'])} samples, {run.cycles} cycles"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    models = sorted({model for folder in parser.parse_args().folders
                     for pattern in ("model.onnx", "model.toml")
                     for model in folder.rglob(pattern)})
    counts: Counter[str] = Counter()
    for model in models:
        try:
            found, why = verdict(model)
        except Exception as e:      # a traceback is a fault too
            found, why = "wrong", f"{type(e).__name__}: {e}"
        counts[found] += 1
        print(f"{found:8} {model.parent.name}: {why}", flush=True)
    print(", ".join(f"{count} {found}" for found, count in sorted(counts.items())),
          f"of {len(models)}")
    return int(counts["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
