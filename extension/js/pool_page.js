// The offscreen document of the pool and of the graphics processor: keeps one worker for each port that the service worker hands
// over, and passes the ports on, with which weights are to be loaded. It ends, and the workers' memory with it, when nobody has
// wanted anything for a while.

const IDLE_MS = 30_000;

/** @type {globalThis.Worker[]} */
const workers = [];
/** The digest of the weights that they have. */
let loaded = "";
/** @type {globalThis.Worker | undefined} the one that has a graphics processor */
let gpu;
let idle = 0;

function wanted() {
  clearTimeout(idle);
  idle = setTimeout(() => close(), IDLE_MS);
}

/** @param {string} script @param {(worker: globalThis.Worker) => void} drop */
function startWorker(script, drop) {
  const worker = new Worker(script, { type: "module" });
  worker.addEventListener("message", ({ data }) => {
    if (data === "broken") drop(worker);
    else wanted();
  });
  worker.addEventListener("error", () => drop(worker));
  return worker;
}

function drop(worker) {
  worker.terminate();
  const index = workers.indexOf(worker);
  // One that breaks may say so twice.
  if (index >= 0) workers.splice(index, 1);
}

// Always a new worker: what an earlier one had may be lost.
function openGpu(weights, port) {
  gpu?.terminate();
  gpu = startWorker("../js/gpu_worker.js", (worker) => worker.terminate());
  gpu.postMessage(weights, [port]);
}

navigator.serviceWorker.addEventListener("message", ({ data, ports }) => {
  if (data?.kind !== "lanes" && data?.kind !== "gpu") return;
  wanted();
  const { weights, fresh } = data;
  if (data.kind === "gpu") {
    openGpu(weights, ports[0]);
    return;
  }
  if (fresh || loaded !== weights.sha256) for (const worker of [...workers]) drop(worker);
  loaded = weights.sha256;
  while (workers.length < ports.length) workers.push(startWorker("../js/pool_worker.js", drop));
  ports.forEach((port, index) => workers[index].postMessage(weights, [port]));
});
navigator.serviceWorker.startMessages();
wanted();
