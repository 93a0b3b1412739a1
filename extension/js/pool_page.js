// The offscreen document of the pool: keeps one worker for each port that the service worker hands over, and passes the
// ports on, with which weights are to be loaded. It ends, and the workers' memory with it, when nobody has wanted anything
// for a while.

const IDLE_MS = 30_000;

/** @type {globalThis.Worker[]} */
const workers = [];
/** The digest of the weights that they have. */
let loaded = "";
let idle = 0;

function wanted() {
  clearTimeout(idle);
  idle = setTimeout(() => close(), IDLE_MS);
}

function startWorker() {
  const worker = new Worker("../js/pool_worker.js", { type: "module" });
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

navigator.serviceWorker.addEventListener("message", ({ data, ports }) => {
  if (data?.kind !== "lanes") return;
  wanted();
  const { weights, fresh } = data;
  if (fresh || loaded !== weights.sha256) for (const worker of [...workers]) drop(worker);
  loaded = weights.sha256;
  while (workers.length < ports.length) workers.push(startWorker());
  ports.forEach((port, index) => workers[index].postMessage(weights, [port]));
});
navigator.serviceWorker.startMessages();
wanted();
