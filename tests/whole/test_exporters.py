"""What other projects' exporters write: the golden gives what the file's executor gives."""

import random

import onnx
import pytest

import qhw
from sim.proof.exporters.outside import OUTSIDE, files, interpreter
from sim.proof.exporters.runtime import NAMES, WAYS, named, quantized
from sim.proof.oracles.judge import judge
from sim.proof.oracles.maker import Made
from tests.seeds import rotating, today

RIGHT = ("exact", "tie", "rounding", "refused")
READ = 10
"""Of the twelve ways, how many files must be read and right."""

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def right(verdicts):
    """How many files are read and right; none may be wrong."""
    assert not {k: v for k, v in verdicts.items() if v.kind not in RIGHT}
    return sum(v.kind in ("exact", "tie") for v in verdicts.values())


def test_onnx_runtimes_quantizer(tmp_path):
    """QDQ and operators on codes, every pair of types, per tensor and per channel."""
    day = rotating(1)[0]
    seeds = [day - day % len(WAYS) + way for way in range(len(WAYS))]
    assert right({seed: judge(Made(seed, *quantized(seed), "runtime"), tmp_path)
                  for seed in seeds}) >= READ


def test_architectures(tmp_path):
    """A few of the networks of the literature, each day others."""
    names = random.Random(today()).sample(sorted(NAMES), 12)
    right({name: judge(Made(0, *named(name), "runtime"), tmp_path) for name in names})


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("name", [
    "vgg-QDQ-UInt16-Int8", "squeezenet-QDQ-Int16-Int8-channels-21", "unet-QDQ-Int8-Int8-channels",
    "mobilenet_v3-QDQ-UInt8-Int8", "yolo-QOperator-UInt8-Int8", "tcn-QDQ-UInt8-UInt8"])
def test_gates_of_architectures(name, tmp_path):
    """Activations of 16 bits, scales that only wide factors bring together, several outputs."""
    model, x = named(name)
    onnx.save(model, tmp_path / "net.onnx")
    network = qhw.load(tmp_path / "net.onnx")
    assert qhw.simulate(network, x[:2], engine="verilator", trace=True, stalls=3).matches == 2


@pytest.mark.slow(but=0)
@pytest.mark.parametrize("part", [part for part, of in OUTSIDE.items() if not of.given])
def test_other_exporters(part, tmp_path):
    """The first files of each script of ``sim/proof/exporters``."""
    packages = OUTSIDE[part].packages
    if interpreter(packages) is None:
        pytest.skip(f"{' and '.join(packages)} are not installed")
    verdicts = {name: judge(made, tmp_path) for name, made in files(part, 6)}
    assert right(verdicts) > 0
