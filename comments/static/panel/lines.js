/*
 * The lines of a discussion or a chat to its moderators: which has the focus, and the list of reasons that opens below
 * one, to remove what readers see or to mute its author. Lines that wait have such a list in their cards.
 */
import { Palette } from "./palette.js";

/** A line that readers see, as Decisions takes a card. */
export class Line {
  constructor(element) {
    this.element = element;
  }

  get comment() {
    return Number(this.element.dataset.id);
  }

  get version() {
    return Number(this.element.dataset.version);
  }

  get body() {
    return boxOf(this.element);
  }

  /** What went wrong, below it. */
  complain(sentence) {
    this.element.querySelector(":scope > .line-complaint")?.remove();
    if (!sentence) return;
    const line = Object.assign(document.createElement("p"), { className: "line-complaint composer-error" });
    line.setAttribute("role", "alert");
    line.textContent = sentence;
    this.body.after(line);
  }
}

export class Lines {
  #open = null; // {element, deed, palette, wrapper}: the one list that is open

  /** host: <newsroom-held>, with a <template data-palette> for each deed; onReason(element, deed, said). */
  constructor(host, { onReason }) {
    Object.assign(this, { host, thread: host.thread, onReason });
  }

  /** The line that has the focus, or undefined. */
  get current() {
    return this.thread.contains(document.activeElement) ? document.activeElement.closest("li.comment") : undefined;
  }

  /** Moves the focus by so many lines; where none has it, to the newest of a chat, else to the first in sight. */
  go(step) {
    const all = [...this.thread.querySelectorAll("li.comment")].filter((each) => each.checkVisibility());
    const at = all.indexOf(this.current);
    const isChat = this.thread.localName === "newsroom-chat";
    const inSight = isChat ? all.at(-1) : all.find((each) => each.getBoundingClientRect().top >= 0);
    const next = at < 0 ? inSight : all[at + step];
    if (!next) return;
    const box = boxOf(next);
    box.tabIndex = -1;
    box.focus({ preventScroll: true });
    box.scrollIntoView({ block: "nearest" });
  }

  /** The list of reasons that is open. */
  get palette() {
    return this.#open?.palette;
  }

  /** Opens it below a line. field: what is written in at once. */
  openAt(element, deed, field = null) {
    if (this.#open?.element !== element || this.#open.deed !== deed) this.#draw(element, deed);
    this.#open.palette.open(field);
  }

  close() {
    const { element, wrapper } = this.#open ?? {};
    if (!wrapper) return;
    const wasInside = wrapper.contains(document.activeElement);
    this.#open = null;
    wrapper.remove();
    if (wasInside) boxOf(element).focus({ preventScroll: true });
  }

  #draw(element, deed) {
    this.close();
    const pattern = this.host.querySelector(`template[data-palette="${deed}"]`);
    const wrapper = Object.assign(document.createElement("div"), { className: "line-palette case-card", tabIndex: -1 });
    wrapper.append(pattern.content.cloneNode(true));
    const details = wrapper.querySelector("details");
    const { lang: language } = document.documentElement; // the author's is not known here
    const onReason = (said) => this.onReason(element, deed, said);
    boxOf(element).after(wrapper);
    this.#open = { element, deed, wrapper, palette: new Palette(details, { language, onReason }) };
    details.addEventListener("toggle", () => details.open || this.#open?.wrapper !== wrapper || this.close());
  }
}

export function boxOf(element) {
  return element.querySelector(":scope > .comment-box");
}
