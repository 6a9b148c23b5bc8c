/*
 * <newsroom-queue>: the moderators' queue by keys or thumb, live. The server drew cards with forms; this element keeps
 * the focus on one of them, decides in place and goes on to the next.
 */
import { say } from "../newsroom/words.js";
import { Around } from "./around.js";
import { Arrivals } from "./arrivals.js";
import { Claims } from "./claims.js";
import { Decisions } from "./decisions.js";
import { Keys, drawMap } from "./keys.js";
import { Outcomes } from "./outcomes.js";
import { Rows } from "./rows.js";
import { Sheet } from "./sheet.js";
import { Swipe } from "./swipe.js";
import { Tabs } from "./tabs.js";
import { Ticks } from "./ticks.js";

const FEW = 5; // so many cards ahead, and the next page is loaded

class NewsroomQueue extends HTMLElement {
  current = null; // the card that has the focus
  tabs = new Tabs(this);
  ticks = new Ticks(this);
  #deeds = {
    next: () => this.#go(1),
    previous: () => this.#go(-1),
    approve: () => this.#approve(this.current),
    refuse: () => this.#openPalette(),
    reason: (digit) => Boolean(this.current?.palette?.isOpen) && this.current.palette.choose(digit),
    text: () => this.#openPalette("text"),
    note: () => this.#openPalette("note"),
    warn: () => this.current?.isOpen && this.current.palette?.warn(),
    skip: () => this.#skip(),
    undo: () => this.decisions.undo(),
    context: () => this.#turnToContext(),
    open: () => this.#openTab("thread"),
    person: () => this.#openTab("person"),
    restrict: () => this.#openTab("restrict"),
    tick: () => this.ticks.turn(),
    range: () => this.ticks.range(),
    edit: () => this.sheet.open(this.current, "edit"),
    hand: () => this.sheet.open(this.current, "hand"),
    many: () => this.ticks.decide("yes"),
    refuse_many: () => this.ticks.decide("no"),
    load: () => this.#load(),
    filter: () => this.querySelector("#section").focus(),
    held: () => this.tabs.open("held"),
    reported: () => this.tabs.open("reported"),
    newest: () => this.tabs.open("newest"),
    all: () => this.tabs.open("all"),
    map: () => this.#showMap(),
  };

  connectedCallback() {
    this.me = Number(this.getAttribute("me"));
    this.foot = this.querySelector("[data-foot]");
    this.foot.hidden = false;
    this.classList.add("is-live");
    this.rows = new Rows(this, { onRefuse: (card, action, said) => this.#decide(card, action, said) });
    this.claims = new Claims(this.me);
    this.around = new Around(this.querySelector("[data-around]"));
    this.decisions = new Decisions(this.foot, {
      onMade: (card, action, reason) => this.outcomes.fold(card, say("queue_you"), { action, reason }),
      onRefused: (card, problem) => this.outcomes.refused(card, problem),
      onUndone: (card, isDecided) => this.#undone(card, isDecided),
    });
    this.outcomes = new Outcomes(this);
    this.sheet = new Sheet(this, {
      onEdited: (card, answer) => this.#edited(card, answer),
      onHanded: (card, { handed }) => this.#handed(card, handed),
    });
    this.#listen();
    this.swipe = new Swipe(this.rows.list, {
      cardOf: (element) => this.rows.of(element),
      onYes: (card) => this.#approve(card),
      onNo: (card) => card.palette?.open(),
    });
    this.arrivals = new Arrivals(this);
    this.keys = new Keys(this.#deeds);
    const { open } = this.rows;
    const first = open.find((each) => !each.isOthers) ?? open[0];
    if (first) this.#turnTo(first);
    else this.#thumb.hidden = true;
  }

  /** The page that shows what it shows. */
  get address() {
    return location.href;
  }

  #listen() {
    this.addEventListener("submit", (event) => this.#onSubmit(event));
    this.addEventListener("click", (event) => this.#onClick(event));
    this.addEventListener("focusin", ({ target }) => {
      const card = this.rows.of(target);
      if (card && card !== this.current) this.#turnTo(card);
    });
    addEventListener("pagehide", () => {
      this.decisions.flush();
      this.claims.give({ keepalive: true });
    });
  }

  #onSubmit(event) {
    const card = this.rows.of(event.target);
    if (!card) return;
    event.preventDefault();
    const action = event.submitter?.value;
    if (action === card.yes) this.#approve(card);
  }

  #onClick(event) {
    const deed = event.target.closest("a[data-link]")?.dataset.link;
    if (["edit", "hand"].includes(deed) && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      return this.sheet.open(this.rows.of(event.target), deed);
    }
    const button = event.target.closest("button");
    if (button?.dataset.deed) this.#deeds[button.dataset.deed]();
    else if (button?.hasAttribute("data-load")) this.#load();
    else if (button?.hasAttribute("data-close")) button.closest("dialog").close();
    return undefined;
  }

  // --- the focus

  /** Moves the focus to a card. */
  focusOn(card) {
    this.#turnTo(card);
    card.body.focus({ preventScroll: true });
    card.element.scrollIntoView({ block: "start" });
  }

  #turnTo(card) {
    this.current?.element.removeAttribute("aria-current");
    this.current = card;
    card.element.setAttribute("aria-current", "true");
    this.claims.take(card);
    const ahead = this.#behind(card);
    this.around.show(card, ahead);
    if (ahead.length < FEW) this.rows.more().catch(() => {});
    if (card.isStale && card.isOpen) this.rows.renew([card.id]).catch(() => {});
    this.#thumb.hidden = false;
    const thumb = (deed) => this.#thumb.querySelector(`[data-deed="${deed}"]`);
    for (const [deed, action] of [["refuse", card.no], ["approve", card.yes]]) {
      thumb(deed).disabled = !action;
      if (action) thumb(deed).textContent = card.labelOf(action);
    }
  }

  get #thumb() {
    return this.foot.querySelector("[data-thumb]");
  }

  #behind(card) {
    const { all } = this.rows;
    return all.slice(all.indexOf(card) + 1).filter((each) => each.isOpen);
  }

  async #go(step) {
    if (step > 0 && this.current && !this.current.isOpen) return this.#moveOn(); // which says when nothing is left
    const { all } = this.rows;
    const at = all.indexOf(this.current);
    const next = step > 0 ? await this.#next() : all.slice(0, Math.max(at, 0)).findLast((each) => each.isOpen);
    if (next) this.focusOn(next);
    return undefined;
  }

  /** What comes after the current card: what nobody reads first, then from the beginning, at last what others read. */
  async #next() {
    const free = (cards) => cards.find((each) => !each.isOthers);
    const found = free(this.#behind(this.current));
    if (found || !this.current) return found ?? this.rows.open[0];
    if (await this.rows.more().catch(() => false)) return this.#next();
    const open = this.rows.open.filter((each) => each !== this.current);
    return free(open) ?? open[0];
  }

  async #moveOn() {
    const next = await this.#next();
    if (next) return this.focusOn(next);
    this.claims.give();
    this.around.clear();
    this.current.element.removeAttribute("aria-current");
    this.current = null;
    this.#thumb.hidden = true;
    this.announce(say("queue_end"));
    const [pill, empty] = [this.querySelector("[data-load]"), this.querySelector("[data-empty]")];
    empty.hidden = false;
    return (pill.hidden ? empty : pill).focus();
  }

  // --- deeds

  #decide(card, action, said) {
    if (!card?.isOpen || !action) return;
    this.#turnAwayFrom(card);
    this.decisions.decide(card, action, said);
    this.around.forget(card);
    this.announce(this.decisions.said.textContent);
    if (card === this.current) this.#moveOn();
  }

  /** Its author is told nothing, so of what was typed only the note counts. */
  #approve(card) {
    const { note } = card?.said ?? {};
    this.#decide(card, card?.yes, note ? { note } : {});
  }

  /** A text that waits still waits; reports of it are answered by the change. */
  async #edited(card, answer) {
    this.decisions.made(card, "edit", answer);
    this.announce(this.decisions.said.textContent);
    this.around.forget(card);
    const [gone] = await this.rows.renew([card.id]).catch(() => []);
    if (gone && gone.state !== "folded") this.outcomes.fold(gone, say("queue_you"), { action: "edit" });
    if (gone && gone === this.current) this.#moveOn();
  }

  #handed(card, handed) {
    this.outcomes.handed(card, handed);
    const sentence = say("queue_done_hand", { to: handed.to?.name ?? "–" });
    this.decisions.tell(sentence);
    this.announce(sentence);
    if (card === this.current) this.#go(1);
  }

  #turnAwayFrom(card) {
    card.complain("");
    card.palette?.close();
  }

  #openPalette(field = null) {
    if (this.current?.isOpen) this.current.palette?.open(field);
  }

  #skip() {
    if (!this.current) return;
    this.current.palette?.close();
    this.#go(1);
  }

  #turnToContext() {
    const { pane } = this.around;
    if (pane.contains(document.activeElement)) return this.current && this.focusOn(this.current);
    pane.focus();
    return undefined;
  }

  #openTab(name) {
    const address = this.current?.link(name);
    if (address) open(address, "_blank", "noopener");
  }

  #showMap() {
    const dialog = this.querySelector("[data-map]");
    drawMap(dialog.querySelector("[data-map-rows]"));
    dialog.showModal();
  }

  async #load() {
    const ids = this.arrivals.take();
    if (!ids.length) return this.announce(say("queue_none_new"));
    const cards = await this.rows.add(ids, this.current);
    if (cards.length) this.querySelector("[data-empty]").hidden = true;
    this.announce(say("new_cases", { n: cards.length }));
    if (!this.current && cards.length) this.focusOn(cards[0]);
    return undefined;
  }

  async #undone(card, isDecided = false) {
    this.querySelector("[data-empty]").hidden = true;
    if (isDecided) await this.rows.renew([card.id]).catch(() => card.open());
    this.announce(say("queue_undone"));
    this.focusOn(card);
  }

  // --- what the page says

  showNew() {
    const pill = this.querySelector("[data-load]");
    pill.hidden = this.arrivals.number === 0;
    pill.textContent = say("new_lines", { n: this.arrivals.number });
  }

  showLost(isLost) {
    this.querySelector("[data-lost]").hidden = !isLost;
  }

  /** To those who listen. */
  announce(sentence) {
    this.querySelector("[data-announce]").textContent = sentence;
  }
}

customElements.define("newsroom-queue", NewsroomQueue);
