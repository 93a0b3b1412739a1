// The engine's Wasm in the build that this browser can run: for the service worker and the pool's workers.

import startPlain, * as plain from "../wasm/worker.js";
import startRelaxed, * as relaxed from "../wasm/worker_relaxed.js";

// A module of one function that gives i8x16.relaxed_swizzle(splat(1), splat(2)): valid only where relaxed SIMD is.
const USES_RELAXED_SIMD = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, // header
  1, 5, 1, 96, 0, 1, 123, // type: () -> v128
  3, 2, 1, 0, // one function of that type
  10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11, // its code
);

const [init, build, file] = WebAssembly.validate(USES_RELAXED_SIMD)
  ? [startRelaxed, relaxed, "worker_relaxed_bg.wasm"]
  : [startPlain, plain, "worker_bg.wasm"];

/** Starts the engine's Wasm. */
export const start = () => init({ module_or_path: new URL(`../wasm/${file}`, import.meta.url) });

export const { Worker, PoolLane, __wbg_reset_state: reset } = build;

/** Whether this error only says that somebody called into an instance from before a reset: by these words, which wasm-bindgen
 * has in two places. @param {unknown} error
 */
export const isOfEarlierInstance = (error) => / from previous wasm instance$/i.test(error?.message ?? "");
