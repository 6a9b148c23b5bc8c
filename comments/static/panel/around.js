/* What stands around the case that has the focus, in the pane beside it. Those of the next cases are fetched before. */
import { elementOf } from "../newsroom/api.js";
import { refresh } from "../newsroom/time.js";
import { say } from "../newsroom/words.js";

const KEPT = 20;
const AHEAD = 3;
const SETTLED_MS = 150; // whoever walks by asks for nothing

export class Around {
  #found = new Map(); // case → promise of its element
  #shown = null;
  #timer = 0;

  constructor(pane) {
    this.pane = pane;
  }

  /** Shows the context of `card`; `following`: the cards that come next. */
  show(card, following) {
    clearTimeout(this.#timer);
    this.#shown = card.id;
    this.pane.hidden = false;
    this.pane.setAttribute("aria-busy", "true");
    if (this.#found.has(card.id)) this.#put(card);
    this.#timer = setTimeout(() => {
      this.#put(card);
      for (const each of following.slice(0, AHEAD)) this.#fetch(each);
    }, SETTLED_MS);
  }

  /** It is no longer as it was fetched. */
  forget(card) {
    this.#found.delete(card.id);
  }

  clear() {
    clearTimeout(this.#timer);
    this.#shown = null;
    this.pane.hidden = true;
  }

  async #put(card) {
    let found;
    try {
      found = await this.#fetch(card);
    } catch {
      this.#found.delete(card.id);
      found = Object.assign(document.createElement("p"), { textContent: say("load_failed") });
    }
    if (this.#shown !== card.id || this.pane.firstElementChild === found) return this.pane.removeAttribute("aria-busy");
    refresh([found]); // before it is laid out
    this.pane.replaceChildren(found);
    this.pane.scrollTop = 0;
    return this.pane.removeAttribute("aria-busy");
  }

  #fetch(card) {
    if (!this.#found.has(card.id)) {
      const asked = elementOf(card.element.dataset.context, ".case-context");
      asked.catch(() => this.#found.delete(card.id));
      this.#found.set(card.id, asked);
      const [oldest] = this.#found.keys();
      if (this.#found.size > KEPT) this.#found.delete(oldest);
    }
    return this.#found.get(card.id);
  }
}
