/*
 * <newsroom-chat>: a live chat, oldest on top. The log stands at its newest line (the style sheet reverses it, so
 * that holds without this script) and stays there unless the reader has scrolled up; then a button counts what is new.
 */
import { elementOf } from "../newsroom/api.js";
import { LiveList } from "../newsroom/list.js";
import { live } from "../newsroom/live.js";
import { keepPlace } from "../newsroom/place.js";
import { refresh } from "../newsroom/time.js";
import { say } from "../newsroom/words.js";
import { CommentDeeds } from "./deeds.js";
import { CommentDrawing } from "./comment.js";
import { Composer } from "./composer.js";
import { OwnComments } from "./own.js";
import { Pending } from "./pending.js";
import { showState } from "./state.js";

const AT_END_PX = 48;
const EDIT_CHECK_MS = 10_000;

class NewsroomChat extends HTMLElement {
  #unfollow = null;
  #unread = 0;
  #timer = 0;
  #loading = false;
  #loaded = null; // told of each further page

  connectedCallback() {
    this.log = this.querySelector("[data-log]");
    this.jump = this.querySelector("[data-jump]");
    this.drawing = new CommentDrawing(this);
    this.list = new LiveList({
      root: this.querySelector("[data-list]"),
      draw: (comment) => this.drawing.draw(comment),
      redraw: (element, comment) => this.drawing.redraw(element, comment),
      descending: false,
      isCut: (end) => !this.querySelector(end === "start" ? "[data-earlier]" : "[data-later]").hidden,
    });
    this.pending = new Pending(this.drawing);
    this.deeds = new CommentDeeds(this);
    this.own = new OwnComments(this, {
      discussion: Number(this.getAttribute("discussion")),
      me: this.drawing.viewer.me,
      onDecided: (key) => this.pending.settle(key),
    });
    this.own.follow();
    this.#compose();
    this.addEventListener("click", (event) => this.#onClick(event));
    this.jump.addEventListener("click", () => this.#toEnd());
    this.log.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.#loaded = keepPlace("chat", { load: (what) => this.#load(this.querySelector(`[data-${what}]`)), scroller: this.log });
    this.#follow();
    this.#timer = setInterval(() => this.#refreshActions(), EDIT_CHECK_MS);
    this.#refreshActions();
  }

  disconnectedCallback() {
    this.#unfollow?.();
    this.own.end();
    clearInterval(this.#timer);
  }

  /** Shows a line as an event or an answer gives it. → its element or null. */
  place(comment, { key = null, force = false } = {}) {
    const isMine = this.pending.settle(key);
    const wasAtEnd = this.#isAtEnd();
    const isNew = !this.list.find(comment.id);
    const element = this.list.place(comment, { force: force || isMine });
    if (comment.comment_count !== undefined) this.#count(comment.comment_count);
    if (element && isNew && !wasAtEnd && !isMine) this.#more(1);
    this.querySelector("[data-empty]").hidden = this.list.size > 0;
    return element;
  }

  /** A line quotes another in the one composer there is. */
  reply(element, id, quoted = "") {
    this.composer?.quote(quoted);
  }

  #compose() {
    const form = this.querySelector("form[data-composer]");
    if (!form) return;
    this.composer = new Composer(form, {
      discussion: Number(this.getAttribute("discussion")),
      onPending: (draft) => {
        this.pending.show(draft, { list: this.list.root, atStart: false });
        this.#toEnd();
      },
      onFailed: (key) => this.pending.settle(key),
      onDone: (status, comment, key) => {
        if (status === 202) this.#hold(key);
        else this.place(comment, { key, force: true });
        this.#toEnd();
        form.elements.text.focus({ preventScroll: true });
      },
    });
  }

  #hold(key) {
    this.pending.hold(key);
    this.own.load();
  }

  #follow() {
    this.#unfollow = live.follow(this.getAttribute("stream"), {
      epoch: this.getAttribute("epoch"),
      offset: Number(this.getAttribute("offset")),
      onEvent: (event) => this.#onEvent(event),
      onReset: () => this.#reload(),
      onLost: () => showState(this, { state: "closed", reason: "unavailable" }),
    });
  }

  #onEvent({ kind, data, key }) {
    if (kind.startsWith("comment.") && data.id) this.place(data, { key });
    else if (kind === "discussion.rebuilt") this.#reload();
    else if (kind.startsWith("discussion.")) showState(this, data);
  }

  async #reload() {
    this.#unfollow?.();
    try {
      const fresh = await elementOf(location.href, "newsroom-chat");
      this.list.replace([...fresh.querySelectorAll("[data-list] > li")]);
      for (const name of ["[data-earlier]", "[data-later]", "[data-comment-count]"]) this.#copy(fresh, name);
      for (const name of ["epoch", "offset"]) this.setAttribute(name, fresh.getAttribute(name));
      refresh(this);
      this.#refreshActions();
      this.#follow();
    } catch {
      setTimeout(() => this.#reload(), 2000 + Math.random() * 3000);
    }
  }

  #copy(fresh, selector) {
    const theirs = fresh.querySelector(selector);
    if (theirs) this.querySelector(selector).replaceWith(document.adoptNode(theirs));
  }

  #onClick(event) {
    if (this.deeds.reactions.take(event)) return;
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const pager = link.closest("[data-earlier], [data-later]");
    if (pager) {
      event.preventDefault();
      this.#load(pager);
    } else if (link.dataset.action && this.deeds.take(link)) {
      event.preventDefault();
    }
  }

  async #load(pager) {
    if (this.#loading || pager.hidden) return false;
    this.#loading = true;
    const what = pager.hasAttribute("data-earlier") ? "earlier" : "later";
    const link = pager.querySelector("a");
    const words = link.textContent;
    link.textContent = say("loading");
    try {
      const fresh = await elementOf(link.href, "newsroom-chat");
      const rows = this.list.adopt([...fresh.querySelectorAll("[data-list] > li")]);
      this.#copy(fresh, `[data-${what}]`);
      this.#loaded(what);
      for (const row of rows) refresh(row);
      this.#refreshActions();
      return true;
    } catch {
      link.textContent = words;
      return false;
    } finally {
      this.#loading = false;
    }
  }

  /** The log is a reversed column: scrollTop is 0 at the newest line and falls below it. */
  #isAtEnd() {
    return this.log.scrollTop > -AT_END_PX && this.querySelector("[data-later]").hidden;
  }

  #toEnd() {
    this.log.scrollTop = 0;
    this.#more(-this.#unread);
  }

  #onScroll() {
    if (this.#isAtEnd()) this.#more(-this.#unread);
    const isNearTop = this.log.scrollHeight + this.log.scrollTop - this.log.clientHeight < 200;
    const earlier = this.querySelector("[data-earlier]");
    if (isNearTop && !earlier.hidden) this.#load(earlier);
  }

  #more(n) {
    this.#unread += n;
    this.jump.hidden = this.#unread === 0;
    this.jump.textContent = `↓ ${say("new_lines", { n: this.#unread })}`;
  }

  #count(n) {
    this.querySelector("[data-comment-count]").textContent = say("messages", { n });
  }

  #refreshActions() {
    this.drawing.refreshOwn(this);
  }
}

customElements.define("newsroom-chat", NewsroomChat);
