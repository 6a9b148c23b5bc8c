/*
 * <newsroom-discussion>: the comments under an article, live. The server drew them; this element places what comes
 * after, loads older pages where the reader stands, and lets people write, reply, edit and withdraw in place.
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
import { nextInThread } from "./thread.js";

const EDIT_CHECK_MS = 10_000;

class NewsroomDiscussion extends HTMLElement {
  #replies = new Map(); // id of a top-level comment → LiveList of its replies
  #unfollow = null;
  #timer = 0;
  #loaded = null; // told of each further page

  connectedCallback() {
    this.drawing = new CommentDrawing(this);
    this.list = new LiveList({
      root: this.querySelector("[data-list]"),
      draw: (comment) => this.drawing.draw(comment),
      redraw: (element, comment) => this.drawing.redraw(element, comment),
      descending: this.getAttribute("sort") !== "oldest",
      isRanked: this.getAttribute("sort") === "best",
      isCut: (end) => !this.#pager(end === "start" ? "previous" : "next").hidden,
    });
    this.pending = new Pending(this.drawing);
    const form = this.querySelector("form[data-composer]");
    this.#compose(form, Number(form?.elements.parent.value) || null);
    this.deeds = new CommentDeeds(this);
    this.own = new OwnComments(this, {
      discussion: Number(this.getAttribute("discussion")),
      me: this.drawing.viewer.me,
      onDecided: (key) => this.pending.settle(key),
    });
    this.own.follow();
    this.addEventListener("click", (event) => this.#onClick(event));
    this.#loaded = keepPlace("discussion", { load: (what) => this.#loadAgain(what) });
    this.#follow();
    this.#timer = setInterval(() => this.#refreshActions(), EDIT_CHECK_MS);
    this.#refreshActions();
  }

  disconnectedCallback() {
    this.#unfollow?.();
    this.own.end();
    clearInterval(this.#timer);
  }

  get discussion() {
    return Number(this.getAttribute("discussion"));
  }

  /** Shows a comment as an event or an answer gives it, at its place. → its element or null. */
  place(comment, { key = null, force = false } = {}) {
    const isMine = this.pending.settle(key); // whichever comes first, its event or the answer: it stands in sight
    const element = comment.root ? this.#placeReply(comment) : this.#placeTop(comment, force || isMine);
    if (comment.comment_count !== undefined) this.#count(comment.comment_count);
    for (const [id, n] of Object.entries(comment.reply_counts ?? {})) this.#countReplies(id, n);
    return element;
  }

  /** Opens a copy of the composer beneath a comment; Escape or its button closes it. */
  reply(element, id, quoted = "") {
    this.querySelector("[data-reply-form]")?.remove();
    const form = this.querySelector("form[data-composer]").cloneNode(true);
    form.id = "";
    form.dataset.replyForm = "";
    for (const each of form.querySelectorAll("[id]")) each.id += "-reply";
    form.querySelector("label").htmlFor = "composer-text-reply";
    form.querySelector("label").textContent = say("your_reply");
    form.elements.text.setAttribute("aria-describedby", "composer-error-reply composer-help-reply");
    form.elements.text.value = "";
    element.querySelector(".comment-box").after(form);
    const close = () => {
      form.remove();
      element.querySelector('[data-action="reply"]')?.focus();
    };
    const composer = this.#compose(form, id, close);
    if (quoted) composer.quote(quoted);
    else composer.focus();
  }

  #compose(form, parent, close = null) {
    if (!form) return null;
    return new Composer(form, {
      discussion: this.discussion,
      parent,
      onCancel: close,
      onPending: (draft) => this.pending.show(draft, this.#placeFor(parent)),
      onFailed: (key) => this.pending.settle(key),
      onDone: (status, comment, key) => {
        if (status === 202) this.#hold(key);
        else this.place(comment, { key, force: true })?.scrollIntoView({ block: "nearest", behavior: "smooth" });
        this.#say(say(status === 202 ? "held" : "posted"));
        close?.();
      },
    });
  }

  #placeFor(parent) {
    if (!parent) return { list: this.list.root, atStart: this.list.descending };
    const top = this.#topOf(parent);
    return { list: top.querySelector("[data-replies]"), atStart: false };
  }

  /** On the page of one thread other threads are not shown. */
  #placeTop(comment, force) {
    const isElsewhere = this.hasAttribute("root") && comment.id !== Number(this.getAttribute("root"));
    return isElsewhere ? null : this.list.place(comment, { force });
  }

  #placeReply(comment) {
    const top = this.#topOf(comment.root);
    return top ? this.#repliesOf(top).place(comment) : null;
  }

  #topOf(id) {
    return this.querySelector(`#comment-${Number(id)}`)?.closest("[data-list] > li") ?? null;
  }

  #repliesOf(top) {
    const { id } = top.dataset;
    const root = top.querySelector("[data-replies]");
    if (this.#replies.get(id)?.root !== root) {
      const { draw, redraw } = this.list;
      const nextOf = (element, rows) => nextInThread(element, rows, id, Number(this.getAttribute("depth")));
      this.#replies.set(id, new LiveList({ root, draw, redraw, descending: false, isCut: () => false, nextOf }));
    }
    return this.#replies.get(id);
  }

  #count(n) {
    this.querySelector("[data-comment-count]").textContent = say("comments", { n });
    this.querySelector("[data-empty]").hidden = this.list.size > 0;
  }

  #countReplies(id, n) {
    const top = this.list.find(id);
    const link = top?.querySelector("[data-more]");
    if (!link) return;
    const shown = top.querySelectorAll('[data-replies] > [data-state="published"]').length;
    link.hidden = n <= shown;
    link.textContent = say("replies_more", { n: Math.max(0, n - shown) });
  }

  #hold(key) {
    this.pending.hold(key);
    this.own.load();
  }

  #follow() {
    const stream = this.getAttribute("stream");
    this.#unfollow = live.follow(stream, {
      epoch: this.getAttribute("epoch"),
      offset: Number(this.getAttribute("offset")),
      onEvent: (event) => this.#onEvent(event),
      onReset: () => this.#reload(),
      onLost: () => showState(this, { state: "closed", reason: "unavailable" }),
    });
  }

  #onEvent(event) {
    if (event.kind.startsWith("comment.")) {
      if (!event.data.id) return;
      const isNew = event.kind === "comment.posted" && !this.list.find(event.data.id);
      const element = this.place(event.data, { key: event.key });
      const { me } = this.drawing.viewer;
      const isOwn = me !== null && event.data.author?.id === me;
      if (isNew && element && !isOwn) this.#announce(element);
    } else if (event.kind === "discussion.rebuilt") {
      this.#reload();
    } else if (event.kind.startsWith("discussion.")) {
      showState(this, event.data);
    }
  }

  #announce(element) {
    element.classList.add("is-new");
    const author = element.querySelector('[data-field="author"]').textContent;
    this.#say(say("new_comment_by", { name: author }));
  }

  /** To those who listen. */
  #say(sentence) {
    this.querySelector("[data-announce]").textContent = sentence;
  }

  /** The stream cannot be continued: the list comes anew over HTTP, what somebody is writing stays. */
  async #reload() {
    this.#unfollow?.();
    try {
      const fresh = await elementOf(location.href, "newsroom-discussion");
      this.#replies.clear();
      this.list.replace([...fresh.querySelectorAll("[data-list] > li")]);
      for (const name of ["data-comment-count", "data-next", "data-previous"]) this.#copy(fresh, `[${name}]`);
      for (const name of ["epoch", "offset"]) this.setAttribute(name, fresh.getAttribute(name));
      this.querySelector("[data-empty]").hidden = this.list.size > 0;
      refresh(this);
      this.#refreshActions();
      this.#follow();
    } catch {
      setTimeout(() => this.#reload(), 2000 + Math.random() * 3000);
    }
  }

  #copy(fresh, selector) {
    const theirs = fresh.querySelector(selector);
    if (theirs) this.querySelector(selector)?.replaceWith(document.adoptNode(theirs));
  }

  #onClick(event) {
    if (this.deeds.reactions.take(event)) return;
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (link.closest("[data-next], [data-previous]")) {
      event.preventDefault();
      this.#loadPage(link);
    } else if (link.matches("[data-more]")) {
      event.preventDefault();
      this.#loadReplies(link);
    } else if (link.dataset.action && this.deeds.take(link)) {
      event.preventDefault();
    }
  }

  /** Somebody has come back, and this had been loaded: "next", "previous", or the id of a thread. */
  async #loadAgain(what) {
    const isPage = what === "next" || what === "previous";
    const link = isPage ? this.#pager(what).querySelector("a") : this.list.find(what)?.querySelector("[data-more]");
    if (!link || link.closest("[hidden]")) return false;
    return isPage ? this.#loadPage(link, { isBack: true }) : this.#loadReplies(link, { isBack: true });
  }

  async #loadPage(link, { isBack = false } = {}) {
    const pager = link.closest("[data-next], [data-previous]");
    const isNext = pager.hasAttribute("data-next");
    const fresh = await this.#fetch(link, "newsroom-discussion");
    if (!fresh) return false;
    const rows = this.hasAttribute("root") ? this.#adoptReplies(this.list.rows()[0], fresh) : this.list.adopt([...fresh.querySelectorAll("[data-list] > li")], { atStart: !isNext });
    this.#copy(fresh, isNext ? "[data-next]" : "[data-previous]");
    this.#settleIn(rows, isNext ? "next" : "previous", isBack);
    return true;
  }

  async #loadReplies(link, { isBack = false } = {}) {
    const top = link.closest("[data-list] > li");
    const fresh = await this.#fetch(link, "newsroom-discussion");
    if (!fresh) return false;
    const rows = this.#adoptReplies(top, fresh);
    const next = fresh.querySelector("[data-next] a");
    link.hidden = fresh.querySelector("[data-next]")?.hidden ?? true;
    if (next) link.href = next.href;
    this.#settleIn(rows, top.dataset.id, isBack);
    return true;
  }

  #adoptReplies(top, fresh) {
    return this.#repliesOf(top).adopt([...fresh.querySelectorAll("[data-replies] > li")]);
  }

  #settleIn(rows, what, isBack) {
    this.#loaded(what);
    for (const row of rows) refresh(row);
    this.#refreshActions();
    if (!isBack) rows[0]?.querySelector(".comment-box").focus({ preventScroll: true });
  }

  async #fetch(link, selector) {
    if (link.getAttribute("aria-busy") === "true") return null;
    const words = link.textContent;
    link.setAttribute("aria-busy", "true");
    link.textContent = say("loading");
    try {
      return await elementOf(link.href, selector);
    } catch {
      this.#say(say("load_failed"));
      return null;
    } finally {
      link.textContent = words;
      link.removeAttribute("aria-busy");
    }
  }

  #refreshActions() {
    this.drawing.refreshOwn(this);
  }

  #pager(name) {
    return this.querySelector(`[data-${name}]`);
  }
}

customElements.define("newsroom-discussion", NewsroomDiscussion);
