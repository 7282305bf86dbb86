# /// script
# dependencies = ["onnxruntime", "onnx"]
# [tool.mempip]
# container = true
# ///
"""A model made by onnx is run by onnxruntime, whose extension carries the whole runtime and asks for its place."""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

weights = numpy_helper.from_array(np.arange(6, dtype=np.float32).reshape(3, 2), "w")
nodes = [helper.make_node("MatMul", ["x", "w"], ["y"]), helper.make_node("Relu", ["y"], ["z"])]
x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3])
z = helper.make_tensor_value_info("z", TensorProto.FLOAT, [None, 2])
graph = helper.make_graph(nodes, "g", [x], [z], [weights])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
onnx.checker.check_model(model, full_check=True)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
print(
    onnx.__version__, onnxruntime.__version__, session.run(None, {"x": np.array([[1, -2, 3]], np.float32)})[0].tolist()
)
print(session.get_inputs()[0].shape, "CPUExecutionProvider" in onnxruntime.get_available_providers())
print(onnx.shape_inference.infer_shapes(model).graph.value_info[0].name)
