/**
 * Starts the popup's Wasm module. If it cannot start, the static page says so; nothing else is decided here.
 */
import init from "../wasm/popup.js";

init({ module_or_path: new URL("../wasm/popup_bg.wasm", import.meta.url) }).catch((error) => {
  console.error("Pith: the popup did not start", error);
  const message = document.createElement("p");
  message.className = "message error";
  message.setAttribute("role", "alert");
  message.textContent = "Pith's window could not start. Reload Pith on the browser's extensions page.";
  document.getElementById("popup").append(message);
});
