// Pith's encoder: in the page, or in as many workers as `workers` says, each with a model of its own.

import { sequences, some } from "./work.js";

async function inPage({ build }) {
  const { default: init, Bench, ...module } = await import(`./wasm/${build}.js`);
  const description = await bytes("./model/model.json");
  const files = JSON.parse(new TextDecoder().decode(description));
  const [{ memory }, weights, tokenizer] = await Promise.all([
    init({ module_or_path: new URL(`./wasm/${build}_bg.wasm`, import.meta.url) }),
    bytes(`./model/${files.weights.name}`),
    bytes(`./model/${files.tokenizer.name}`),
  ]);
  const bench = new Bench(weights, tokenizer, description);
  return { bench, memory, module };
}

async function bytes(url) {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

/** Sequences back to back, and their lengths. */
function flat(list) {
  return [Uint32Array.from(list.flat()), Uint32Array.from(list, (ids) => ids.length)];
}

function input(work) {
  switch (work.kind) {
    case "forward":
      return ["forward", ...flat(sequences(work.batch, work.tokens))];
    case "sequences":
      return ["forward", ...flat(some(work))];
    case "texts":
      return ["texts", some(work)];
    default:
      throw new Error(`no work of the kind ${work.kind}`);
  }
}

/** The share of a worker: every so-many-th sequence or text. */
function share([kind, first, lengths], of, workers) {
  const mine = (_, index) => index % workers === of;
  if (kind === "texts") return [kind, first.filter(mine)];
  const starts = [];
  let end = 0;
  for (const length of lengths) starts.push([end, (end += length)]);
  return [kind, ...flat(starts.filter(mine).map(([from, to]) => [...first.subarray(from, to)]))];
}

export async function start(options) {
  const workers = Number(options.workers ?? 0);
  if (workers === 0) {
    const { bench, memory, module } = await inPage(options);
    return {
      about: bench.kernel(),
      memoryBytes: () => memory.buffer.byteLength,
      checkKernels: module.checkKernels,
      microNames: module.microNames,
      micro: module.micro,
      partNames: module.partNames,
      /** Milliseconds of each part, summed over `runs` runs. */
      parts: (work, runs) => {
        const [, ids, lengths] = input(work);
        const sums = new Float64Array(module.partNames().length);
        for (let run = 0; run < runs; run += 1) bench.parts(ids, lengths).forEach((ms, part) => (sums[part] += ms));
        return [...sums];
      },
      prepare: async (work) => {
        const [kind, ...rest] = input(work);
        return () => [bench[kind](...rest)];
      },
    };
  }
  const pool = await Promise.all(Array.from({ length: workers }, () => startWorker(options)));
  return {
    about: `${pool[0].kernel}, ${workers} workers`,
    prepare: async (work) => {
      const whole = input(work);
      const shares = pool.map((_, index) => share(whole, index, workers));
      return () => Promise.all(pool.map(({ ask }, index) => ask(shares[index])));
    },
  };
}

/** A worker that is ready: its kernel, and the function that asks it. */
async function startWorker({ build }) {
  const worker = new Worker(new URL(`./pith_worker.js?build=${build}`, import.meta.url), { type: "module" });
  const next = () =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => ("error" in data ? reject(new Error(data.error)) : resolve(data.answer));
      worker.onerror = (event) => reject(new Error(event.message));
    });
  const kernel = await next();
  const ask = (request) => {
    worker.postMessage(request);
    return next();
  };
  return { kernel, ask };
}

export { inPage };
