"""Small networks with QONNX quantizers, and files of them."""


import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

DOMAIN = "qonnx.custom_op.general"


def quant(name, x, out, *, scale="s", bits="b4", **more):
    return helper.make_node("Quant", [x, scale, "zero", bits], [out], name=name, domain=DOMAIN,
                            **{"signed": 1, "narrow": 0, "rounding_mode": "ROUND", **more})


def small(nodes=None, *, shape=(1, 4), constants=None, inputs=("x",), outputs=("y",)):
    """x -> Quant -> MatMul with quantized weights, or other nodes."""
    known = {"s": np.float32(.5), "zero": np.float32(0), "b4": np.float32(4),
             "w": np.array([[.5, -1], [1, 2], [0, -.5], [3, .5]], np.float32),
             **(constants or {})}
    nodes = nodes or [quant("qx", "x", "a"), quant("qw", "w", "wq"),
                      helper.make_node("MatMul", ["a", "wq"], ["y"], name="mm")]
    graph = helper.make_graph(
        nodes, "small",
        [helper.make_tensor_value_info(i, TensorProto.FLOAT, shape) for i in inputs],
        [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs],
        initializer=[numpy_helper.from_array(np.asarray(v), k) for k, v in known.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13),
                                                   helper.make_opsetid(DOMAIN, 1)], ir_version=9)


def saved(tmp_path, model):
    path = tmp_path / "net.onnx"
    path.write_bytes(model.SerializeToString() if isinstance(model, onnx.ModelProto) else model)
    return path


def conv(w=(2, 1, 3, 3), shape=(1, 1, 5, 5), **attributes):
    return small([quant("qx", "x", "a"), quant("qw", "k", "wq"),
                  helper.make_node("Conv", ["a", "wq"], ["y"], name="conv", **attributes)],
                 shape=shape, constants={"k": np.ones(w, np.float32)})


def outside(location="data.bin", **more):
    """The small network with its weights in a file, as an initializer or as a Constant's value."""
    def change(tensor):
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in {"location": location, **more}.items():
            tensor.external_data.add(key=key, value=str(value))
    model = small()
    change(next(t for t in model.graph.initializer if t.name == "w"))
    constant = small([helper.make_node("Constant", [], ["v"], value=TensorProto(
        data_type=TensorProto.FLOAT, dims=(4, 2))), quant("qx", "x", "a"), quant("qw", "v", "wq"),
        helper.make_node("MatMul", ["a", "wq"], ["y"])])
    change(constant.graph.node[0].attribute[0].t)
    return [model, constant]


WEIGHTS = np.array([[.5, -1], [1, 2], [0, -.5], [3, .5]], np.float32)
