// One worker of the pool. Its page hands it ports, and says which weights to load; the engine's Wasm answers what comes over
// the ports.

import { PoolLane, start } from "./engine.js";

const started = start();

/** @type {Promise<PoolLane> | undefined} the first port's weights are every port's: the page ends whoever has others */
let lane;

/** @type {MessagePort[]} */
const ports = [];

// Whoever waits is told, and the page ends this worker.
function end(error) {
  console.error(error);
  for (const port of ports) port.postMessage({ failed: { cause: String(error) } });
  self.postMessage("broken");
}

started.catch(end);
self.addEventListener("error", (event) => end(event.error));
self.addEventListener("unhandledrejection", (event) => end(event.reason));

self.addEventListener("message", ({ data: weights, ports: [port] }) => {
  ports.push(port);
  // The page counts the time since somebody last wanted something.
  port.addEventListener("message", () => self.postMessage("at work"));
  lane ??= started.then(() => PoolLane.load(weights));
  lane.then((open) => open.serve(port), end);
});
