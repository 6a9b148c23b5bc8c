/*
 * A form about a case as a dialog of the queue: editing the text, handing over. The form is that of the page that the
 * card's link leads to.
 */
import { api, elementOf } from "../newsroom/api.js";
import { say, sayProblem } from "../newsroom/words.js";

const DECIDED = 409;

export class Sheet {
  #card = null;
  #deed = "";
  #isBusy = false;

  /** host: <newsroom-queue>; onEdited(card, answer), onHanded(card, case). */
  constructor(host, { onEdited, onHanded }) {
    Object.assign(this, { host, onEdited, onHanded, dialog: host.querySelector("[data-sheet]") });
    this.place = this.dialog.querySelector("[data-sheet-form]");
    this.dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.dialog.addEventListener("close", () => this.host.current?.body.focus({ preventScroll: true }));
  }

  /** deed: "edit" or "hand". */
  async open(card, deed) {
    const address = card?.isOpen && !this.#isBusy && card.link(deed);
    if (!address) return;
    this.#isBusy = true;
    try {
      const form = document.adoptNode(await elementOf(address, ".case-form"));
      Object.assign(this, { form });
      [this.#card, this.#deed] = [card, deed];
      this.dialog.querySelector("h2").textContent = form.dataset.title;
      this.place.replaceChildren(form);
      this.dialog.showModal();
      form.querySelector("input:not([type=hidden]), textarea").focus();
    } catch (problem) {
      card.complain(sayProblem(problem));
    } finally {
      this.#isBusy = false;
    }
  }

  async #send() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#complain("", {});
    const card = this.#card;
    try {
      const { data } = await (this.#deed === "edit" ? this.#edit(card) : this.#hand(card));
      this.dialog.close();
      if (this.#deed === "edit") this.onEdited(card, data);
      else this.onHanded(card, data);
    } catch (problem) {
      if (problem.status === DECIDED) {
        this.dialog.close();
        this.host.outcomes.refused(card, problem);
      } else {
        this.#complain(sayProblem(problem), problem.errors);
      }
    } finally {
      this.#isBusy = false;
    }
  }

  /** What was typed; fields without anything are left out. */
  get #said() {
    const fields = [...new FormData(this.form)].filter(([name]) => !["csrfmiddlewaretoken", "next"].includes(name));
    return Object.fromEntries(fields.filter(([, value]) => value.trim()));
  }

  #edit(card) {
    const { seen, ...said } = this.#said;
    return api("POST", `comments/${card.comment}/decisions/`, { ...said, action: "edit", seen: Number(seen) });
  }

  #hand(card) {
    return api("POST", `moderation/cases/${card.id}/hand-over/`, { to: "", ...this.#said });
  }

  /** What went wrong, at each field and above all of them. */
  #complain(sentence, errors) {
    for (const each of this.form.querySelectorAll(".composer-error")) each.remove();
    const marked = [...this.form.elements].filter(({ name }) => name);
    for (const field of marked) this.#mark(field, errors[field.name]?.[0]);
    if (sentence && !marked.some(({ name }) => name in errors)) this.form.prepend(this.#line(sentence, "sheet-error"));
    marked.find(({ name }) => name in errors)?.focus();
  }

  #mark(field, sentence) {
    field.toggleAttribute("aria-invalid", Boolean(sentence));
    field.removeAttribute("aria-describedby");
    if (!sentence) return;
    const line = this.#line(sentence, `${field.id}-error`);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", line.id);
    field.after(line);
  }

  #line(sentence, id) {
    const line = Object.assign(document.createElement("p"), { className: "composer-error", textContent: sentence, id });
    line.setAttribute("role", "alert");
    return line;
  }
}

/** Who hands a case over to whom, in words. */
export function handing({ by, to }) {
  return say("queue_handed", { by: by?.name ?? "–", to: to?.name ?? "–" });
}
