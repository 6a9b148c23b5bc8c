/*
 * The pill above a live list: what has come would move the lines that somebody reads, so it waits, and the pill says
 * how much. A press brings it, and leads there.
 */
import { say } from "./words.js";

const MANY = 200; // rows, which would hold up the page

export class Pill {
  #lists = new Set();

  /**
   * list: its LiveList, which tells `show` when rows wait; name: the sentence that counts; onShown(elements);
   * loadAnew(): loads the list's newest page in place of many rows.
   */
  constructor(list, name, { onShown, loadAnew }) {
    Object.assign(this, { list, name, onShown, loadAnew });
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

  get #waiting() {
    return [...this.#lists].reduce((sum, list) => sum + list.waiting, 0);
  }

  show() {
    const n = this.#waiting;
    this.button.hidden = n === 0;
    this.button.textContent = say(this.name, { n });
  }

  async #bring() {
    const rows = [];
    for (const list of this.#lists) if (!list.root.isConnected) this.#lists.delete(list);
    if (this.#waiting > MANY) {
      await this.loadAnew();
      rows.push(...this.list.rows().slice(0, 1));
    } else {
      for (const list of this.#lists) rows.push(...list.release());
      this.onShown(rows);
    }
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
