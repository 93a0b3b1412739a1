/**
 * The card's style sheet: design tokens (the same values as `assets/pages/tokens.css`) and rules. It is a constructed
 * sheet, so that a page's content security policy has no say in it.
 */
(() => {
  const pith = (globalThis[Symbol.for("pith")] ??= {});
  if (pith.cardStyle) return;

  pith.cardStyle = `
:host {
  all: initial !important;
  zoom: var(--pith-zoom, 1) !important;
  translate: var(--pith-x, 0) var(--pith-y, 0) !important;
  position: fixed !important;
  inset: 16px 16px auto auto !important;
  margin: 0 !important;
  padding: 0 !important;
  border: 0 !important;
  background: none !important;
  overflow: visible !important;
  z-index: 2147483647 !important;
  display: block !important;
  inline-size: min(392px, calc(100vw - 32px)) !important;
  font: medium/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif !important;
  color-scheme: light dark !important;
  direction: ltr !important;
  /* What can be selected here the page can have selected by find(), and then reads it from its own selection. */
  user-select: none !important;
}
/* The page's direction does not reach in; that of the card's own words does. */
:host([dir="rtl"]) { direction: rtl !important; }
:host([data-side="left"]) { inset: 16px auto auto 16px !important; }
@media (max-width: 480px) {
  :host, :host([data-side="left"]) {
    inset: auto 8px 8px 8px !important;
    inline-size: auto !important;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }

.card {
  /* Not on the host, where a page's rule for all elements would give them values of its own. */
  --surface: light-dark(#fffdf9, #211e1a);
  --raised: light-dark(#f6f1e8, #2c2823);
  --ink: light-dark(#26211a, #eee7db);
  --quiet: light-dark(#695f52, #b3a999);
  --line: light-dark(#e6ddcf, #3d372f);
  --accent: light-dark(#b1440b, #ffa469);
  --mark: light-dark(#ffecb8, #4a3b17);
  --danger: light-dark(#a3231b, #ffa79d);

  display: flex;
  flex-direction: column;
  max-block-size: min(78vh, 640px);
  color: var(--ink);
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 14px;
  box-shadow: 0 1px 2px rgb(30 20 5 / .10), 0 14px 44px rgb(30 20 5 / .20);
  font-size: .9375em;
  outline: none;
  animation: arrive .18s ease-out;
}
@media (max-width: 480px) { .card { max-block-size: 62vh; } }
@keyframes arrive { from { opacity: 0; transform: translateY(-6px); } }

header, footer { display: flex; align-items: center; gap: 8px; flex: none; padding-block: 10px 8px; padding-inline: 16px 10px; }
.glyph { inline-size: 20px; block-size: 20px; flex: none; }
.name { font-weight: 650; letter-spacing: -.005em; }
.scope { color: var(--quiet); font-size: .875em; }
.scope::before { content: "·"; margin-inline-end: 8px; }
header { gap: 8px; cursor: grab; touch-action: none; }
header:active { cursor: grabbing; }
header .move { margin-inline-start: auto; margin-inline-end: -6px; cursor: inherit; }

.tasks { display: flex; gap: 4px; flex: none; padding-block: 0 10px; padding-inline: 16px 14px; }
.tasks button {
  padding: 2px 10px;
  color: var(--quiet);
  background: none;
  border: 1px solid transparent;
  border-radius: 999px;
  font: inherit;
  font-size: .8125em;
  line-height: 22px;
  cursor: pointer;
}
.tasks button[aria-pressed="true"] { color: var(--ink); background: var(--raised); border-color: var(--line); font-weight: 600; }
.tasks button:hover { color: var(--ink); }
.asking:empty { display: none; }
.asking { flex: none; padding-block: 0 10px; padding-inline: 16px 14px; }
.asking form { display: flex; gap: 8px; }
.asking input, .asking select {
  flex: 1;
  min-inline-size: 0;
  min-block-size: 34px;
  padding: 4px 10px;
  color: var(--ink);
  background: none;
  border: 1px solid var(--quiet);
  border-radius: 8px;
  /* A question has its own direction; a field that is empty has the card's. */
  unicode-bidi: plaintext;
  font: inherit;
  font-size: .9375em;
}
.asking select option { color: #1c1917; background: #fff; }

.body { overflow-y: auto; overscroll-behavior: contain; padding: 0 6px 6px; flex: 0 1 auto; scrollbar-width: thin; }

ol { list-style: none; margin: 0; padding: 0; }
li { position: relative; }
.sentence {
  display: block;
  inline-size: 100%;
  margin: 0;
  padding: 7px 10px 7px 20px;
  border: 0;
  border-radius: 8px;
  background: none;
  color: inherit;
  font-family: ui-serif, "Iowan Old Style", "Charter", "Source Serif 4", Georgia, "Noto Serif", serif;
  font-size: 1.0625em;
  line-height: 1.48;
  text-align: start;
  text-wrap: pretty;
  overflow-wrap: anywhere;
  white-space: pre-line;
  cursor: pointer;
}
.sentence:dir(rtl) { padding: 7px 20px 7px 10px; }
/* The score, said quietly: a stroke beside the sentence, the stronger the more the sentence carries. */
.sentence::before {
  content: "";
  position: absolute;
  inset-block: 11px;
  left: 10px;
  inline-size: 3px;
  border-radius: 2px;
  background: var(--accent);
  opacity: var(--weight, .5);
}
.sentence:dir(rtl)::before { left: auto; right: 10px; }
.sentence:hover, .sentence:focus-visible { background: var(--mark); }

.body[data-kept] { min-block-size: min(var(--kept, 0px), 46vh); }
.working { padding: 6px 10px 14px; }
.stage { display: flex; justify-content: space-between; gap: 12px; font-size: .875em; color: var(--quiet); }
.stage .amount { font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { block-size: 4px; margin-block-start: 8px; border-radius: 2px; background: var(--raised); overflow: hidden; }
.fill {
  block-size: 100%;
  inline-size: calc(var(--done, 0) * 100%);
  border-radius: inherit;
  background: var(--accent);
  transition: inline-size .12s linear;
}
.bar:not([aria-valuenow]) .fill { inline-size: 30%; animation: wait 1.4s ease-in-out infinite alternate; }
/* A margin has the side on which the lines begin; a translation has not. */
@keyframes wait { from { margin-inline-start: -6%; } to { margin-inline-start: 76%; } }

.line { margin: 2px 10px 6px; font-weight: 600; }
h3 { margin: 10px 10px 2px; font-size: .9375em; font-weight: 650; }
.sentence strong { font-weight: 650; }
.label { display: flex; align-items: center; gap: 10px; padding: 4px 10px; }
.label span:first-child { flex: 1; overflow-wrap: anywhere; }
.label .amount { min-inline-size: 3em; font-variant-numeric: tabular-nums; text-align: end; color: var(--quiet); }
meter { inline-size: 90px; }
meter::-webkit-meter-optimum-value { background: var(--accent); }
.message { margin: 2px 10px 12px; }
.error { color: var(--danger); }
.notes { margin: 4px 10px 6px; padding: 0; color: var(--quiet); font-size: .8125em; }
.notes p { margin: 0; }
.numbers {
  margin: 0;
  color: var(--quiet);
  font-size: .8125em;
  font-variant-numeric: tabular-nums;
  line-height: 1.4;
  text-wrap: balance;
}

.numbers span { display: inline-block; white-space: pre; }
@media (max-width: 360px) { .numbers span { white-space: pre-wrap; } }

footer {
  flex-direction: column;
  align-items: stretch;
  padding-block: 9px 12px;
  padding-inline: 16px 12px;
  border-block-start: 1px solid var(--line);
}
footer .actions { display: flex; flex-wrap: wrap; gap: 6px; justify-content: flex-end; margin-inline-start: -4px; }

button.action, button.icon {
  font: inherit;
  color: var(--ink);
  background: none;
  border: 1px solid transparent;
  border-radius: 8px;
  cursor: pointer;
}
button.action {
  font-size: .8125em;
  font-weight: 550;
  min-block-size: 30px;
  padding: 0 11px;
  background: var(--raised);
  border-color: var(--line);
}
button.icon {
  display: grid;
  place-items: center;
  inline-size: 30px;
  block-size: 30px;
  padding: 0;
  color: var(--quiet);
}
button.icon svg { inline-size: 12px; block-size: 12px; }
button.action:hover, button.icon:hover { border-color: var(--quiet); color: var(--ink); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.sentence:focus-visible { outline-offset: -2px; }
.card:focus-visible { outline: none; border-color: var(--accent); }

.heard {
  position: absolute;
  inline-size: 1px;
  block-size: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

@media (prefers-reduced-motion: reduce) {
  .card { animation: none; }
  .fill { transition: none; }
  .bar:not([aria-valuenow]) .fill { animation: none; inline-size: 100%; opacity: .4; }
}
@media (forced-colors: active) {
  .sentence::before, .fill { background: Highlight; forced-color-adjust: none; }
  .bar { border: 1px solid CanvasText; }
  .sentence:hover, .sentence:focus-visible { outline: 2px solid Highlight; }
  /* Not an outline: that is the focus's. */
  .tasks button[aria-pressed="true"] {
    color: HighlightText;
    background: Highlight;
    border-color: Highlight;
    forced-color-adjust: none;
  }
}`;
})();
