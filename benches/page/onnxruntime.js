// onnxruntime-web's forward pass, on any of the ONNX files.

import { sequences, some } from "./work.js";

export async function start({ release, threads }) {
  const folder = new URL(`./peers/${release}/`, import.meta.url).href;
  const ort = await import(`${folder}ort.wasm.min.mjs`);
  ort.env.wasm.wasmPaths = folder;
  ort.env.wasm.numThreads = Number(threads);
  const sessions = new Map();
  const session = async (variant) => {
    if (!sessions.has(variant)) {
      const made = ort.InferenceSession.create(new URL(`./onnx/${variant}.onnx`, import.meta.url).href, {
        executionProviders: ["wasm"],
        graphOptimizationLevel: "all",
      });
      sessions.set(variant, made);
    }
    return sessions.get(variant);
  };
  return {
    about: ort.env.versions.web,
    prepare: async ({ variant, ...work }) => {
      const model = await session(variant);
      const rows = work.kind === "sequences" ? some(work) : sequences(work.batch, work.tokens);
      const shape = [rows.length, rows[0].length];
      const tensor = (values) => new ort.Tensor("int64", BigInt64Array.from(values, BigInt), shape);
      const feeds = {
        input_ids: tensor(rows.flat()),
        attention_mask: tensor(rows.flat().map(() => 1)),
        token_type_ids: tensor(rows.flat().map(() => 0)),
      };
      return async () => [(await model.run(feeds)).last_hidden_state.data];
    },
  };
}
