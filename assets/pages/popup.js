import { startPage } from "./start.js";

startPage("popup", import("../wasm/popup.js"));
