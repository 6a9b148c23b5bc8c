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

  /** A moderator reads it first: the line stays and says so. */
  hold(key) {
    const line = this.#lines.get(key);
    line?.removeAttribute("aria-busy");
    line?.classList.replace("is-pending", "is-held");
    line?.querySelector('[data-field="link"]').replaceChildren(say("held_short"));
    line?.querySelector(".comment-box").after(notice(say("held")));
  }

  /** It arrived or was refused: the line goes. → whether there was one, so the comment is this reader's own. */
  settle(key) {
    this.#lines.get(key)?.remove();
    return this.#lines.delete(key);
  }
}

function notice(sentence) {
  const made = document.createElement("p");
  made.className = "notice notice-success small";
  made.setAttribute("role", "status");
  made.textContent = sentence;
  return made;
}

function myName() {
  return document.querySelector(".masthead .menu .name")?.textContent ?? "";
}
