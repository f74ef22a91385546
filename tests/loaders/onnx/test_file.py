"""Files as they are read."""


import onnx
import pytest

from qhw import limits
from qhw.errors import ModelError
from qhw.loaders import load
from qhw.loaders.onnx import file as onnx_file
from tests.loaders.onnx.small import WEIGHTS, outside, saved, small


def test_a_name_or_a_graph_beyond_the_limits(tmp_path, monkeypatch):
    long = small()
    long.graph.node[0].name = "n" * (limits.NAME + 1)
    with pytest.raises(ModelError, match="characters, more than"):
        load(saved(tmp_path, long))
    monkeypatch.setattr(limits, "NODES", 2)
    with pytest.raises(ModelError, match="3 nodes, more than 2"):
        load(saved(tmp_path, small()))


def test_a_file_that_needs_no_other(tmp_path):
    """External data is in it, everywhere, and nothing of it points outside."""
    model = outside(offset=4)[0]
    model.graph.node.append(outside(offset=4)[1].graph.node[0])
    model.graph.initializer[0].external_data.add(key="location", value="../../pretends")
    (tmp_path / "data.bin").write_bytes(b"1234" + WEIGHTS.tobytes())
    made = onnx.load_model_from_string(onnx_file.whole(saved(tmp_path, model)))
    tensors = [*made.graph.initializer, made.graph.node[-1].attribute[0].t]
    assert not any(t.external_data or t.data_location for t in tensors)
    assert [t.raw_data for t in tensors if len(t.dims)] == [WEIGHTS.tobytes()] * 2
