"""A build that cannot prove itself writes nothing."""

import json
import random

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from typer.testing import CliRunner

import qhw
from qhw.cli import app
from qhw.errors import QhwError
from qhw.graph import Spatial
from qhw.lower import lower
from qhw.lower.fold import EVERY
from qhw.simulators import selfcheck
from qhw.verilog.design import Design

from ..seeds import rotating
from ..tiny import write_tiny

CHIPS = ("ice40hx8k", "ecp5-25k", "gw1n-9c", "xc7")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    qhw.quantize(write_tiny(folder / "float"), "ternary", folder / "net")
    return folder / "net"


def qdq(path):
    """One dense layer between quantizers, which ONNX Runtime computes."""
    rng = np.random.default_rng(0)
    constants = {"s": np.float32(0.25), "z": np.int8(3), "ws": np.float32(0.5), "wz": np.int8(0),
                 "w": rng.integers(-8, 8, (4, 3)).astype(np.int8), "os": np.float32(2)}
    nodes = [helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
             helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
             helper.make_node("DequantizeLinear", ["w", "ws", "wz"], ["dw"]),
             helper.make_node("MatMul", ["d", "dw"], ["y"]),
             helper.make_node("QuantizeLinear", ["y", "os", "z"], ["r"]),
             helper.make_node("DequantizeLinear", ["r", "os", "z"], ["out"])]
    graph = helper.make_graph(
        nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 3])],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9),
              path)
    return path


def test_samples_have_the_corners(tiny):
    x = selfcheck.samples(lower(qhw.load(tiny))).tolist()
    assert [0] * 8 in x
    assert [15] * 8 in x
    assert [0, 15] * 4 in x
    assert len({tuple(row) for row in x}) == selfcheck.SAMPLES


def test_a_build_says_what_it_proved(tiny, tmp_path):
    check = qhw.build(tiny, tmp_path / "out", target="ice40hx8k")["check"]
    assert (check["samples"], check["stalled"], check["layers"]) == (8, 4, 4)
    assert check["reference"] is None
    assert json.loads((tmp_path / "out/report.json").read_text())["check"] == check
    assert "Proven before writing" in (tmp_path / "out/report.html").read_text()


def test_a_build_says_that_it_proved_nothing(tiny, tmp_path):
    done = CliRunner().invoke(app, ["build", str(tiny), "-o", str(tmp_path / "out"), "--no-check"])
    assert done.exit_code == 0
    assert "Not checked" in done.output
    assert json.loads((tmp_path / "out/report.json").read_text())["check"] is None
    assert "built with --no-check" in (tmp_path / "out/report.html").read_text()


def planted(monkeypatch, old, new):
    """The Verilog that is checked has ``new`` in place of ``old``."""
    right = Design.files.func

    def wrong(design):
        (name, text), *others = right(design).items()
        assert old in text or not design.taps
        return {name: text.replace(old, new), **dict(others)}

    monkeypatch.setattr(Design, "files", property(wrong))


def test_wrong_verilog_is_not_written(tiny, tmp_path, monkeypatch):
    """A sum is one too high in the Verilog: its layer is named."""
    planted(monkeypatch, "tap_fc1_data = ", "tap_fc1_data = 1 + ")
    with pytest.raises(QhwError, match=r"layer 'fc1': \d+ of 32 integers .* differ"):
        qhw.build(tiny, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_hardware_that_stops_is_not_written(tiny, tmp_path, monkeypatch):
    planted(monkeypatch, ".i_valid(s_axis_tvalid)", ".i_valid(1'd0)")
    with pytest.raises(QhwError, match=r"nothing moved for \d+ cycles after 0 of 8 output beats"):
        qhw.build(tiny, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("chip", [random.Random(seed).choice(CHIPS) for seed in rotating(1)])
def test_weights_as_logic_are_proven_in_cells(tiny, tmp_path, monkeypatch, chip):
    """What synthesis reads is simulated: a cell that is wrong there alone is found."""
    everything = {EVERY: Spatial()}
    assert qhw.build(tiny, tmp_path / "out", target=chip, folds=everything)["check"]["layers"] == 4
    wrong = tmp_path / "adders.v"
    wrong.write_text(selfcheck.ADDERS.read_text().replace(" & ", " | ").replace(" ^ ", " ~^ "))
    monkeypatch.setattr(selfcheck, "ADDERS", wrong)
    with pytest.raises(QhwError, match=r"layer 'fc1': .* differ"):
        qhw.build(tiny, tmp_path / "wrong", target=chip, folds=everything)


def test_cycles_are_the_predicted(tiny):
    with pytest.raises(QhwError, match="takes 9 cycles where 8 are predicted"):
        selfcheck._compare_cycles(lower(qhw.load(tiny)), 9, 8)
