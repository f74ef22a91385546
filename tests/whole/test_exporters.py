"""What other projects' exporters write: the golden gives what the file's executor gives."""

import importlib.util
import subprocess
import sys

import numpy as np
import onnx
import pytest

from sim.proof.exporters.runtime import WAYS, quantized
from sim.proof.oracles.judge import judge
from sim.proof.oracles.maker import Made
from tests.seeds import rotating

RIGHT = ("exact", "tie", "rounding", "refused")
READ = 6
"""Of the twelve ways, how many files must be read and right."""


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_onnx_runtimes_quantizer(tmp_path):
    """QDQ and operators on codes, every pair of types, per tensor and per channel."""
    day = rotating(1)[0]
    seeds = [day - day % len(WAYS) + way for way in range(len(WAYS))]
    verdicts = {seed: judge(Made(seed, *quantized(seed), "runtime"), tmp_path) for seed in seeds}
    assert not {k: v for k, v in verdicts.items() if v.kind not in RIGHT}
    assert sum(v.kind in ("exact", "tie") for v in verdicts.values()) >= READ


@pytest.mark.skipif(importlib.util.find_spec("brevitas") is None,
                    reason="Brevitas and torch are not installed (pip install brevitas)")
def test_brevitas(tmp_path):
    """QONNX and QCDQ, as ``sim/proof/exporters/torches.py`` draws them."""
    subprocess.run([sys.executable, "sim/proof/exporters/torches.py", tmp_path, "6"], check=True)
    paths = sorted(tmp_path.glob("brevitas-*.onnx"))
    assert len(paths) == 6
    for path in paths:
        with np.load(path.with_suffix(".npz")) as arrays:
            made = Made(0, onnx.load(path), arrays["x"], path.stem, one=True)
        assert judge(made, tmp_path).kind in RIGHT
