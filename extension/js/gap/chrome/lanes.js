// The pool's workers in Chrome, and the one that has a graphics processor: under an offscreen document, for a service worker can
// start none itself. Its sides for other browsers have the same names.

const PAGE = "pages/pool.html";

/** Can they be had at all? */
export const areOffered = () => Boolean(globalThis.chrome?.offscreen);

/** The document that they are under. @returns {Promise<Client | undefined>} */
async function findPage() {
  const url = chrome.runtime.getURL(PAGE);
  const clients = await self.clients.matchAll({ includeUncontrolled: true, type: "window" });
  return clients.find((client) => client.url === url);
}

/** The same, made if there is none. @returns {Promise<Client>} */
async function openPage() {
  if (!(await findPage())) {
    await chrome.offscreen.createDocument({
      url: PAGE,
      reasons: ["WORKERS"],
      justification: "Embeds the sentences of long pages on more than one core, or on the graphics processor.",
    });
  }
  const page = await findPage();
  if (!page) throw new Error("the offscreen document is gone");
  return page;
}

/**
 * Opens so many workers, which load these weights from the store. Gives a port to each, and by what `areThere` knows them.
 * @param {number} count
 * @param {{ name: string, lenBytes: number, sha256: string }} weights
 * @param {boolean} fresh on new workers, not on such as an earlier life of the service worker has left
 * @returns {Promise<{ home: string, ports: MessagePort[] }>}
 */
export async function openLanes(count, weights, fresh) {
  const page = await openPage();
  const channels = Array.from({ length: count }, () => new MessageChannel());
  page.postMessage(
    { kind: "lanes", weights, fresh },
    channels.map(({ port2 }) => port2),
  );
  return { home: page.id, ports: channels.map(({ port1 }) => port1) };
}

/**
 * Opens a new worker that loads these weights from the store onto a graphics processor, in place of an earlier one.
 * @returns {Promise<{ home: string, port: MessagePort }>}
 */
export async function openGpu(weights) {
  const page = await openPage();
  const { port1, port2 } = new MessageChannel();
  page.postMessage({ kind: "gpu", weights }, [port2]);
  return { home: page.id, port: port1 };
}

/** Are those still there that `openLanes` or `openGpu` gave with this? @param {string} home */
export const areThere = async (home) => (await findPage())?.id === home;

/** Ends them and gives their memory back; an error where there were none. */
export const closeLanes = () => chrome.offscreen.closeDocument();
