// One worker of the pool.

import { PoolLane, start } from "./engine.js";
import { serveLane } from "./lane.js";

// Before the page says what to load.
const started = start();

serveLane((weights) => started.then(() => PoolLane.load(weights)));
