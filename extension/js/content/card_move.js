/**
 * Moves the card: by dragging its head, or with the arrow keys while the handle has the focus. The card never leaves
 * the window. Where it was moved to is forgotten with the card.
 */
(() => {
  const pith = (globalThis[Symbol.for("pith")] ??= {});
  if (pith.makeMovable) return;

  const { listen } = pith;

  const KEY_STEP_PX = 24;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  /** @param {HTMLElement} host what is moved @param {HTMLElement} head where it is dragged @param {HTMLElement} handle
   * @param {AbortSignal} removed aborts when the card is gone
   */
  pith.makeMovable = (host, head, handle, removed) => {
    let [x, y] = [0, 0];

    /** @param {number} byX @param {number} byY in CSS pixels of the window */
    function moveBy(byX, byY) {
      const { left, top, width, height } = host.getBoundingClientRect();
      x += inside(left + byX, window.innerWidth - width) - left;
      y += inside(top + byY, window.innerHeight - height) - top;
      host.style.setProperty("--pith-x", `${x}px`, "important");
      host.style.setProperty("--pith-y", `${y}px`, "important");
    }

    listen(handle, "keydown", (event) => {
      const direction = ARROWS[event.key];
      if (!direction) return;
      event.preventDefault();
      event.stopPropagation();
      moveBy(direction[0] * KEY_STEP_PX, direction[1] * KEY_STEP_PX);
    });

    /** The place of the card's corner under the pointer that drags it. @type {[number, number] | null} */
    let grip = null;
    listen(head, "pointerdown", (event) => {
      const isOnOther = !handle.contains(event.target) && event.target.closest("button");
      if (event.button !== 0 || isOnOther) return;
      const { left, top } = host.getBoundingClientRect();
      grip = [event.clientX - left, event.clientY - top];
      head.setPointerCapture(event.pointerId);
    });
    listen(head, "pointermove", (event) => {
      if (!grip || !head.hasPointerCapture(event.pointerId)) return;
      // Where the pointer is, and not how far it went: a card that was held at the window's edge is found again where it was
      // taken, and the distance of an event is in pixels of the screen in some browsers.
      const { left, top } = host.getBoundingClientRect();
      moveBy(event.clientX - grip[0] - left, event.clientY - grip[1] - top);
    });
    // A card that was moved must not be left outside by a window that shrinks, or by a result that has it grow.
    const stayInside = () => {
      if (x !== 0 || y !== 0) moveBy(0, 0);
    };
    listen(window, "resize", stayInside, { signal: removed });
    const growth = new ResizeObserver(stayInside);
    growth.observe(host);
    removed.addEventListener("abort", () => growth.disconnect());
  };

  /** The value nearest to `wanted` from 0 to `most`. @param {number} wanted @param {number} most */
  function inside(wanted, most) {
    return Math.max(0, Math.min(wanted, most));
  }
})();
