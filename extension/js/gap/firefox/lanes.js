// The pool's workers in Firefox, and the one that has a graphics processor: the event page starts them itself. They end with it, or
// when nobody has wanted anything for a while, which gives their memory back. Its sides for other browsers have the same names.

const IDLE_MS = 30_000;

/** @type {globalThis.Worker[]} */
let workers = [];
/** @type {globalThis.Worker | undefined} the one that has a graphics processor */
let gpu;
/** How often workers were opened: by it a set of them is known. */
let opened = 0;
/** Which set is there, and which graphics processor's worker. */
let home = "";
let gpuHome = "";
let idle = 0;

function wanted() {
  clearTimeout(idle);
  idle = setTimeout(end, IDLE_MS);
}

function end() {
  clearTimeout(idle);
  for (const worker of workers) worker.terminate();
  workers = [];
  gpu?.terminate();
  gpu = undefined;
}

function startWorker(script) {
  const worker = new Worker(chrome.runtime.getURL(script), { type: "module" });
  const drop = () => {
    worker.terminate();
    workers = workers.filter((other) => other !== worker);
    if (gpu === worker) gpu = undefined;
  };
  worker.addEventListener("message", ({ data }) => (data === "broken" ? drop() : wanted()));
  worker.addEventListener("error", drop);
  return worker;
}

/** Can they be had at all? */
export const areOffered = () => typeof Worker === "function";

/**
 * Opens so many workers, which load these weights from the store. Gives a port to each, and by what `areThere` knows them.
 * @param {number} count
 * @param {{ name: string, lenBytes: number, sha256: string }} weights
 * @returns {Promise<{ home: string, ports: MessagePort[] }>}
 */
export async function openLanes(count, weights) {
  for (const worker of workers) worker.terminate();
  home = String((opened += 1));
  wanted();
  workers = Array.from({ length: count }, () => startWorker("js/pool_worker.js"));
  return { home, ports: workers.map((worker) => handOver(worker, weights)) };
}

/**
 * Opens a new worker that loads these weights from the store onto a graphics processor, in place of an earlier one.
 * @returns {Promise<{ home: string, port: MessagePort }>}
 */
export async function openGpu(weights) {
  gpu?.terminate();
  gpuHome = String((opened += 1));
  wanted();
  gpu = startWorker("js/gpu_worker.js");
  return { home: gpuHome, port: handOver(gpu, weights) };
}

function handOver(worker, weights) {
  const { port1, port2 } = new MessageChannel();
  worker.postMessage(weights, [port2]);
  return port1;
}

/** Are those still there that `openLanes` or `openGpu` gave with this? @param {string} which */
export const areThere = async (which) =>
  (which === home && workers.length > 0) || (which === gpuHome && gpu !== undefined);

/** Ends them and gives their memory back; an error where there were none. */
export async function closeLanes() {
  if (workers.length === 0 && !gpu) throw new Error("there is no worker");
  end();
}
