/**
 * What the platform says of a page's elements, whatever the page calls its own. A form answers to the names of its fields before
 * it answers as an element: `<input name="closest">` takes `form.closest` away, from this world as from the page's; a document
 * does the same for its forms and pictures. The interfaces' own getters and methods no page reaches: whatever may be a form is
 * asked through them. Text nodes and ranges cannot be one. (Called so they are no slower.)
 */
(globalThis[Symbol.for("pith")] ??= {}).dom ??= (() => {
  const taken = ({ prototype }, name) => {
    const { get, value } = Object.getOwnPropertyDescriptor(prototype, name);
    return get ? (node) => get.call(node) : (node, ...given) => value.apply(node, given);
  };
  const namespaceURI = taken(Element, "namespaceURI");
  const isHtml = (node) => namespaceURI(node) === "http://www.w3.org/1999/xhtml";
  // Elements of other kinds may lack what HTML's have, and have no fields.
  const takenOfHtml = (kind, name) => {
    const own = taken(kind, name);
    return (node, ...given) => (isHtml(node) ? own(node, ...given) : node[name]?.apply?.(node, given));
  };
  const all = (kind, names, take = taken) => names.split(" ").map((name) => [name, take(kind, name)]);

  return {
    ...Object.fromEntries([
      ...all(Node, "nodeType ownerDocument parentElement childNodes textContent contains getRootNode"),
      ...all(Element, "localName shadowRoot getAttribute closest querySelector querySelectorAll getBoundingClientRect"),
      ...all(Element, "scrollTop scrollHeight clientHeight scrollBy"),
      ...all(HTMLElement, "offsetWidth offsetHeight focus", takenOfHtml),
      ...all(Document, "title body documentElement activeElement fullscreenElement exitFullscreen getSelection"),
    ]),
    /** All of a document's elements that a selector names. */
    allIn: taken(Document, "querySelectorAll"),
    /** The elements that Pith itself put into the page: never a part of its text. */
    own: new WeakSet(),
    /** Hears what the person does, and nothing that a script of the page makes up. */
    listen: (target, kind, act, options) => target.addEventListener(kind, (event) => event.isTrusted && act(event), options),
    /** Whether a key is meant for an input method that has a word half written; Safari tells the last one by its code alone. */
    isComposing: ({ isComposing, keyCode }) => isComposing || keyCode === 229,
  };
})();
