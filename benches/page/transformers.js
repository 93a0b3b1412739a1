// transformers.js: text in, embeddings out, as its own documentation shows it.

import { some } from "./work.js";

export async function start({ model, threads }) {
  const folder = new URL("./peers/transformers/", import.meta.url).href;
  const { env, pipeline } = await import(`${folder}transformers.min.js`);
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  // A path: addresses are taken for remote ones.
  env.localModelPath = new URL("./models/", import.meta.url).pathname;
  env.useBrowserCache = false;
  env.backends.onnx.wasm.wasmPaths = new URL("./peers/onnxruntime-web-dev/", import.meta.url).href;
  env.backends.onnx.wasm.numThreads = Number(threads);
  const extract = await pipeline("feature-extraction", model, { dtype: "q8", device: "wasm" });
  const how = { pooling: "mean", normalize: true };
  return {
    about: env.version,
    prepare: async ({ batched, ...work }) => {
      if (work.kind !== "texts") throw new Error("transformers.js takes texts");
      const texts = some(work);
      if (batched) return async () => [(await extract(texts, how)).data];
      return async () => {
        const rows = [];
        for (const text of texts) rows.push((await extract(text, how)).data);
        return rows;
      };
    },
  };
}
