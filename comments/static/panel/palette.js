/*
 * The form to reject or remove a comment, by one stroke: ten reasons in the place of the list, and below them what the
 * author will read, in the author's language. No reason is chosen by itself.
 */
import { say } from "../newsroom/words.js";
import { offerTexts } from "./canned.js";

const told = JSON.parse(document.getElementById("told-to-authors")?.textContent ?? "{}");

export class Palette {
  /** details: panel/reasoned.html; onReason({reason, text, …}): this reason was chosen, with what was typed. */
  constructor(details, { language, onReason }) {
    Object.assign(this, { details, language, onReason, form: details.querySelector("form") });
    this.deed = details.querySelector("button[name=deed]").value;
    this.reasons = [...this.form.elements.reason.options].map(({ value }) => value).filter(Boolean);
    this.#drawReasons();
    const ready = details.querySelector("[data-canned]");
    if (ready) offerTexts(ready, language, (text) => this.#say(text));
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      if (event.target.matches("textarea, input, select")) this.#group.focus();
      else this.close();
    });
  }

  get isOpen() {
    return this.details.open;
  }

  /** What was typed; fields without anything are left out. */
  get said() {
    const fields = ["text", "ground", "norm", "note"].map((name) => [name, this.form.elements[name]?.value.trim()]);
    return Object.fromEntries(fields.filter(([, value]) => value));
  }

  /** Opens with the author's warning ticked, or unticks it. */
  warn() {
    const { warn } = this.form.elements;
    if (!warn) return;
    warn.checked = !(this.isOpen && warn.checked);
    this.open();
  }

  /** Types what was typed before. */
  fill(said) {
    for (const [name, value] of Object.entries(said)) this.form.elements[name].value = value;
    this.#show(null);
  }

  /** Puts a text among the words, where it can be changed. */
  #say(text) {
    this.form.elements.text.value = text;
    this.form.elements.text.focus();
    this.#show(null);
  }

  get #group() {
    return this.form.querySelector(".case-palette");
  }

  open(field = null) {
    this.details.open = true;
    const place = field ? this.form.elements[field] : this.#group;
    place.focus({ preventScroll: true });
    // As little as shows it, so that the comment stays in sight as far as there is room.
    for (const each of [this.heading, place]) each.scrollIntoView({ block: "nearest" });
  }

  close() {
    const isInside = this.details.contains(document.activeElement);
    this.details.open = false;
    if (isInside) this.details.closest(".case-card").focus({ preventScroll: true });
  }

  /** The reason of a digit, from 1 to 9 and 0. → whether there is one. */
  choose(digit) {
    const reason = this.reasons[(Number(digit) + 9) % 10];
    if (!reason) return false;
    const { said } = this;
    const warning = { reason, ...(said.text && { text: said.text }) };
    this.onReason({ ...said, reason, ...(this.form.elements.warn?.checked && { also: { warning } }) });
    return true;
  }

  /** Nothing is decided here any more: the line says why, in the place of what the author would have read. */
  end(line) {
    this.heading.replaceChildren(line);
    this.heading.hidden = false;
    for (const button of this.#group.children) button.disabled = true;
  }

  #drawReasons() {
    const field = this.form.elements.reason.closest(".field");
    const group = Object.assign(document.createElement("div"), { className: "case-palette", tabIndex: -1 });
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", say("queue_reason"));
    for (const [at, reason] of this.reasons.entries()) group.append(this.#button(at, reason));
    this.heading = Object.assign(document.createElement("div"), { className: "case-preview small" });
    this.heading.append(Object.assign(document.createElement("b"), { textContent: say("queue_author_reads") }), " ");
    this.preview = Object.assign(document.createElement("span"), { lang: this.language, dir: "auto" });
    this.heading.append(this.preview);
    group.addEventListener("mouseleave", () => this.#show(null));
    group.addEventListener("focusout", () => this.#show(null));
    field.before(group, this.heading);
    field.remove(); // the buttons are it
    this.form.querySelector(".form-actions").hidden = true;
    this.#show(null);
    this.form.addEventListener("input", () => this.#show(null));
  }

  #button(at, reason) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button button-small" });
    const digit = String((at + 1) % 10);
    const key = Object.assign(document.createElement("kbd"), { textContent: digit });
    button.append(key, say(`reason_${reason}`));
    button.addEventListener("click", () => this.choose(digit));
    for (const name of ["focus", "mouseenter"]) button.addEventListener(name, () => this.#show(reason));
    return button;
  }

  /** What the author will read, with this reason. */
  #show(reason) {
    if (!this.heading.contains(this.preview)) return; // it has ended
    const words = told[this.language] ?? Object.values(told)[0];
    this.heading.hidden = !words[this.deed];
    const sentence = (words[this.deed] ?? "").replace("{reason}", words.reasons[reason] ?? "…");
    const text = this.form.elements.text?.value.trim();
    this.preview.textContent = text ? `${sentence} ${text}` : sentence;
  }
}
