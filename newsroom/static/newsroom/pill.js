/*
 * The pill above a live list: what has come would move the lines that somebody reads, so it waits, and the pill says
 * how much. A press brings it, and leads there.
 */
import { say } from "./words.js";

export class Pill {
  #lists = new Set();

  /** list: its LiveList, which tells `show` when rows wait; name: the sentence that counts; onShown(elements). */
  constructor(list, name, onShown) {
    Object.assign(this, { name, onShown });
    const box = document.createElement("div");
    box.className = "pill";
    box.setAttribute("role", "status");
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "button button-primary button-small";
    this.button.hidden = true;
    this.button.addEventListener("click", () => this.#bring());
    box.append(this.button);
    list.root.before(box);
    this.watch(list);
  }

  /** Another list whose rows it counts. */
  watch(list) {
    this.#lists.add(list);
  }

  show() {
    let n = 0;
    for (const list of this.#lists) n += list.waiting;
    this.button.hidden = n === 0;
    this.button.textContent = say(this.name, { n });
  }

  #bring() {
    const rows = [];
    for (const list of this.#lists) {
      if (list.root.isConnected) rows.push(...list.release());
      else this.#lists.delete(list);
    }
    this.onShown(rows);
    const [first] = rows.filter((row) => row.isConnected).sort(byPlace);
    if (first) {
      first.tabIndex = -1;
      first.focus({ preventScroll: true });
      first.scrollIntoView({ block: "center" });
    }
    this.show();
  }
}

function byPlace(one, other) {
  return one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}
