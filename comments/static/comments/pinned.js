/*
 * What moderators have pinned, on top of a discussion: comments/pinned.html. A line leads to the comment's place.
 */
import { addressOf } from "../newsroom/addresses.js";
import { setHTML } from "../newsroom/api.js";
import { LiveList } from "../newsroom/list.js";

const EXCERPT = 140; // characters, as the server cuts it: comments/representations.py

export class PinnedComments {
  #list = null;

  /** host: the element of the discussion; the page of one thread has no part for what is pinned. */
  constructor(host) {
    this.host = host;
    this.begin();
    host.addEventListener("click", (event) => this.#onClick(event));
  }

  /** The part is in the page, perhaps anew. */
  begin() {
    this.section = this.host.querySelector("[data-pinned]");
    this.#list = this.section && new LiveList({
      root: this.section.querySelector("[data-pinned-list]"),
      draw: (comment) => this.#draw(comment),
      redraw: (row, comment) => fill(row, comment),
      descending: false,
      isCut: () => false,
    });
  }

  /** A comment as an event or an answer gives it. */
  place(comment) {
    if (!this.#list || !comment.id || comment.pinned === undefined) return;
    if (comment.pinned) this.#list.place(comment);
    else this.#list.remove(comment.id, comment.version);
    this.section.hidden = this.#list.size === 0;
  }

  #draw(comment) {
    const row = this.section.querySelector("template[data-pinned-row]").content.querySelector("li").cloneNode(true);
    fill(row, comment);
    return row;
  }

  /** What stands further down on this page needs no other one. */
  #onClick(event) {
    const row = event.target.closest("[data-pinned-list] > li");
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const box = this.host.querySelector(`#comment-${Number(row.dataset.id)} > .comment-box`);
    if (!box) return;
    event.preventDefault();
    box.scrollIntoView({ block: "nearest" });
    box.focus({ preventScroll: true });
  }
}

function fill(row, { id, author, html }) {
  const field = (name) => row.querySelector(`[data-field="${name}"]`);
  const said = document.createElement("div");
  setHTML(said, html);
  const text = said.textContent.replace(/\s+/gu, " ").trim();
  field("link").href = addressOf("comment", { pk: id });
  field("author").textContent = author?.name ?? "";
  field("text").textContent = text.length <= EXCERPT ? text : `${text.slice(0, EXCERPT - 1).trimEnd()}…`;
}
