/*
 * <newsroom-preview>: around the button that shows how a comment will look. The server draws it; it stands in the place
 * of the text until the reader goes on writing, or sends it.
 */
import { api } from "../newsroom/api.js";
import { say, sayProblem } from "../newsroom/words.js";

class NewsroomPreview extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.form = this.closest("form");
    this.text = this.form.elements.text;
    for (const each of this.form.querySelectorAll("[data-shown]")) each.remove(); // of a form that this one copies
    this.#show(null);
    this.button.addEventListener("click", (event) => this.#onClick(event));
    this.form.addEventListener("submit", () => this.#show(null));
  }

  async #onClick(event) {
    event.preventDefault();
    if (this.shown) {
      this.#show(null);
      this.text.focus();
      return;
    }
    this.button.setAttribute("aria-busy", "true");
    const shown = document.createElement("div");
    try {
      const { data } = await api("POST", `discussions/${this.dataset.discussion}/preview/`, { text: this.text.value });
      shown.className = "comment-text prose-small composer-preview";
      shown.innerHTML = data.html; // sanitised by the server, as each comment is
      if (!data.html) shown.textContent = say("empty_text");
    } catch (problem) {
      shown.textContent = problem.errors?.text?.[0] ?? sayProblem(problem, "text");
    }
    this.button.removeAttribute("aria-busy");
    this.#show(shown);
  }

  /** In the place of the text; null: the text again. */
  #show(shown) {
    this.shown?.remove();
    this.shown = shown;
    this.text.hidden = shown !== null;
    this.button.textContent = say(shown ? "write_on" : "preview");
    if (!shown) return;
    Object.assign(shown, { tabIndex: -1, dir: "auto", ariaLabel: say("preview"), role: "region" });
    shown.dataset.shown = "";
    this.text.after(shown);
    shown.focus({ preventScroll: true });
  }
}

customElements.define("newsroom-preview", NewsroomPreview);
