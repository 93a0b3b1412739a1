import { startPage } from "./start.js";

// The popup's module draws the card as well: small, and compiled once for both.
startPage("popup", import("../wasm/popup.js"));
