/*
 * One card of the queue as the server drew it: it waits, folds to a line, unfolds, and says what has changed. It knows
 * neither stream nor API.
 */
import { setHTML } from "../newsroom/api.js";
import { say } from "../newsroom/words.js";
import { changes } from "./changes.js";
import { Palette } from "./palette.js";

const YES = new Set(["approve", "keep"]);

export class Card {
  state = "open"; // "waiting": its approval can still be stopped; "folded": decided, or gone
  isStale = false; // more has come than it shows
  turns = 0; // so often its state has changed

  /** onRefuse(card, action, said): somebody has chosen a reason. */
  constructor(element, { onRefuse }) {
    Object.assign(this, { element, onRefuse });
    this.#begin();
  }

  #begin() {
    const { element } = this;
    Object.assign(this, { id: Number(element.dataset.case), comment: Number(element.dataset.comment) });
    this.body = element.querySelector(".case-card");
    this.body.tabIndex = -1;
    const details = element.querySelector("details.case-reasoned");
    const onReason = (said) => this.onRefuse(this, this.no, said);
    this.palette = details && new Palette(details, { language: element.dataset.language, onReason });
    const { reader, until } = element.dataset;
    if (reader) this.showReader(reader, until);
  }

  get version() {
    return Number(this.element.dataset.version);
  }

  get isOpen() {
    return this.state === "open";
  }

  /** Whether somebody else reads it now. */
  get isLeased() {
    return Date.parse(this.element.dataset.until ?? "") > Date.now();
  }

  /** Whether somebody else reads it, or was asked to decide about it. */
  get isOthers() {
    return this.isLeased || "handed" in this.element.dataset;
  }

  /** What lets the comment stand: "approve", "keep", or undefined. */
  get yes() {
    return this.#deeds.find((deed) => YES.has(deed));
  }

  /** What takes it away: "reject", "remove", or undefined. */
  get no() {
    return this.palette?.deed;
  }

  get #deeds() {
    return [...this.body.querySelectorAll(".case-deeds button[name=deed]")].map(({ value }) => value);
  }

  /** The words on the button for a deed. */
  labelOf(deed) {
    const button = this.body.querySelector(`.case-deeds button[name=deed][value="${deed}"]`);
    return button?.textContent ?? "";
  }

  /** The box that chooses it for a decision about many. */
  get tick() {
    return this.body.querySelector(".case-tick input");
  }

  link(name) {
    return this.body.querySelector(`[data-link="${name}"]`)?.href;
  }

  /** The note and the words that were typed so far. */
  get said() {
    return this.palette?.said ?? {};
  }

  showReader(name, until) {
    Object.assign(this.element.dataset, { reader: name, until });
    this.#hint(say("queue_claim", { name }), "case-claim");
    clearTimeout(this.lease);
    this.lease = setTimeout(() => this.isLeased || this.hideReader(), Date.parse(until) - Date.now() + 50);
  }

  hideReader() {
    for (const name of ["reader", "until"]) delete this.element.dataset[name];
    this.body.querySelector(".case-claim")?.remove();
  }

  /** A line at the edge of the card, which moves nothing. */
  #hint(sentence, name) {
    let line = this.body.querySelector(`.${name}`);
    if (!line) {
      line = Object.assign(document.createElement("p"), { className: `${name} small` });
      this.body.prepend(line);
    }
    line.textContent = sentence;
  }

  /** The approval is on its way, and can be stopped. */
  wait() {
    this.#turn("waiting");
    this.palette?.close();
  }

  #turn(state) {
    this.state = state;
    this.turns += 1;
    for (const each of ["waiting", "folded", "told"]) this.element.classList.toggle(`is-${each}`, each === state);
  }

  /** One line in the place of the card, which keeps its height. offers: [[label, deed]] as buttons behind it. */
  fold(sentence, offers = []) {
    if (this.state !== "folded") {
      this.element.style.minHeight = `${this.element.getBoundingClientRect().height}px`;
    }
    this.#turn("folded");
    this.hideReader();
    this.complain("");
    this.line?.remove();
    this.line = Object.assign(document.createElement("p"), { className: "case-line" });
    this.line.append(Object.assign(document.createElement("span"), { textContent: sentence }));
    for (const [label, deed] of [[say("queue_look"), () => this.#look()], ...offers]) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
      button.className = "button-link";
      button.addEventListener("click", deed);
      this.line.append(" · ", button);
    }
    if (this.palette?.isOpen) this.#tell();
    else this.collapse(this.element.style.minHeight);
  }

  /** Somebody types in it: what was typed stays in sight, with the line. */
  #tell() {
    this.element.classList.replace("is-folded", "is-told");
    this.palette.end(this.line);
  }

  #look() {
    this.body.hidden = !this.body.hidden;
  }

  /** A folded card shows its line alone. Once it is out of sight, it takes no more room than that. */
  collapse(minHeight = "") {
    this.element.style.minHeight = minHeight;
    this.element.classList.replace("is-told", "is-folded");
    this.element.prepend(this.line);
    this.body.hidden = true;
  }

  open() {
    this.#turn("open");
    this.element.style.minHeight = "";
    this.line?.remove();
    this.body.hidden = false;
  }

  /** The card as the server draws it now. */
  replace(fresh) {
    const [said, hadFocus] = [this.said, this.element.contains(document.activeElement)];
    delete this.element.dataset.handed;
    for (const { name, value } of fresh.attributes) {
      if (name.startsWith("data-")) this.element.setAttribute(name, value);
    }
    this.element.replaceChildren(...fresh.childNodes);
    this.line = null;
    this.isStale = false;
    this.#begin();
    this.palette?.fill(said);
    this.open();
    if (hadFocus) this.body.focus({ preventScroll: true });
  }

  /** Its author has changed the text: the new one, and below it what is other in it. */
  rewrite(said) {
    const place = this.body.querySelector(".case-text");
    if (place && said.version > this.version) this.#growUpwards(place, () => this.#write(place, said));
  }

  /** What is below the place, such as a button under the cursor, stays where it is on the screen. */
  #growUpwards(place, change) {
    const below = this.body.querySelector(".case-author");
    const before = below.getBoundingClientRect().top;
    place.style.minHeight = `${place.offsetHeight}px`;
    change();
    const grown = below.getBoundingClientRect().top - before;
    if (before < innerHeight) scrollBy(0, grown);
  }

  #write(place, { html, text, version }) {
    const before = place.textContent;
    this.element.dataset.version = version;
    if (this.tick) this.tick.value = `${this.id}.${version}`;
    setHTML(place, html);
    this.body.querySelector(".case-changes")?.remove();
    const shown = Object.assign(document.createElement("p"), { className: "case-changes small", dir: "auto" });
    shown.append(Object.assign(document.createElement("b"), { textContent: say("queue_changed") }), " ");
    shown.append(...changes(before.trim(), (text ?? place.textContent).trim()));
    place.after(shown);
  }

  noteReport() {
    this.note(say("queue_reported"));
  }

  /** Somebody was asked to decide. at: when, in milliseconds; isOthers: not the one who looks. */
  noteHanded(sentence, at, isOthers) {
    this.element.toggleAttribute("data-handed", isOthers);
    this.element.dataset.handedAt = new Date(at).toISOString();
    this.note(sentence);
  }

  get handedAt() {
    return Date.parse(this.element.dataset.handedAt ?? "");
  }

  /** There is more than it shows. */
  note(sentence) {
    this.isStale = true;
    this.#hint(sentence, "case-reported");
  }

  /** What went wrong, at the buttons; "" once it is over. */
  complain(sentence) {
    this.body.querySelector(".case-complaint")?.remove();
    if (!sentence) return;
    const line = Object.assign(document.createElement("p"), { className: "case-complaint composer-error" });
    line.setAttribute("role", "alert");
    line.textContent = sentence;
    this.body.querySelector(".case-deeds").before(line);
  }
}
