/*
 * <newsroom-held>: what waits in a discussion or a chat, at its place there, for those who moderate it. The lines are
 * the cards of the queue and are decided in the same way; what is decided folds to a line, and vanishes out of sight.
 */
import { api } from "../newsroom/api.js";
import { say, sayProblem } from "../newsroom/words.js";
import { Arrivals } from "./arrivals.js";
import { Claims } from "./claims.js";
import { Decisions } from "./decisions.js";
import { HeldRows } from "./held-rows.js";
import { Keys, drawMap } from "./keys.js";
import { Line, Lines } from "./lines.js";
import { Outcomes } from "./outcomes.js";

const MUTED_MS = 600_000;

class NewsroomHeld extends HTMLElement {
  current = null; // the card that has the focus
  around = { forget() {} }; // what stands around a line is in sight
  tabs = { showCounts() {}, showNumbers() {} }; // the header has the number
  #deeds = {
    next: () => this.lines.go(1),
    previous: () => this.lines.go(-1),
    approve: () => this.current && this.#approve(this.current),
    refuse: () => this.#openPalette(),
    reason: (digit) => this.#choose(digit),
    text: () => this.#openPalette("text"),
    note: () => this.#openPalette("note"),
    warn: () => this.#warn(),
    mute: () => this.#openMute(this.lines.current),
    undo: () => this.decisions.undo(),
    map: () => this.#showMap(),
  };

  connectedCallback() {
    this.me = Number(this.getAttribute("me"));
    this.thread = this.closest("newsroom-discussion, newsroom-chat");
    this.rows = new HeldRows(this, { onRefuse: (card, action, said) => this.#decide(card, action, said) });
    this.claims = new Claims(this.me);
    this.decisions = new Decisions(this.querySelector(".held-foot"), {
      onMade: (card, action, reason) => this.#made(card, action, reason),
      onRefused: (card, problem) => this.#refused(card, problem),
      onUndone: (card, isDecided) => this.#undone(card, isDecided),
    });
    this.outcomes = new Outcomes(this);
    this.lines = new Lines(this, { onReason: (element, deed, said) => this.#onReason(element, deed, said) });
    this.arrivals = new Arrivals(this);
    this.keys = new Keys(this.#deeds);
    this.querySelector("[data-deed=map]").hidden = false;
    this.#listen();
  }

  /** The page that shows what it shows. */
  get address() {
    return new URL(this.getAttribute("address"), location.href).href;
  }

  #listen() {
    this.thread.addEventListener("submit", (event) => this.#onSubmit(event));
    this.thread.addEventListener("click", (event) => this.#onClick(event));
    this.thread.addEventListener("focusin", ({ target }) => this.#turnTo(this.rows.of(target) ?? null));
    this.thread.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.thread.contains(relatedTarget)) this.#turnTo(null);
    });
    addEventListener("pagehide", () => {
      this.decisions.flush();
      this.claims.give({ keepalive: true });
    });
  }

  #onSubmit(event) {
    const card = this.rows.of(event.target);
    if (card || event.target.closest(".line-palette")) event.preventDefault();
    if (card && event.submitter?.value === card.yes) this.#approve(card);
  }

  #onClick(event) {
    const link = event.target.closest("a[data-action=mute]");
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
    if (link && isPlain) {
      event.preventDefault();
      this.#openMute(link.closest("li.comment"));
    }
    const button = event.target.closest("button");
    if (button?.dataset.deed && this.contains(button)) this.#deeds[button.dataset.deed]();
    else if (button?.hasAttribute("data-close") && this.contains(button)) button.closest("dialog").close();
  }

  #turnTo(card) {
    if (card === this.current) return;
    this.current = card;
    if (card) this.claims.take(card);
    else this.claims.give();
  }

  /** Moves the focus to a card. */
  focusOn(card) {
    card.body.focus({ preventScroll: true });
    card.element.scrollIntoView({ block: "nearest" });
  }

  #decide(card, action, said) {
    if (!card?.isOpen || !action) return;
    const wasInside = card.element.contains(document.activeElement);
    card.complain("");
    card.palette?.close();
    this.decisions.decide(card, action, said);
    this.announce(this.decisions.said.textContent);
    if (wasInside) this.#moveOn(card);
  }

  /** Its author is told nothing, so of what was typed only the note counts. */
  #approve(card) {
    const { note } = card.said;
    this.#decide(card, card.yes, note ? { note } : {});
  }

  /** To the next line that waits; without one the focus stays where the card was. */
  #moveOn(card) {
    const { all } = this.rows;
    const next = all.slice(all.indexOf(card) + 1).find((each) => each.isOpen);
    if (next) return this.focusOn(next);
    card.element.tabIndex = -1;
    return card.element.focus({ preventScroll: true });
  }

  // --- readers' lines

  #openPalette(field = null) {
    const line = this.lines.current;
    if (this.current) this.lines.close();
    if (this.current?.isOpen) this.current.palette?.open(field);
    else if (line?.dataset.state === "published") this.lines.openAt(line, "remove", field);
  }

  #openMute(line) {
    const person = personOf(line);
    if (!person || person === this.me || this.thread.localName !== "newsroom-chat") return;
    this.current?.palette?.close();
    this.lines.openAt(line, "mute");
  }

  #warn() {
    if (!this.lines.palette) this.#openPalette();
    const palette = this.lines.palette ?? this.current?.palette;
    palette?.warn();
  }

  /** → whether there was a list with this reason. */
  #choose(digit) {
    const palette = this.lines.palette ?? this.current?.palette;
    return Boolean(palette?.isOpen) && palette.choose(digit);
  }

  #onReason(element, deed, said) {
    this.lines.close();
    const line = new Line(element);
    line.complain("");
    if (deed === "mute") return void this.#mute(line, said);
    this.decisions.decide(line, "remove", said);
    return this.announce(this.decisions.said.textContent);
  }

  async #mute(line, { reason, note = "" }) {
    const until = new Date(Date.now() + MUTED_MS).toISOString();
    const section = this.getAttribute("section") || null;
    try {
      const wish = { scope: "chat", section, until, reason, note };
      const { data } = await api("POST", `users/${personOf(line.element)}/sanctions/`, wish);
      this.decisions.did(line, say("muted_done"), () => api("DELETE", `sanctions/${data.id}/`));
      this.announce(say("muted_done"));
    } catch (problem) {
      line.complain([sayProblem(problem), ...Object.values(problem.errors).flat()].join(" "));
    }
  }

  #showMap() {
    const dialog = this.querySelector("[data-map]");
    drawMap(dialog.querySelector("[data-map-rows]"));
    dialog.showModal();
  }

  // --- what has become of one's own decisions

  #made(card, action, reason) {
    if (card instanceof Line) return; // its event takes it away
    this.outcomes.fold(card, say("queue_you"), { action, reason });
  }

  #refused(card, problem) {
    if (!(card instanceof Line)) return void this.outcomes.refused(card, problem);
    const sentence = [say("queue_not_decided"), sayProblem(problem), ...Object.values(problem.errors).flat()].join(" ");
    card.complain(sentence);
    this.decisions.tell("");
    return this.announce(sentence);
  }

  async #undone(card, isDecided = false) {
    this.announce(say("queue_undone"));
    if (card instanceof Line) return void card.body?.focus({ preventScroll: true });
    if (!this.rows.get(card.id)) return; // it comes back by its event
    if (isDecided) await this.rows.renew([card.id]).catch(() => card.open());
    return this.focusOn(card);
  }

  // --- what others do: called by Arrivals and Outcomes

  showNew() {
    if (this.arrivals.number === 0) return;
    this.rows.add(this.arrivals.take()).catch(() => this.arrivals.reload());
  }

  showLost(isLost) {
    this.querySelector("[data-lost]").hidden = !isLost;
  }

  /** To those who listen. */
  announce(sentence) {
    this.querySelector("[data-announce]").textContent = sentence;
  }
}

function personOf(line) {
  return Number(line?.dataset.author || line?.dataset.person) || 0;
}

customElements.define("newsroom-held", NewsroomHeld);
