// One contestant, named by the page's address, and a clock. `cargo xtask bench` opens a page for each and asks them in turn.

const options = Object.fromEntries(new URLSearchParams(location.search));
const prepared = new Map();
let contestant;

/** The closure that does `work` once and gives its numbers in parts; what it needs is made beforehand, so that it does not count. */
async function closure(work) {
  const key = JSON.stringify(work);
  if (!prepared.has(key)) prepared.set(key, await contestant.prepare(work));
  return prepared.get(key);
}

/** Milliseconds of each of at least `runs` runs that together take at least `leastMs`. */
async function time(work, runs, leastMs) {
  const run = await closure(work);
  const times = [];
  let sum = 0;
  while (times.length < runs || sum < leastMs) {
    const start = performance.now();
    await run();
    const elapsed = performance.now() - start;
    times.push(elapsed);
    sum += elapsed;
  }
  return times;
}

/** What `work` gives: embeddings, one after the other. */
async function answer(work) {
  return (await (await closure(work))()).flatMap((part) => [...part]);
}

try {
  const module = await import(`./${options.contestant}.js`);
  contestant = await module.start(options);
  globalThis.bench = { readyMs: performance.now(), time, answer, contestant };
} catch (error) {
  globalThis.failed = String(error?.stack ?? error);
}
