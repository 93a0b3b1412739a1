// The worker that has a graphics processor.

import startGpu, { GpuLane } from "../wasm/gpu.js";
import { serveLane } from "./lane.js";

const started = startGpu({ module_or_path: new URL("../wasm/gpu_bg.wasm", import.meta.url) });

serveLane((weights) => started.then(() => GpuLane.load(weights)));
