/*
 * What <newsroom-discussion> and <newsroom-chat> have in common. The server drew the comments and said at which place
 * of the discussion's stream; this element goes on from there: it places what comes, shows what is on its way and what
 * its author alone sees, says whether one may write, and loads the list anew where the stream cannot be continued.
 */
import { elementOf } from "../newsroom/api.js";
import { LiveList } from "../newsroom/list.js";
import { live } from "../newsroom/live.js";
import { refresh } from "../newsroom/time.js";
import { say } from "../newsroom/words.js";
import { CommentDeeds } from "./deeds.js";
import { CommentDrawing } from "./comment.js";
import { Composer } from "./composer.js";
import { OwnComments } from "./own.js";
import { Pending } from "./pending.js";
import { PinnedComments } from "./pinned.js";
import { showState } from "./state.js";

const EDIT_CHECK_MS = 10_000;

/** An element says what differs: the getters `listing`, `pagers` and `counted`, and the methods marked as its own. */
export class CommentStream extends HTMLElement {
  #unfollow = null;
  #timer = 0;

  connectedCallback() {
    const [before, after] = this.pagers;
    this.drawing = new CommentDrawing(this);
    this.list = new LiveList({
      root: this.querySelector("[data-list]"),
      draw: (comment) => this.drawing.draw(comment),
      redraw: (element, comment) => this.drawing.redraw(element, comment),
      isCut: (end) => !this.pager(end === "start" ? before : after).hidden,
      ...this.listing,
    });
    this.pending = new Pending(this.drawing);
    this.pinned = new PinnedComments(this);
    this.deeds = new CommentDeeds(this);
    this.own = new OwnComments(this, {
      discussion: this.discussion,
      me: this.drawing.viewer.me,
      onDecided: (key) => this.pending.settle(key),
    });
    this.own.follow();
    this.drawing.ignored.follow();
    this.addEventListener("click", (event) => this.#onClick(event));
    this.begin();
    this.#follow();
    this.#timer = setInterval(() => this.#refreshActions(), EDIT_CHECK_MS);
    this.#refreshActions();
  }

  disconnectedCallback() {
    this.#unfollow?.();
    this.own.end();
    this.drawing.ignored.end();
    clearInterval(this.#timer);
  }

  get discussion() {
    return Number(this.getAttribute("discussion"));
  }

  /** The address of the list: beside another page it says so itself. */
  get page() {
    return this.getAttribute("src") ?? location.href;
  }

  /** How the list is ordered: LiveList's descending and isRanked. Its own. */
  get listing() {
    return { descending: false };
  }

  /** The names of the links to what stands before the list and after it: [data-previous], [data-next]. Its own. */
  get pagers() {
    return ["previous", "next"];
  }

  /** The name of the sentence that counts: words.js. Its own. */
  get counted() {
    return "comments";
  }

  /** The list stands, the stream is not followed yet: what else there is to listen to. Its own. */
  begin() {}

  /** Puts a comment into its list. → its element, or null where it is not shown. Its own. */
  put(comment, { force }) {
    return this.list.place(comment, { force });
  }

  /** Opens the composer to answer a comment, with what is quoted of it. Its own. */
  reply() {}

  /** Loads what a link leads to, if that is more of the list. → whether it does. Its own. */
  turn() {
    return false;
  }

  /** An event brought a comment. → its element or null. */
  receive({ data, key }) {
    return this.place(data, { key });
  }

  /** Shows a comment as an event or an answer gives it, at its place. → its element or null. */
  place(comment, { key = null, force = false } = {}) {
    if (key) this.#outbox?.settle(key);
    const isMine = this.pending.settle(key); // whichever comes first, its event or the answer: it stands in sight
    const element = this.put(comment, { force: force || isMine, isMine });
    this.pinned.place(comment);
    if (comment.comment_count !== undefined) this.#count(comment.comment_count);
    this.#showEmptiness();
    return element;
  }

  /** A form that writes comments here; onPending(draft) shows one on its way, onDone(element, isHeld) comes after. */
  compose(form, { parent = null, onCancel = null, onPending, onDone }) {
    if (!form) return null;
    return new Composer(form, {
      discussion: this.discussion,
      parent,
      onCancel,
      onPending,
      onFailed: (key) => this.pending.settle(key),
      onLost: (draft) => {
        this.#outbox?.keep(draft);
        return this.#outbox !== null;
      },
      onDone: (status, comment, key) => {
        const isHeld = status === 202;
        if (isHeld) this.#hold(key);
        onDone(isHeld ? null : this.place(comment, { key, force: true }), isHeld);
      },
    });
  }

  /** Where a line on its way stands: {list, atStart}. Its own. */
  placeFor() {
    return { list: this.list.root, atStart: this.list.descending };
  }

  /** What waited to be sent has been taken. */
  arrive(isHeld, comment, key) {
    if (isHeld) this.#hold(key);
    else this.place(comment, { key, force: true });
  }

  /** Of those who are logged in, whose script defines it. */
  get #outbox() {
    return this.querySelector("newsroom-outbox:defined");
  }

  pager(name) {
    return this.querySelector(`[data-${name}]`);
  }

  /** This element as the page has it to which a link leads; null if it is being loaded already, or cannot be. */
  async fetch(link) {
    if (link.getAttribute("aria-busy") === "true") return null;
    const words = link.textContent;
    link.setAttribute("aria-busy", "true");
    link.textContent = say("loading");
    try {
      return await elementOf(link.href, this.localName);
    } catch {
      this.announce(say("load_failed"));
      return null;
    } finally {
      link.textContent = words;
      link.removeAttribute("aria-busy");
    }
  }

  /** Takes over a part of a page that was fetched. */
  copy(fresh, selector) {
    const theirs = fresh.querySelector(selector);
    if (theirs) this.querySelector(selector)?.replaceWith(document.adoptNode(theirs));
  }

  /** Rows have come from another page. */
  settleIn(rows) {
    refresh(rows);
    this.#refreshActions();
  }

  /** To those who listen. */
  announce(sentence) {
    const voice = this.querySelector("[data-announce]");
    if (voice) voice.textContent = sentence;
  }

  #follow() {
    this.#unfollow = live.follow(this.getAttribute("stream"), {
      epoch: this.getAttribute("epoch"),
      offset: Number(this.getAttribute("offset")),
      onEvent: (event) => this.#onEvent(event),
      onReset: () => this.loadAnew(),
      onLost: () => showState(this, { state: "closed", reason: "unavailable" }),
    });
  }

  #onEvent(event) {
    if (event.kind.startsWith("comment.")) {
      if (event.data.id) this.receive(event);
    } else if (event.kind === "discussion.rebuilt") {
      this.loadAnew();
    } else if (event.kind.startsWith("discussion.")) {
      showState(this, event.data);
    }
  }

  #onClick(event) {
    if (this.deeds.reactions.take(event)) return;
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (this.turn(link) || (link.dataset.action && this.deeds.take(link))) event.preventDefault();
  }

  /** The list comes anew over HTTP, as where the stream cannot be continued; what somebody is writing stays. */
  async loadAnew() {
    this.#unfollow?.();
    try {
      const fresh = await elementOf(this.page, this.localName);
      this.list.replace([...fresh.querySelectorAll("[data-list] > li")]);
      for (const name of ["comment-count", "pinned", ...this.pagers]) this.copy(fresh, `[data-${name}]`);
      this.pinned.begin();
      for (const name of ["epoch", "offset"]) this.setAttribute(name, fresh.getAttribute(name));
      this.#showEmptiness();
      refresh([this]);
      this.#refreshActions();
      this.#follow();
    } catch {
      setTimeout(() => this.loadAnew(), 2000 + Math.random() * 3000);
    }
  }

  #hold(key) {
    this.pending.hold(key);
    this.own.load();
  }

  #count(n) {
    const page = this.closest("[data-view]") ?? document.querySelector("main");
    for (const each of page.querySelectorAll("[data-comment-count]")) each.textContent = say(this.counted, { n });
  }

  #showEmptiness() {
    this.querySelector("[data-empty]").hidden = this.list.size > 0;
  }

  #refreshActions() {
    this.drawing.refreshOwn(this);
  }
}
