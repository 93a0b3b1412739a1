// The work that all contestants are given, made the same way everywhere.

/** Texts by name, `hundred` and `mixed`; and their token ids, `hundredIds` and `mixedIds`. */
const given = await (await fetch("./work.json")).json();

/** Some of what is given: `count` of them from `first` on, or all. */
export function some({ name, first = 0, count = given[name].length }) {
  return given[name].slice(first, first + count);
}

/** A batch of `batch` sequences of `tokens` token ids, special tokens at both ends. */
export function sequences(batch, tokens) {
  let state = 1;
  const word = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 1000 + (state >>> 8) % 28000;
  };
  const middle = () => Array.from({ length: tokens - 2 }, word);
  return Array.from({ length: batch }, () => [101, ...middle(), 102]);
}
