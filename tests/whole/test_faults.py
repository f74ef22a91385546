"""Small files after public bug reports: the golden is the file's exact meaning.

``want`` is an evaluation in exact rationals, some of them stored as float32.
"""

import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from typer.testing import CliRunner

import qhw
from qhw.cli.app import app
from qhw.errors import QhwError
from qhw.lower import lower
from qhw.simulators.golden import golden, host
from tests.loaders.onnx.small import quant, saved, small
from tests.seeds import rotating

FAULTS = Path(__file__).parents[3] / "shared" / "faults"
pytestmark = pytest.mark.skipif(not FAULTS.is_dir(), reason="the files are not beside the project "
                                                            "(../shared/faults)")
NAMES = sorted(p.name for p in FAULTS.glob("*/") if p.is_dir())


def transposed(x):
    """What the file with a transposed convolution should say, which has zeros: each pixel of codes
    in steps of float32's 1/5, times a block of 2 x 2 weights in steps of 1/4."""
    model = onnx.load(FAULTS / "23-convtranspose" / "model.onnx")
    weights, = (numpy_helper.to_array(t) for t in model.graph.initializer
                if list(t.dims) == [3, 2, 2, 2])
    step = float(np.float32(.2))
    steps = step * np.clip(np.rint(x.astype(np.float64) / step), -16, 15)
    blocks = np.einsum("ncij,cokl->noikjl", steps, np.clip(np.rint(weights * 4), -7, 7) / 4)
    return blocks.reshape(len(x), 2, 8, 8)


RIGHT = {"18b-topk": [1, 1, 0],
         "15b-logsoftmax-quantized-mid": [31/32, 17/32, 33/16, 2, 15/8, 19/16]}
"""What files should say that have zeros: the largest of -14 59 -2 -68, -36 -5 -122 -52 and 54 41 -1
34; products of the logarithms -29.5 -3.5 -11.5 -19.5, -9.1 -25.1 -9.1 -9.1 and -11.5 -7.5 -9.5
-21.5 eighths, rounded, -16 and above."""


@pytest.mark.parametrize("name", NAMES)
def test_golden_is_exact(name):
    with np.load(FAULTS / name / "data.npz") as found:
        data = dict(found)
    lowered = lower(qhw.load(FAULTS / name / "model.onnx"))
    y = host(lowered, golden(lowered, data["x"])[lowered.hardware.output.name])
    want = np.array(RIGHT.get(name, data["want"]))
    if name == "23-convtranspose":
        want = transposed(data["x"])
    assert np.allclose(y.ravel(), want.ravel(), rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("k", rotating(4))
def test_gates_are_the_golden(k):
    """A share of the files that are exact, at every layer, with and without stalls."""
    name = NAMES[k % len(NAMES)]
    network, x = qhw.load(FAULTS / name / "model.onnx"), np.load(FAULTS / name / "data.npz")["x"]
    for stalls in (0, k + 1):
        run = qhw.simulate(network, x, engine="verilator", trace=True, stalls=stalls)
        assert run.matches == len(x), name


def test_build_and_inspect_refuse_alike(tmp_path):
    """In one line, with the same reason, and nothing is written."""
    model = str(saved(tmp_path, small([quant("q", "x", "a"),
                                       helper.make_node("Div", ["s", "a"], ["y"], name="own")])))
    for command in (["build", model, "-o", str(tmp_path / "out")], ["inspect", model]):
        done = CliRunner().invoke(app, command)
        said = str(done.exception)
        assert isinstance(done.exception, QhwError), done.exc_info
        assert re.search(r"'own' \(Div\): it divides by a computed tensor", said) and model in said
        assert "\n" not in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("k", rotating(4))
def test_inspect_accepts_what_a_build_accepts(k):
    """A share of the files that are exact."""
    done = CliRunner().invoke(app, ["inspect", str(FAULTS / NAMES[k % len(NAMES)] / "model.onnx")])
    assert done.exit_code == 0, done.exception
