// One worker of the offscreen document: its page hands it ports, and says which weights to load; the engine's Wasm answers what
// comes over the ports.

/**
 * Serves what `load` gives for the first port's weights, which are every port's: the page ends whoever has others.
 * @param {(weights: object) => Promise<{ serve(port: MessagePort): void }>} load
 */
export function serveLane(load) {
  let lane;

  /** @type {MessagePort[]} */
  const ports = [];

  // Whoever waits is told, and the page ends this worker.
  function end(error) {
    console.error(error);
    for (const port of ports) port.postMessage({ failed: { cause: String(error?.message ?? error) } });
    self.postMessage("broken");
  }

  self.addEventListener("error", (event) => end(event.error));
  self.addEventListener("unhandledrejection", (event) => end(event.reason));

  self.addEventListener("message", ({ data: weights, ports: [port] }) => {
    ports.push(port);
    // The page counts the time since somebody last wanted something.
    port.addEventListener("message", () => self.postMessage("at work"));
    lane ??= load(weights);
    lane.then((open) => open.serve(port), end);
  });
}
