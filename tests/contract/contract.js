// Makes the tests that only a browser can run reachable for the one that evaluates them.
import init, { breakDown, checkKernels, checkStore, checkEarlierVersion, kernels } from "./wasm/contract.js";

const ready = init({ module_or_path: new URL("./wasm/contract_bg.wasm", import.meta.url) });
globalThis.breakDown = () => ready.then(() => breakDown());
globalThis.kernels = () => ready.then(() => kernels());
globalThis.checkKernels = () => ready.then(() => checkKernels());
globalThis.checkStore = () => ready.then(() => checkStore());
globalThis.checkEarlierVersion = (...file) => ready.then(() => checkEarlierVersion(...file));
