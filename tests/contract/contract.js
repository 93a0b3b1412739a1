// Makes the tests that only a browser can run reachable for the one that evaluates them.
import init, { checkKernels, checkStore, checkEarlierVersion } from "./wasm/contract.js";

const ready = init({ module_or_path: new URL("./wasm/contract_bg.wasm", import.meta.url) });
globalThis.checkKernels = () => ready.then(() => checkKernels());
globalThis.checkStore = () => ready.then(() => checkStore());
globalThis.checkEarlierVersion = (...file) => ready.then(() => checkEarlierVersion(...file));
