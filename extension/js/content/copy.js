/**
 * Copies a summary: as plain text, or as Markdown whose every sentence links to its place in the page by a text
 * fragment (`#:~:text=`), so that a shared quote opens where it stands.
 */
(() => {
  const pith = (globalThis[Symbol.for("pith")] ??= {});
  if (pith.copyText) return;

  /** Up to here the whole sentence names its place; a longer one is named by its first and last words. */
  const LONGEST_WHOLE_QUOTE = 300;
  const WORDS_AT_THE_ENDS = 6;

  /** @param {{text: string}[]} sentences */
  pith.asText = (sentences) => sentences.map(({ text }) => text).join("\n");

  /** @param {{text: string}[]} sentences @param {{title: string, url: string}} page */
  pith.asMarkdown = (sentences, { title, url }) => {
    const place = pith.say("in_the_page");
    const items = sentences.map(({ text }) => `- ${escaped(text)} ([${place}](${linkTo(text, url)}))`);
    return [`[${escaped(title || url)}](${url})`, "", ...items, ""].join("\n");
  };

  /** @param {string} text @param {string} url */
  function linkTo(text, url) {
    const [page, anchor = ""] = url.split("#");
    const words = text.split(/\s+/);
    const isShort = text.length <= LONGEST_WHOLE_QUOTE && !text.includes("\n");
    const ends = [words.slice(0, WORDS_AT_THE_ENDS), words.slice(-WORDS_AT_THE_ENDS)].map((some) => some.join(" "));
    const quote = isShort || words.length <= 2 * WORDS_AT_THE_ENDS ? [text] : ends;
    return `${page}#${anchor.split(":~:")[0]}:~:text=${quote.map(encoded).join(",")}`;
  }

  /** Hyphens, commas and ampersands have a meaning in a text fragment, brackets in Markdown. @param {string} text */
  function encoded(text) {
    const percent = (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
    return encodeURIComponent(text).replace(/[-()]/g, percent);
  }

  /** @param {string} text for one line of Markdown */
  function escaped(text) {
    return text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>#|~]/g, "\\$&");
  }

  /** Through the Clipboard API, or by a copy event where the page has none (http) or forbids it.
   * @param {string} text @returns {Promise<boolean>} false if the browser refused
   */
  pith.copyText = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyByEvent(text);
    }
  };

  /** @param {string} text */
  function copyByEvent(text) {
    const put = (event) => {
      // One that the page made up would carry the text to it.
      if (!event.isTrusted) return;
      event.stopImmediatePropagation();
      event.preventDefault();
      event.clipboardData?.setData("text/plain", text);
    };
    const allow = (event) => event.preventDefault();
    window.addEventListener("beforecopy", allow, { capture: true });
    window.addEventListener("copy", put, { capture: true });
    try {
      return document.execCommand("copy");
    } finally {
      window.removeEventListener("beforecopy", allow, { capture: true });
      window.removeEventListener("copy", put, { capture: true });
    }
  }
})();
