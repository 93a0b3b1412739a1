// The person's theme and size of text on the root element, before anything is painted: first as this page kept them the last
// time, for nothing else can be had at once, or as the card's address says; then as they are kept for all pages, and again
// whenever they change.
{
  const page = document.documentElement;
  const show = (chosen) => {
    page.dataset.theme = chosen?.theme ?? "system";
    page.dataset.size = chosen?.textSize ?? "normal";
    page.style.opacity = "";
  };
  const keep = (chosen) => {
    show(chosen);
    try {
      localStorage.setItem("comfort", JSON.stringify({ theme: chosen?.theme, textSize: chosen?.textSize }));
    } catch {} // A browser that keeps nothing for a page in a frame.
  };
  const [, theme, textSize] = location.hash.split(",");
  try {
    if (theme && textSize) show({ theme, textSize });
    else show(JSON.parse(localStorage.getItem("comfort") ?? ""));
  } catch {
    page.style.opacity = "0"; // Rather nothing for a moment than the wrong colours.
  }
  chrome.storage.local.get("preferences").then(({ preferences }) => keep(preferences), show);
  chrome.storage.onChanged.addListener(({ preferences }, area) => area === "local" && preferences && keep(preferences.newValue));
}
