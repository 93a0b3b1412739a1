"""The same weights as ONNX files for the peers: f32, and INT8 by onnxruntime's dynamic quantisation in several variants.

    python peers.py models SOURCE OUT       SOURCE: model.safetensors, config.json; OUT: *.onnx, and their names on stdout
    python peers.py native OUT              native onnxruntime with one thread: a line of JSON asks, a line answers

Two graphs are made. `plain` has the operators that an export from PyTorch has. `fused` has onnxruntime's own operators for
attention, layer norm and GELU, as its optimiser for transformers makes them; onnxruntime-web then spends less between the
products. Which of the variants is the fastest depends on the shape, so all of them are tried.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np


class Graph:
    """Nodes and initializers in the making."""

    def __init__(self, weights, config):
        self.weights, self.config = weights, config
        self.nodes, self.constants, self.count = [], {}, 0

    def constant(self, name, value):
        self.constants.setdefault(name, np.asarray(value))
        return name

    def weight(self, name, transpose=False):
        value = self.weights[name]
        return self.constant(name, np.ascontiguousarray(value.T) if transpose else value)

    def add(self, operator, *inputs, outputs=1, domain="", **attributes):
        from onnx import helper

        self.count += 1
        names = [f"{operator}_{self.count}_{i}" for i in range(outputs)]
        node = helper.make_node(operator, inputs, names, f"{operator}_{self.count}", domain=domain, **attributes)
        self.nodes.append(node)
        return names[0]

    def linear(self, x, name):
        product = self.add("MatMul", x, self.weight(f"{name}.weight", transpose=True))
        return self.add("Add", self.weight(f"{name}.bias"), product)

    def norm(self, x, name):
        names = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.add("LayerNormalization", x, *names, axis=-1, epsilon=self.config["layer_norm_eps"])

    def gelu(self, x):
        scaled = self.add("Div", x, self.constant("sqrt2", np.float32(np.sqrt(2))))
        shifted = self.add("Add", self.add("Erf", scaled), self.constant("one", np.float32(1)))
        return self.add("Mul", self.add("Mul", x, shifted), self.constant("half", np.float32(0.5)))

    def embeddings(self):
        words = self.add("Gather", self.weight("embeddings.word_embeddings.weight"), "input_ids")
        types = self.add("Gather", self.weight("embeddings.token_type_embeddings.weight"), "token_type_ids")
        tokens = self.add("Gather", self.add("Shape", "input_ids"), self.constant("axis1", np.int64([1])))
        table = self.weight("embeddings.position_embeddings.weight")
        positions = self.add("Slice", table, self.constant("start", np.int64([0])), tokens)
        return self.norm(self.add("Add", self.add("Add", words, types), positions), "embeddings.LayerNorm")

    def plain_attention(self, x, name, mask):
        heads, hidden = self.config["num_attention_heads"], self.config["hidden_size"]
        split = self.constant("split", np.int64([0, 0, heads, hidden // heads]))
        parts = []
        for part, order in [("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])]:
            rows = self.add("Reshape", self.linear(x, f"{name}.self.{part}"), split)
            parts.append(self.add("Transpose", rows, perm=order))
        query, key, value = parts
        depth = self.constant("sqrt_depth", np.float32(np.sqrt(hidden // heads)))
        scores = self.add("Add", self.add("Div", self.add("MatMul", query, key), depth), mask)
        context = self.add("MatMul", self.add("Softmax", scores, axis=-1), value)
        joined = self.add("Transpose", context, perm=[0, 2, 1, 3])
        return self.add("Reshape", joined, self.constant("join", np.int64([0, 0, hidden])))

    def fused_attention(self, x, name, mask):
        parts = [f"{name}.self.{part}" for part in ("query", "key", "value")]
        weight = np.concatenate([self.weights[f"{part}.weight"].T for part in parts], axis=1)
        bias = np.concatenate([self.weights[f"{part}.bias"] for part in parts])
        names = self.constant(f"{name}.weight", weight), self.constant(f"{name}.bias", bias)
        heads = self.config["num_attention_heads"]
        return self.add("Attention", x, *names, mask, domain="com.microsoft", num_heads=heads)

    def fused_norm(self, x, y, product_bias, name):
        names = self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), self.weight(product_bias)
        epsilon = self.config["layer_norm_eps"]
        return self.add("SkipLayerNormalization", x, y, *names, domain="com.microsoft", epsilon=epsilon)

    def product(self, x, name):
        return self.add("MatMul", x, self.weight(f"{name}.weight", transpose=True))

    def layer(self, x, index, mask, fused):
        name = f"encoder.layer.{index}"
        attention, up, down = f"{name}.attention", f"{name}.intermediate.dense", f"{name}.output.dense"
        if fused:
            context = self.product(self.fused_attention(x, attention, mask), f"{attention}.output.dense")
            x = self.fused_norm(context, x, f"{attention}.output.dense.bias", f"{attention}.output.LayerNorm")
            wide = self.add("BiasGelu", self.product(x, up), self.weight(f"{up}.bias"), domain="com.microsoft")
            return self.fused_norm(self.product(wide, down), x, f"{down}.bias", f"{name}.output.LayerNorm")
        context = self.linear(self.plain_attention(x, attention, mask), f"{attention}.output.dense")
        x = self.norm(self.add("Add", context, x), f"{attention}.output.LayerNorm")
        wide = self.gelu(self.linear(x, up))
        return self.norm(self.add("Add", self.linear(wide, down), x), f"{name}.output.LayerNorm")

    def mask(self, fused):
        from onnx import TensorProto

        if fused:
            return self.add("Cast", "attention_mask", to=TensorProto.INT32)
        axes = self.constant("mask_axes", np.int64([1, 2]))
        wide = self.add("Cast", self.add("Unsqueeze", "attention_mask", axes), to=TensorProto.FLOAT)
        hidden = self.add("Sub", self.constant("one", np.float32(1)), wide)
        return self.add("Mul", hidden, self.constant("minus", np.float32(-1e9)))

    def build(self, fused):
        import onnx
        from onnx import TensorProto, helper, numpy_helper

        x, mask = self.embeddings(), self.mask(fused)
        for index in range(self.config["num_hidden_layers"]):
            x = self.layer(x, index, mask, fused)
        self.nodes.append(helper.make_node("Identity", [x], ["last_hidden_state"], "result"))
        names = ["input_ids", "attention_mask", "token_type_ids"]
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in names]
        shape = ["batch", "tokens", self.config["hidden_size"]]
        output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, shape)
        constants = [numpy_helper.from_array(value, name) for name, value in self.constants.items()]
        graph = helper.make_graph(self.nodes, "bert", inputs, [output], constants)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
        if not fused:
            onnx.checker.check_model(model)
        return model


def make_models(source, out):
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from safetensors.numpy import load_file

    weights = load_file(source / "model.safetensors")
    config = json.loads((source / "config.json").read_text())
    out.mkdir(parents=True, exist_ok=True)
    names = []
    for graph in ("plain", "fused"):
        f32 = out / f"{graph}-f32.onnx"
        onnx.save(Graph(weights, config).build(graph == "fused"), f32)
        names.append(f32.stem)
        for kind in (QuantType.QInt8, QuantType.QUInt8):
            for per_channel in (False, True):
                name = f"{graph}-{'u8' if kind == QuantType.QUInt8 else 's8'}{'-channel' if per_channel else ''}"
                target = out / f"{name}.onnx"
                quantize_dynamic(
                    f32,
                    target,
                    weight_type=kind,
                    per_channel=per_channel,
                    # Seven bits for signed weights: products of eight overflow in x86's instructions without VNNI.
                    reduce_range=kind == QuantType.QInt8,
                    # Shapes are not inferred through onnxruntime's own operators.
                    extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
                )
                names.append(name)
    print(json.dumps(names))


def work_natively(out):
    """Says its version; then answers {variant, batch, tokens, runs, leastMs} by {times}: milliseconds of each run."""
    import onnxruntime

    sessions = {}

    def session(variant):
        if variant not in sessions:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            path = str(out / f"{variant}.onnx")
            sessions[variant] = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return sessions[variant]

    print(json.dumps({"version": onnxruntime.__version__}), flush=True)
    for line in sys.stdin:
        work = json.loads(line)
        model = session(work["variant"])
        ids = np.random.default_rng(1).integers(1000, 29000, (work["batch"], work["tokens"]))
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        times = []
        while len(times) < work["runs"] or sum(times) < work["leastMs"]:
            before = time.perf_counter()
            model.run(None, feeds)
            times.append((time.perf_counter() - before) * 1e3)
        print(json.dumps({"times": times}), flush=True)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "models":
        make_models(*map(Path, arguments))
    else:
        work_natively(Path(arguments[0]))
