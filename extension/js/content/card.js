/**
 * The card: draws what it is told to draw, in a closed shadow root in the top layer, and reports what the person does.
 * It is a region named `Pith summary`, `Pith answers` or `Pith labels`. While working it holds a `progressbar`; a result is
 * a list whose items' text is each sentence verbatim; an error is an `alert`. It talks to nobody but its owner.
 */
(() => {
  const pith = (globalThis[Symbol.for("pith")] ??= {});
  if (pith.Card) return;

  const { listen } = pith;

  /** Events that are meant for the card, and are kept from the page's own listeners. */
  const OWN_EVENTS = (
    "keydown keyup keypress click dblclick auxclick contextmenu pointerdown pointerup mousedown mouseup touchstart " +
    "touchmove touchend wheel dragstart focusin focusout copy cut paste beforeinput input compositionstart " +
    "compositionupdate compositionend"
  ).split(" ");

  const XHTML = "http://www.w3.org/1999/xhtml";
  const SVG = "http://www.w3.org/2000/svg";
  const STAGES = {
    starting: "stage_starting",
    loading: "stage_loading",
    reading: "stage_reading",
    embedding: "stage_embedding",
    ranking: "stage_ranking",
  };
  /** Which part of the bar a stage fills. Loading the model comes before the work and has the whole bar to itself. */
  const SHARES = { loading: [0, 1], reading: [0, 0.08], embedding: [0.08, 0.98], ranking: [0.98, 1] };

  const NAMES = { summarize: "card_summary", ask: "card_answers", label: "card_labels" };
  const TASKS = { summarize: "task_summary", ask: "ask", label: "task_label" };
  const DOING = { summarize: "summarizing", ask: "answering", label: "labelling" };
  /** The sets of labels, as the service worker calls them, and the keys of their names. */
  const SETS = { topics: "set_topics", tone: "set_tone", kinds: "set_kinds", own: "set_own" };
  /** Less likely labels than the first few are not shown. */
  const SHOWN_LABELS = 5;
  /** How long the live region is empty before it says again what it says. */
  const PAUSE_MS = 100;

  /** @param {string} tag @param {Record<string, string>} attributes @param {...(Node | string)} children */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElementNS(XHTML, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  /** @param {string} className @param {string} viewBox @param {...[string, Record<string, string>]} shapes */
  function draw(className, viewBox, ...shapes) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", className);
    svg.setAttribute("viewBox", viewBox);
    svg.setAttribute("aria-hidden", "true");
    for (const [tag, attributes] of shapes) {
      const shape = document.createElementNS(SVG, tag);
      for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
      svg.append(shape);
    }
    return svg;
  }

  /** The drawing of `assets/icons/pith.svg`. */
  const glyph = () =>
    draw(
      "glyph",
      "0 0 32 32",
      ["rect", { width: "32", height: "32", rx: "7", fill: "#c2410c" }],
      ["path", { d: "M9 6v20", stroke: "#fff", "stroke-width": "3.6", "stroke-linecap": "round" }],
      ["circle", { cx: "17", cy: "14", r: "8", fill: "none", stroke: "#fff", "stroke-width": "3.6" }],
      ["circle", { cx: "17", cy: "14", r: "3.4", fill: "#ffd76e" }],
    );

  const grip = () =>
    draw("grip", "0 0 12 12", [
      "path",
      { d: "M1.5 4h9M1.5 8h9", stroke: "currentColor", "stroke-width": "1.6", "stroke-linecap": "round" },
    ]);

  const cross = () =>
    draw("cross", "0 0 12 12", [
      "path",
      { d: "M1.5 1.5l9 9M10.5 1.5l-9 9", stroke: "currentColor", "stroke-width": "1.6", "stroke-linecap": "round" },
    ]);

  /**
   * What the person does. `point` is hovering or focusing a sentence (null: none any more), `jump` is activating it.
   * `resize` asks for another number of sentences.
   * `readAll` asks for what was done with the beginning of a long text once more, with all of it.
   * `outline` asks for the key points, `turn` for another kind of work, `ask` and `choose` for a question or set of labels.
   * @typedef {{cancel(): void, close(): void, again(): void, resize(count: number): void, copy(): void, readAll(): void, outline(): void,
   *   copyMarkdown(): void, turn(task: string): void, ask(question: string): void, choose(set: string): void,
   *   point(index: number | null): void, jump(index: number): void}} Actions
   */

  pith.Card = class Card {
    // A name that a page could define as an element of its own would have the page's class handed the root, closed or not.
    #host = make("div", { popover: "manual" });
    #root = this.#host.attachShadow({ mode: "closed" });
    #panel = make("section", { class: "card", role: "region", tabindex: "-1" });
    #scope = make("span", { class: "scope" });
    #body = make("div", { class: "body" });
    #footer = make("footer", { hidden: "" });
    /** Shows the numbers. */ #line = make("p", { class: "numbers" });
    /** What is said of the result, parts with a dot between them. */ #numbers = "";
    /** What is said instead for a short while. */ #passing = "";
    /** The timer that ends it. */ #passes = 0;
    #buttons = make("div", { class: "actions" });
    /** Says once, to a screen reader, what sighted people see happen. */
    #heard = make("p", { class: "heard", role: "status" });
    /** The timer that has it said again. */ #speaks = 0;
    #bar = make("div", { class: "bar", role: "progressbar" });
    #tasks = make("div", { class: "tasks", role: "group", "aria-label": pith.say("tasks_name") });
    #asking = make("div", { class: "asking" });
    #stage = make("span", {});
    #amount = make("span", { class: "amount" });
    #removed = new AbortController();
    /** The action that had the focus last. */ #lastAction = "";

    /** @param {Actions} actions */
    constructor(actions) {
      this.actions = actions;
      pith.own.add(this.#host);
      for (const [task, name] of Object.entries(TASKS)) {
        const button = make("button", { type: "button", "data-task": task }, pith.say(name));
        listen(button, "click", () => this.actions.turn(task));
        this.#tasks.append(button);
      }
      this.turnTo("summarize");
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(pith.cardStyle);
      this.#root.adoptedStyleSheets = [sheet];
      const move = make("button", { type: "button", class: "icon move", "aria-label": pith.say("move") }, grip());
      move.setAttribute("aria-description", pith.say("move_help"));
      const close = make("button", { type: "button", class: "icon", "aria-label": pith.say("close") }, cross());
      listen(close, "click", () => this.actions.close());
      const head = make("header", {}, glyph(), make("span", { class: "name" }, "Pith"), this.#scope, move, close);
      pith.makeMovable(this.#host, head, move, this.#removed.signal);
      this.#footer.append(this.#line, this.#buttons);
      this.#panel.append(head, this.#heard, this.#tasks, this.#asking, this.#body, this.#footer);
      this.#root.append(this.#panel);
      this.#bar.append(make("div", { class: "fill" }));
      this.#listen();
    }

    /** @param {"summarize" | "ask" | "label"} task @param {string} question what the field for one says */
    turnTo(task, question = "") {
      this.task = task;
      this.#panel.setAttribute("aria-label", pith.say(NAMES[task]));
      this.#bar.setAttribute("aria-label", pith.say(DOING[task]));
      for (const button of this.#tasks.children) {
        button.setAttribute("aria-pressed", String(button.getAttribute("data-task") === task));
      }
      const asking = { summarize: [], ask: [this.#question(question)], label: [this.#sets()] };
      this.#asking.replaceChildren(...asking[task]);
    }

    /** The field for a question. @param {string} question */
    #question(question) {
      const names = { "aria-label": pith.say("question_name"), placeholder: pith.say("ask_placeholder") };
      const field = make("input", { type: "text", value: question, ...names });
      const button = make("button", { type: "submit", class: "action" }, pith.say("ask"));
      const form = make("form", {}, field, button);
      listen(form, "submit", (event) => {
        event.preventDefault();
        if (field.value.trim() !== "") this.actions.ask(field.value.trim());
      });
      return form;
    }

    /** The list of sets of labels. */
    #sets() {
      const options = Object.entries(SETS).map(([value, name]) => make("option", { value }, pith.say(name)));
      const list = make("select", { "aria-label": pith.say("labels_name") }, ...options);
      listen(list, "change", () => this.actions.choose(list.value));
      return list;
    }

    /** The page's shortcuts stay quiet while a key is meant for the card, and what is pasted here is not taken away. Listeners
     * in the capture phase, from the window down, hear each event before the card does: them nothing here can stop.
     */
    #listen() {
      listen(this.#panel, "keydown", (event) => {
        if (pith.isComposing(event)) {
          // Enter takes the word that the input method offers: it asks nothing yet. Nor does Escape close the card.
          if (event.key === "Enter") event.preventDefault();
        } else if (event.key === "Escape") {
          // Not also the page's dialog around the card.
          event.preventDefault();
          this.actions.close();
        } else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#step(event);
      });
      for (const kind of OWN_EVENTS) {
        this.#host.addEventListener(kind, (event) => event.stopPropagation(), { passive: true });
      }
    }

    /** Arrow keys walk the sentences. @param {KeyboardEvent} event */
    #step(event) {
      if (event.target?.localName === "select") return;
      const sentences = [...this.#root.querySelectorAll(".sentence")];
      const at = sentences.indexOf(this.#root.activeElement);
      const next = sentences[event.key === "ArrowDown" ? at + 1 : at - 1];
      if (at < 0 && this.#root.activeElement !== this.#panel) return;
      event.preventDefault();
      next?.focus();
    }

    /** @param {"selection" | "page"} scope */
    open(scope) {
      this.#scope.textContent = pith.say(scope === "page" ? "scope_page" : "scope_selection");
      this.#host.setAttribute("lang", pith.language);
      this.#host.setAttribute("dir", pith.say("direction"));
      // Away from where the lines begin.
      const direction = getComputedStyle(document.documentElement).direction;
      this.#host.setAttribute("data-side", direction === "rtl" ? "left" : "right");
      // Everything outside an open modal dialog is inert, so the card goes into it.
      const parent = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.documentElement;
      parent.append(this.#host);
      // A page zoomed by its style sheet would zoom the card with it.
      this.#host.style.setProperty("--pith-zoom", String(1 / (parent.currentCSSZoom ?? 1)), "important");
      this.#host.showPopover?.();
    }

    focus() {
      this.#panel.focus({ preventScroll: true });
    }

    remove() {
      this.#removed.abort();
      clearTimeout(this.#passes);
      clearTimeout(this.#speaks);
      this.#host.remove();
    }

    /** @returns {DOMRect} */
    get box() {
      return this.#panel.getBoundingClientRect();
    }

    get hasFocus() {
      return this.#root.activeElement !== null;
    }

    showWorking() {
      const stage = make("div", { class: "stage" }, this.#stage, this.#amount);
      const working = make("div", { class: "working" }, stage, this.#bar);
      // A result that is being replaced keeps its room, so that the buttons stay where they are.
      this.#body.style.setProperty("--kept", `${this.#body.offsetHeight}px`);
      this.#show([working], [["cancel", () => this.actions.cancel()]], "");
      this.#stage.textContent = pith.say(STAGES.starting);
      this.#amount.textContent = "";
      for (const name of ["aria-valuenow", "aria-valuetext"]) this.#bar.removeAttribute(name);
      this.#say(pith.say(DOING[this.task]));
    }

    /** @param {{stage: "loading" | "reading" | "embedding" | "ranking", done: number, total: number, leftMs?: number}}
     *   progress
     */
    showProgress({ stage, done, total, leftMs }) {
      const [from, to] = SHARES[stage] ?? [0, 1];
      const share = total > 0 ? Math.min(1, done / total) : 0;
      const percent = Math.round((from + (to - from) * share) * 100);
      const megabytes = [done, total].map(pith.megabytes);
      const left = leftMs ? [pith.say("time_left", pith.roughly(leftMs))] : [];
      const ofWork = [pith.percent(percent / 100), ...left].join(" · ");
      const amount = stage === "loading" ? pith.say("of_amount", ...megabytes) : ofWork;
      this.#stage.textContent = pith.say(STAGES[stage] ?? STAGES.starting);
      this.#amount.textContent = total > 0 ? amount : "";
      this.#bar.setAttribute("aria-valuenow", String(percent));
      this.#bar.setAttribute("aria-valuetext", `${this.#stage.textContent}, ${this.#amount.textContent}`);
      this.#bar.firstElementChild.style.setProperty("--done", String(percent / 100));
    }

    /** @param {{text: string, score: number}[]} sentences @param {number} total how many the text has
     * @param {string} numbers @param {string[]} notes @param {{hasOutline: boolean, isWhole: boolean}} what
     */
    showSummary(sentences, total, numbers, notes, { hasOutline, isWhole }) {
      const list = make("ol", {}, ...sentences.map((sentence, index) => this.#item(sentence, index)));
      const parts = [list, ...noted(notes)];
      const count = sentences.length;
      const step = Math.max(1, Math.round(count / 3));
      const actions = [
        ["copy", () => this.actions.copy()],
        ["copy_markdown", () => this.actions.copyMarkdown()],
      ];
      if (hasOutline) actions.unshift(["outline", () => this.actions.outline()]);
      if (count < total) actions.unshift(["longer", () => this.actions.resize(Math.min(total, count + step))]);
      if (count > 1) actions.unshift(["shorter", () => this.actions.resize(count - step)]);
      actions.unshift(...this.#reading(isWhole));
      this.#show(parts, actions, numbers);
      this.#say(pith.say("summary_ready", numbers));
    }

    /** The way to have all of a text read of which the beginning was. @param {boolean} isWhole
     * @returns {[string, () => void][]}
     */
    #reading(isWhole) {
      return isWhole ? [] : [["read_all", () => this.actions.readAll()]];
    }

    /** The key points of a long text, section by section; the points are counted through all sections.
     * @param {{heading: string, points: {text: string, score: number}[]}[]} sections @param {string} numbers
     */
    showOutline(sections, numbers) {
      let index = 0;
      const parts = sections.flatMap(({ heading, points }) => {
        const list = make("ol", {}, ...points.map((point) => this.#item(point, index++)));
        return heading === "" ? [list] : [make("h3", { dir: "auto" }, heading), list];
      });
      const actions = [
        ["copy", () => this.actions.copy()],
        ["copy_markdown", () => this.actions.copyMarkdown()],
      ];
      this.#show([make("div", {}, ...parts)], actions, numbers);
      this.#say(pith.count("outline_ready", sections.length));
    }

    /** @param {{passage: {text: string}, sentence: {text: string, score: number}}[]} passages
     * @param {boolean} isAnswered @param {string[]} notes @param {boolean} isWhole
     */
    showAnswers(passages, isAnswered, notes, isWhole) {
      const line = pith.say(isAnswered ? "page_says" : "page_does_not_say");
      const items = passages.map(({ passage, sentence }, index) => this.#item(sentence, index, marked(passage, sentence)));
      const parts = [make("p", { class: "line" }, line), make("ol", {}, ...items), ...noted(notes)];
      this.#show(parts, this.#reading(isWhole), "");
      this.#say(isAnswered ? pith.count("places_answer", passages.length) : line);
    }

    /** @param {{name: string, probability: number}[]} labels the likeliest first @param {boolean} isSure
     * @param {string[]} notes @param {boolean} isWhole
     */
    showLabels(labels, isSure, notes, isWhole) {
      const [first] = labels;
      const line = !first
        ? pith.say("nothing_to_choose")
        : isSure
          ? pith.say("this_is", first.name)
          : pith.say("not_sure", first.name);
      const items = labels.slice(0, SHOWN_LABELS).map(({ name, probability }) => {
        const bar = make("meter", { min: "0", max: "1", value: String(probability), "aria-hidden": "true" });
        const percent = make("span", { class: "amount" }, pith.percent(probability));
        return make("li", { class: "label" }, make("span", { dir: "auto" }, name), bar, percent);
      });
      const parts = [make("p", { class: "line" }, line), make("ol", {}, ...items), ...noted(notes)];
      this.#show(parts, this.#reading(isWhole), "");
      this.#say(line);
    }

    /** An invitation to write into the field. */
    showAsking() {
      this.#show([make("p", { class: "message", role: "note" }, pith.say("what_to_know"))], [], "");
      this.#asking.querySelector("input").focus({ preventScroll: true });
    }

    /** @param {{text: string, score: number}} sentence @param {number} index @param {(Node | string)[]} content */
    #item({ text, score }, index, content = [text]) {
      const button = make("button", { type: "button", class: "sentence", dir: "auto" }, ...content);
      button.setAttribute("aria-description", pith.say("weight_help", pith.number(score * 100), pith.number(100)));
      // Scores of chosen sentences lie close together; the cube tells them apart and keeps their order.
      button.style.setProperty("--weight", String(0.18 + 0.82 * Math.min(1, Math.max(0, score)) ** 3));
      listen(button, "pointerenter", () => this.actions.point(index));
      listen(button, "pointerleave", () => this.actions.point(this.#focusedSentence()));
      listen(button, "focus", () => this.actions.point(index));
      listen(button, "blur", () => this.actions.point(null));
      listen(button, "click", () => this.actions.jump(index));
      return make("li", {}, button);
    }

    /** @returns {number | null} */
    #focusedSentence() {
      const at = [...this.#root.querySelectorAll(".sentence")].indexOf(this.#root.activeElement);
      return at < 0 ? null : at;
    }

    /** A sentence instead of a result. @param {string} text @param {{isError: boolean, canRetry: boolean}} kind */
    showMessage(text, { isError, canRetry }) {
      const looks = isError ? { class: "message error", role: "alert" } : { class: "message", role: "note" };
      const message = make("p", looks, text);
      this.#show([message], canRetry ? [["try_again", () => this.actions.again()]] : [], "");
      if (!isError) this.#say(text);
    }

    /** @param {string} text for a short while in place of the numbers, and read out */
    showPassing(text) {
      this.#passing = text;
      this.#drawNumbers();
      this.#say(text);
      clearTimeout(this.#passes);
      this.#passes = setTimeout(() => this.#endPassing(), 2000);
    }

    #endPassing() {
      clearTimeout(this.#passes);
      this.#passing = "";
      this.#drawNumbers();
    }

    /** @param {Node[]} parts @param {[string, () => void][]} actions @param {string} numbers */
    #show(parts, actions, numbers) {
      const focused = this.#root.activeElement;
      if (focused && this.#buttons.contains(focused)) this.#lastAction = focused.textContent;
      this.#body.toggleAttribute("data-kept", parts[0].className === "working");
      this.#body.replaceChildren(...parts);
      this.#body.scrollTop = 0;
      this.#numbers = numbers;
      const buttons = actions.map(([name, act]) => this.#action(name, act));
      this.#buttons.replaceChildren(...buttons);
      this.#endPassing();
      // The focused button may be gone: the focus stays in the card, and goes back to the button when that is back.
      const back = buttons.find((button) => button.textContent === this.#lastAction);
      const isNowhere = focused && (!this.hasFocus || this.#root.activeElement === this.#panel);
      if (isNowhere) (back ?? this.#panel).focus({ preventScroll: true });
    }

    /** The numbers, or what stands in their place; lines break between the parts only. Nothing is left of an empty footer. */
    #drawNumbers() {
      const shown = this.#passing || this.#numbers;
      const parts = shown.split(/(?<= · )/).map((part) => make("span", {}, part));
      this.#line.replaceChildren(...parts);
      this.#footer.toggleAttribute("hidden", shown === "" && this.#buttons.childElementCount === 0);
    }

    /** @param {string} key of the name @param {() => void} act */
    #action(key, act) {
      const button = make("button", { type: "button", class: "action" }, pith.say(key));
      listen(button, "click", act);
      return button;
    }

    /** Also what was said just before: a region that says what it said is not read out, so it falls silent in between.
     * @param {string} text
     */
    #say(text) {
      clearTimeout(this.#speaks);
      const isSaid = this.#heard.textContent === text;
      this.#heard.textContent = isSaid ? "" : text;
      if (isSaid) this.#speaks = setTimeout(() => (this.#heard.textContent = text), PAUSE_MS);
    }
  };

  /** @param {string[]} notes */
  function noted(notes) {
    return notes.length > 0 ? [make("div", { class: "notes" }, ...notes.map((note) => make("p", {}, note)))] : [];
  }

  /** A passage with its best sentence standing out. @returns {(Node | string)[]} */
  function marked(passage, sentence) {
    const at = passage.text.indexOf(sentence.text);
    if (at < 0) return [passage.text];
    const end = at + sentence.text.length;
    return [passage.text.slice(0, at), make("strong", {}, sentence.text), passage.text.slice(end)];
  }
})();
