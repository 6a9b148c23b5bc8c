/*
 * The dialog in which a reader ignores the author of a comment, and takes that back: comments/ignore_dialog.html.
 * Without it the link leads to a page.
 */
import { api } from "../newsroom/api.js";
import { sayProblem } from "../newsroom/words.js";

class NewsroomIgnore extends HTMLElement {
  #element = null;
  #opener = null;

  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.querySelector("[data-close]").addEventListener("click", () => this.dialog.close());
    this.querySelector("[data-ignore]").addEventListener("click", () => this.#turn(true));
    for (const name of ["undo", "heed"]) this.#button(name).addEventListener("click", () => this.#turn(false));
    this.dialog.addEventListener("close", () => this.#leave());
  }

  /** opener: what gets the focus back; element: the comment's <li>; ignored: whom the reader ignores. */
  open(opener, element, ignored) {
    Object.assign(this, { ignored });
    this.#element = element;
    this.#opener = opener;
    const isIgnored = ignored.has(element.dataset.author);
    this.#show(isIgnored ? "done" : "ask", isIgnored ? "heed" : "ignore");
    this.dialog.showModal();
  }

  async #turn(isIgnored) {
    const author = Number(this.#element.dataset.author);
    try {
      await api(isIgnored ? "PUT" : "DELETE", `me/ignored/${author}/`);
      this.ignored.turn(author, isIgnored);
      this.#show(isIgnored ? "done" : "undone", isIgnored ? "undo" : "ignore");
    } catch (problem) {
      this.#tell(sayProblem(problem));
    }
  }

  /** A sentence, and the one button beside it. */
  #show(sentence, button) {
    const name = this.#element.querySelector('[data-field="author"]').textContent;
    this.#tell(this.dataset[sentence].replace("{name}", name));
    for (const name of ["ignore", "undo", "heed"]) this.#button(name).hidden = name !== button;
    if (this.dialog.open) this.#button(button).focus();
  }

  #tell(sentence) {
    this.querySelector("[data-answer]").textContent = sentence;
  }

  #button(name) {
    return this.querySelector(`[data-${name}]`);
  }

  #leave() {
    const fold = this.#element.querySelector(".comment-fold > summary");
    (this.#opener.checkVisibility() ? this.#opener : (fold ?? this.#element.querySelector(".comment-box"))).focus();
  }
}

customElements.define("newsroom-ignore", NewsroomIgnore);
