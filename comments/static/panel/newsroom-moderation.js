/*
 * <newsroom-moderation>: the moderators' dialog over a discussion: remove or restore a comment, change its text, bar
 * its author. Nothing is chosen by itself, and a decision names the version that was read.
 */
import { api } from "../newsroom/api.js";
import { markFields } from "../newsroom/fields.js";
import { say, sayProblem } from "../newsroom/words.js";

const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];
const CHANGED = 412;
const MARKS = { pin: "pinned", feature: "featured", lock: "locked" }; // deed → the mark that it gives

const DONE = { remove: "removed_done", restore: "restored_done", edit: "edited_done", bar: "barred_done" };

class NewsroomModeration extends HTMLElement {
  #comment = 0;
  #author = 0;
  #seen = 0; // the version that the moderator reads
  #opener = null;

  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.answer = this.dialog.querySelector("[data-answer]");
    this.dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#decide(event.target);
    });
    this.dialog.querySelector("[data-close]").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.#opener?.focus());
  }

  get #deeds() {
    return this.closest("newsroom-discussion, newsroom-chat").deeds;
  }

  open(element, id, opener) {
    this.#comment = id;
    this.#author = Number(element.dataset.author) || 0;
    this.#opener = opener;
    const { state, version } = element.dataset;
    this.#show(element.querySelector('[data-field="html"]').textContent, version);
    this.dialog.querySelector("[data-name]").textContent = element.querySelector('[data-field="author"]').textContent;
    const isThere = state === "published";
    const fits = { remove: isThere, restore: state === "removed", edit: isThere, bar: this.#author > 0 };
    for (const [mark, field] of Object.entries(MARKS)) {
      const isMarked = !element.querySelector(`[data-field="${field}"]`).hidden;
      Object.assign(fits, { [mark]: isThere && !isMarked, [`un${mark}`]: isMarked });
    }
    for (const form of this.dialog.querySelectorAll("form")) {
      form.reset();
      form.hidden = !fits[form.dataset.deed];
    }
    this.answer.textContent = "";
    this.dialog.showModal();
    if (fits.edit) this.#fill(id);
  }

  /** The text as its author wrote it, to be changed. */
  async #fill(id) {
    const { body } = this.dialog.querySelector('[data-deed="edit"]').elements;
    body.disabled = true;
    try {
      const { data } = await api("GET", `comments/${id}/`);
      if (id !== this.#comment || !this.dialog.open) return;
      body.value = data.text;
      body.disabled = false;
      if (data.version > this.#seen) this.#show(data.text, data.version);
    } catch (problem) {
      this.answer.textContent = sayProblem(problem);
    }
  }

  /** What is decided about. */
  #show(text, version) {
    this.#seen = Number(version);
    this.dialog.querySelector("[data-quote]").textContent = text.trim();
  }

  async #decide(form) {
    const { deed } = form.dataset;
    markFields(form, {}, this.answer);
    try {
      if (deed === "bar") await this.#bar(form.elements);
      else await this.#act(deed, form.elements);
      this.answer.textContent = deed in DONE ? say(DONE[deed]) : ""; // a mark is seen at the comment
      if (deed !== "bar") this.dialog.close();
    } catch (problem) {
      if (problem.status === CHANGED) this.#show(problem.document.text, problem.document.version);
      this.answer.textContent = [sayProblem(problem), ...Object.values(problem.errors ?? {}).flat()].join(" ");
      markFields(form, problem.errors ?? {}, this.answer);
    }
  }

  async #act(action, { reason, note, text, ground, norm, body }) {
    const wish = { action, note: note?.value ?? "", seen: this.#seen, ...(reason && { reason: reason.value }) };
    if (body) wish.body = body.value;
    if (text) Object.assign(wish, { text: text.value, ground: ground.value, norm: norm.value });
    const { data: decided } = await api("POST", `comments/${this.#comment}/decisions/`, wish);
    const { data } = await api("GET", `comments/${this.#comment}/`);
    this.#deeds.decided(data, decided.decision.id);
  }

  async #bar({ scope, section, reason, until, text, note }) {
    const unit = until.value.endsWith("m") ? MINUTE_MS : HOUR_MS;
    const end = until.value === "good" ? null : new Date(Date.now() + parseInt(until.value, 10) * unit).toISOString();
    const wish = {
      scope: scope.value,
      section: section?.value || null,
      until: end,
      reason: reason.value,
      text: text.value,
      note: note.value,
    };
    await api("POST", `users/${this.#author}/sanctions/`, wish);
  }
}

customElements.define("newsroom-moderation", NewsroomModeration);
