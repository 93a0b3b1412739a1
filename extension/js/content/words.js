/**
 * The words of the card, in the person's language. They come with the message that opens it: a content script cannot read
 * the package. The same rules as in `extension/src/words.rs`.
 */
(() => {
  const pith = (globalThis[Symbol.for("pith")] ??= {});
  if (pith.say) return;

  let language = "en";
  /** @type {Record<string, string>} */
  let messages = {};

  /** @param {{language: string, words: Record<string, string>}} request */
  pith.speak = (request) => {
    language = request.language;
    messages = request.words;
  };

  Object.defineProperty(pith, "language", { get: () => language });

  /** The message of a key, with these values for `$1`, `$2` and so on. @param {string} key @param {...string} values */
  pith.say = (key, ...values) =>
    (messages[key] ?? key).replace(/\$([1-9])/g, (place, digit) => values[Number(digit) - 1] ?? place);

  /** The counted message of a key, in the form that the language has for `n`. @param {string} key @param {number} n
   * @param {...string} values for `$2` and on
   */
  pith.count = (key, n, ...values) => {
    const form = `${key}_${new Intl.PluralRules(language).select(n)}`;
    return pith.say(form in messages ? form : `${key}_other`, pith.number(n), ...values);
  };

  /** @param {number} n @param {Intl.NumberFormatOptions} how */
  const format = (n, how) => new Intl.NumberFormat(language, { maximumFractionDigits: 0, ...how }).format(n);

  /** @param {number} n */
  pith.number = (n) => format(n, {});

  /** @param {number} share of 1 */
  pith.percent = (share) => format(share, { style: "percent" });

  /** @param {number} bytes */
  pith.megabytes = (bytes) =>
    format(bytes / 1e6, { style: "unit", unit: "megabyte", minimumFractionDigits: 1, maximumFractionDigits: 1 });

  /** A time to come, as roughly as it is known: rounded up, to five seconds below a minute and a half, to minutes above.
   * @param {number} timeMs
   */
  pith.roughly = (timeMs) => {
    const seconds = Math.max(1, Math.ceil(timeMs / 5000)) * 5;
    return seconds <= 90
      ? format(seconds, { style: "unit", unit: "second" })
      : format(Math.ceil(timeMs / 60_000), { style: "unit", unit: "minute" });
  };

  /** Whole milliseconds below ten seconds, seconds with one decimal above. @param {number} elapsedMs */
  pith.milliseconds = (elapsedMs) =>
    elapsedMs < 10_000
      ? format(elapsedMs, { style: "unit", unit: "millisecond" })
      : format(elapsedMs / 1000, { style: "unit", unit: "second", minimumFractionDigits: 1, maximumFractionDigits: 1 });
})();
