// One worker of the pool. Its page hands it ports; the engine's Wasm answers what comes over them.

import { PoolLane, start } from "./engine.js";

const lane = start().then(() => PoolLane.load());

/** @type {MessagePort[]} */
const ports = [];

// Whoever waits is told, and the page ends this worker.
function end(error) {
  console.error(error);
  for (const port of ports) port.postMessage({ failed: { cause: String(error) } });
  self.postMessage("broken");
}

lane.catch(end);
self.addEventListener("error", (event) => end(event.error));
self.addEventListener("unhandledrejection", (event) => end(event.reason));

self.addEventListener("message", ({ ports: [port] }) => {
  ports.push(port);
  // The page counts the time since somebody last wanted something.
  port.addEventListener("message", () => self.postMessage("at work"));
  lane.then((open) => open.serve(port));
});
