/*
 * Lines that are on their way: shown at once, replaced by their echo, which carries the same key.
 */
import { say } from "../newsroom/words.js";

export class Pending {
  #lines = new Map(); // key → element

  constructor(drawing) {
    this.drawing = drawing;
  }

  /** Shows what somebody just sent; `place` is {list, atStart}. */
  show({ key, text, parent }, { list, atStart }) {
    this.settle(key);
    const now = new Date().toISOString();
    const author = { id: this.drawing.viewer.me, name: myName(), role: "reader", avatar: null };
    const line = this.drawing.draw({ id: "", parent, author, html: "", state: "held", created_at: now, version: 0 });
    const said = document.createElement("p");
    said.textContent = text;
    line.querySelector('[data-field="html"]').replaceChildren(said);
    line.querySelector('[data-field="link"]').replaceChildren(say("pending"));
    for (const part of line.querySelectorAll(".comment-actions, [data-reactions]")) part.remove();
    delete line.dataset.id;
    line.classList.add("is-pending");
    line.setAttribute("aria-busy", "true");
    if (atStart) list.prepend(line);
    else list.append(line);
    this.#lines.set(key, line);
    return line;
  }

  /** A moderator reads it first: where it would stand this is said, and it stands among one's own (own.js). */
  hold(key) {
    const said = notice(say("held"));
    this.#lines.get(key)?.replaceWith(said);
    this.#lines.set(key, said);
  }

  /** It arrived or was refused: the line goes. → whether there was one, so the comment is this reader's own. */
  settle(key) {
    this.#lines.get(key)?.remove();
    return this.#lines.delete(key);
  }
}

function notice(sentence) {
  const made = document.createElement("li");
  const line = document.createElement("p");
  made.className = "notice notice-success small";
  line.setAttribute("role", "status");
  line.textContent = sentence;
  made.append(line);
  return made;
}

function myName() {
  return document.querySelector(".masthead .menu .name")?.textContent ?? "";
}
