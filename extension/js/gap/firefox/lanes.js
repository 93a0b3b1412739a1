// The pool's workers in Firefox, whose event page starts them itself. They end with it, or when nobody has wanted anything for a
// while, which gives their memory back. Its sides for other browsers have the same names.

const IDLE_MS = 30_000;

/** @type {globalThis.Worker[]} */
let workers = [];
/** Which set of them it is. */
let home = 0;
let idle = 0;

function wanted() {
  clearTimeout(idle);
  idle = setTimeout(end, IDLE_MS);
}

function end() {
  clearTimeout(idle);
  for (const worker of workers) worker.terminate();
  workers = [];
}

function startWorker() {
  const worker = new Worker(chrome.runtime.getURL("js/pool_worker.js"), { type: "module" });
  const drop = () => {
    worker.terminate();
    workers = workers.filter((other) => other !== worker);
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
  end();
  home += 1;
  wanted();
  workers = Array.from({ length: count }, startWorker);
  const ports = workers.map((worker) => {
    const { port1, port2 } = new MessageChannel();
    worker.postMessage(weights, [port2]);
    return port1;
  });
  return { home: String(home), ports };
}

/** Are those still there that `openLanes` gave with this? @param {string} which */
export const areThere = async (which) => which === String(home) && workers.length > 0;

/** Ends them and gives their memory back; an error where there were none. */
export async function closeLanes() {
  if (workers.length === 0) throw new Error("there is no worker");
  end();
}
