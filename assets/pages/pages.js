import { startPage } from "./start.js";

startPage("pages", import("../wasm/pages.js"));
