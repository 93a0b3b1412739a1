// Reads one PDF for its page, which started this worker for it and ends it afterwards. If the Wasm breaks on the document,
// the page is told, and nothing but this worker is lost.

import init, { read } from "../wasm/pdf.js";

const file = new URL("../wasm/pdf_bg.wasm", import.meta.url);

self.addEventListener("message", async ({ data }) => {
  try {
    await init({ module_or_path: file });
    read(new Uint8Array(data), (reply) => self.postMessage(reply));
  } catch (error) {
    console.error(error);
    self.postMessage({ v: 2, kind: "failed", why: "broke" });
  }
});
