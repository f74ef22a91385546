"""Small ONNX models with inputs on a grid, and what others than us make of them."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import qhw
from qhw.loaders.onnx.saturation import unsaturated
from qhw.lower import lower
from qhw.simulators.golden import golden, host

__all__ = ["grid", "made", "ours", "runtime", "tensors"]

DOMAINS = {"com.microsoft": 1, "qonnx.custom_op.general": 2, "qonnx.custom_op.channels_last": 1}


def made(nodes, constants=None, *, shape=(1, 4), opset=13, domains=None, outputs=("y",),
         quantized=True):
    """A model of ``nodes`` from ``a`` to ``outputs``; ``a`` is the input ``x`` in int8 steps of
    1/4, or the input itself."""
    known = {"grid_scale": np.float32(.25), "grid_zero": np.int8(0), **(constants or {})}
    first = [helper.make_node("QuantizeLinear", ["x", "grid_scale", "grid_zero"], ["x_codes"]),
             helper.make_node("DequantizeLinear", ["x_codes", "grid_scale", "grid_zero"], ["a"])]
    used = {name for node in nodes for name in node.input}
    domains = {"": opset, **({d: DOMAINS.get(d, 1) for n in nodes if (d := n.domain)}),
               **(domains or {})}
    graph = helper.make_graph(
        [*(first if quantized else []), *nodes], "small",
        [helper.make_tensor_value_info("x" if quantized else "a", TensorProto.FLOAT, shape)],
        [helper.make_empty_tensor_value_info(o) for o in outputs],
        initializer=[numpy_helper.from_array(np.asarray(v), k) for k, v in known.items()
                     if k in used or quantized and k.startswith("grid_")])
    model = helper.make_model(graph, ir_version=9 if opset < 22 else 11, opset_imports=[
        helper.make_opsetid(d, v) for d, v in domains.items()])
    inferred = {o.name: o.type.tensor_type.elem_type or TensorProto.FLOAT
                for o in onnx.shape_inference.infer_shapes(model).graph.output}
    del model.graph.output[:]
    model.graph.output.extend(helper.make_tensor_value_info(n, t, None)
                              for n, t in inferred.items())
    return model


def tensors(**shapes):
    """Weights of these shapes in int8 steps of 1/2 with DequantizeLinear, by name: the nodes that
    make them, and the constants they need."""
    random = np.random.default_rng(len(shapes))
    nodes, constants = [], {"half": np.float32(.5), "none": np.int8(0)}
    for name, shape in shapes.items():
        constants[f"{name}_codes"] = random.integers(-7, 8, shape).astype(np.int8)
        nodes.append(helper.make_node("DequantizeLinear", [f"{name}_codes", "half", "none"],
                                      [name]))
    return nodes, constants


def grid(shape, samples=4, seed=0):
    """Samples that are multiples of 1/4."""
    random = np.random.default_rng(seed)
    return (random.integers(-30, 31, (samples, *shape)) / 4).astype(np.float32)


def runtime(model, x):
    """ONNX Runtime's outputs without optimizations, sample by sample."""
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = ort.InferenceSession(unsaturated(model).SerializeToString(), options,
                                   providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.concatenate([np.atleast_1d(session.run(None, {name: one[None]})[0]) for one in x])


def ours(model, x, folder):
    """What the golden and the host make of the samples."""
    path = folder / "net.onnx"
    onnx.save(model, path)
    lowered = lower(qhw.load(path))
    return host(lowered, golden(lowered, x)[lowered.hardware.output.name])
