/*
 * The moderators' dialog over a discussion: remove or restore a comment with a reason, bar its author.
 */
import { api } from "../newsroom/api.js";
import { say, sayProblem } from "../newsroom/words.js";

const HOUR_MS = 3_600_000;

export class ModerationDialog {
  #comment = 0;
  #author = 0;
  #opener = null;

  /** onDecided(comment) gets the comment as it now stands. */
  constructor(dialog, onDecided) {
    Object.assign(this, { dialog, onDecided, form: dialog.querySelector("form"), answer: dialog.querySelector("[data-answer]") });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#decide(event.submitter?.value);
    });
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.#opener?.focus());
  }

  open(element, id, opener) {
    this.#comment = id;
    this.#author = Number(element.dataset.author) || 0;
    this.#opener = opener;
    const { state } = element.dataset;
    this.dialog.querySelector("[data-quote]").textContent = element.querySelector('[data-field="html"]').textContent.trim().slice(0, 280);
    this.dialog.querySelector("[data-name]").textContent = element.querySelector('[data-field="author"]').textContent;
    this.#button("remove").hidden = state !== "published";
    this.#button("restore").hidden = state !== "removed";
    this.dialog.querySelector("[data-bar]").hidden = !this.#author;
    this.answer.textContent = "";
    this.dialog.showModal();
  }

  async #decide(deed) {
    const { reason, note, until } = this.form.elements;
    try {
      if (deed === "bar") await this.#bar(reason.value, until.value, note.value);
      else await this.#act(deed, reason.value, note.value);
      this.answer.textContent = say({ remove: "removed_done", restore: "restored_done", bar: "barred_done" }[deed]);
      if (deed !== "bar") this.dialog.close();
    } catch (problem) {
      this.answer.textContent = sayProblem(problem);
    }
  }

  async #act(action, reason, note) {
    await api("POST", `comments/${this.#comment}/decisions/`, { action, reason, note });
    const { data } = await api("GET", `comments/${this.#comment}/`);
    this.onDecided(data);
  }

  async #bar(reason, hours, note) {
    const until = hours ? new Date(Date.now() + Number(hours) * HOUR_MS).toISOString() : null;
    await api("POST", `users/${this.#author}/sanctions/`, { scope: "comment", until, reason, note });
  }

  #button(value) {
    return this.form.querySelector(`button[value="${value}"]`);
  }
}
