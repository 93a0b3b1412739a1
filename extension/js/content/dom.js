/**
 * What the platform says of a page's elements, whatever the page calls its own. A form answers to the names of its fields
 * before it answers as an element: `<input name="closest">` takes `form.closest` away, from this world as from the page's.
 * The interfaces' own getters and methods are this world's, and no page reaches them. Whatever may be a form is asked through
 * them; text nodes, documents and ranges cannot be one. (Called so they are no slower: 70 ns for `localName`, where the
 * property of one of many kinds of element takes 140.)
 */
(() => {
  // A symbol, for any name on the global object could be that of an element in the page.
  const pith = (globalThis[Symbol.for("pith")] ??= {});
  if (pith.dom) return;

  const XHTML = "http://www.w3.org/1999/xhtml";
  /** The code of a key that an input method has dealt with. Safari gives it to the one that ends the composition. */
  const AFTER_COMPOSING = 229;

  /** A getter or a method as a function of the node. @param {object} prototype @param {string} name */
  function taken(prototype, name) {
    const { get, value } = Object.getOwnPropertyDescriptor(prototype, name);
    return get ? (node) => get.call(node) : (node, ...given) => value.apply(node, given);
  }

  const namespaceURI = taken(Element.prototype, "namespaceURI");

  /** The same of what HTML elements have and others need not: those can be asked themselves, for they have no fields.
   * @param {string} name
   */
  function takenOfHtml(name) {
    const ofHtml = taken(HTMLElement.prototype, name);
    return (node, ...given) => {
      if (namespaceURI(node) === XHTML) return ofHtml(node, ...given);
      return typeof node[name] === "function" ? node[name](...given) : node[name];
    };
  }

  const ofNodes = "nodeType ownerDocument parentElement childNodes textContent contains getRootNode".split(" ");
  const ofElements = (
    "localName shadowRoot getAttribute closest querySelector querySelectorAll getBoundingClientRect scrollTop " +
    "scrollHeight clientHeight scrollBy"
  ).split(" ");

  pith.dom = Object.fromEntries([
    ...ofNodes.map((name) => [name, taken(Node.prototype, name)]),
    ...ofElements.map((name) => [name, taken(Element.prototype, name)]),
    ...["offsetWidth", "offsetHeight", "focus"].map((name) => [name, takenOfHtml(name)]),
  ]);

  /** The elements that Pith itself put into the page: never a part of its text. @type {WeakSet<Element>} */
  pith.own = new WeakSet();

  /** Hears what the person does there, and nothing that a script of the page makes up.
   * @param {EventTarget} target @param {string} kind @param {(event: Event) => void} act
   * @param {AddEventListenerOptions} options
   */
  pith.listen = (target, kind, act, options = {}) =>
    target.addEventListener(kind, (event) => event.isTrusted && act(event), options);

  /** Whether a key is meant for an input method that has a word half written. @param {KeyboardEvent} event */
  pith.isComposing = ({ isComposing, keyCode }) => isComposing || keyCode === AFTER_COMPOSING;
})();
