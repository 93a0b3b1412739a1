// One worker of Pith's pool, with an encoder of its own. Says its kernel once it is ready, then answers what it is asked.

import { inPage } from "./pith.js";

try {
  const { bench } = await inPage(Object.fromEntries(new URLSearchParams(location.search)));
  onmessage = ({ data: [kind, ...input] }) => {
    try {
      const answer = bench[kind](...input);
      postMessage({ answer }, [answer.buffer]);
    } catch (error) {
      postMessage({ error: String(error) });
    }
  };
  postMessage({ answer: bench.kernel() });
} catch (error) {
  postMessage({ error: String(error) });
}
