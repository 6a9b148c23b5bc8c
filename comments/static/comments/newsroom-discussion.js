/*
 * <newsroom-discussion>: the comments under an article, live. Replies stand beneath what they answer, older pages load
 * where the reader stands, and people write, reply, edit and withdraw in place.
 */
import { LiveList } from "../newsroom/list.js";
import { Pill } from "../newsroom/pill.js";
import { keepPlace } from "../newsroom/place.js";
import { Stretch } from "../newsroom/stretch.js";
import { say } from "../newsroom/words.js";
import { followForeignAnchor } from "./anchors.js";
import { Branches } from "./branches.js";
import { CommentStream } from "./stream.js";
import { nextInThread } from "./thread.js";
import { Unread } from "./unread.js";

const MOST_REPLIES = 200; // of one comment, as far as they come by themselves

class NewsroomDiscussion extends CommentStream {
  #replies = new WeakMap(); // the list of a top-level comment's replies → its LiveList
  #loaded = null; // told of each further page

  get listing() {
    const sort = this.getAttribute("sort");
    return { descending: sort !== "oldest", isRanked: sort === "best", onWait: () => this.pill.show() };
  }

  begin() {
    this.pill = new Pill(this.list, "new_comments", {
      onShown: (rows) => this.#shown(rows),
      loadAnew: () => this.loadAnew(),
    });
    this.branches = new Branches(this.list.root);
    if (!this.hasAttribute("root")) this.unread = new Unread(this, this.drawing.viewer.me);
    const form = this.querySelector("form[data-composer]");
    this.#compose(form, Number(form?.elements.parent.value) || null);
    if (this.getAttribute("sort") !== "best") this.stretch = this.#stretchOf();
    void followForeignAnchor(this.discussion);
    this.#loaded = keepPlace("discussion", { host: this, load: (what) => this.#loadAgain(what) });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.branches.end();
    this.stretch?.end();
    this.unread?.end();
  }

  settleIn(rows) {
    super.settleIn(rows);
    this.unread?.mark(rows);
  }

  receive(event) {
    const isNew = event.kind === "comment.posted" && !this.list.find(event.data.id);
    const element = super.receive(event);
    const { me } = this.drawing.viewer;
    const isOwn = me !== null && event.data.author?.id === me;
    if (isNew) this.stretch?.shorten();
    if (isNew && element && !isOwn && !this.drawing.ignored.has(event.data.author?.id)) this.#announceNew(element);
    return element;
  }

  put(comment, { force }) {
    const element = comment.root ? this.#placeReply(comment, force) : this.#placeTop(comment, force);
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
    const [label, { text }] = [form.querySelector("label"), form.elements];
    label.htmlFor = text.id;
    label.textContent = say("your_reply");
    text.setAttribute("aria-describedby", text.getAttribute("aria-describedby").replace(/\S+/g, "$&-reply"));
    text.value = "";
    element.querySelector(".comment-box").after(form);
    const close = () => {
      form.remove();
      element.querySelector('[data-action="reply"]')?.focus();
    };
    const composer = this.#compose(form, id, close);
    if (quoted) composer.quote(quoted);
    else composer.focus();
    form.scrollIntoView({ block: "nearest" }); // with its buttons
  }

  turn(link) {
    if (link.closest("[data-next], [data-previous]")) this.#turnPage(link);
    else if (link.matches("[data-more]")) this.#loadReplies(link);
    else return false;
    return true;
  }

  /** What stands in the page of the list, which on the page of one thread is that of its replies. */
  #stretchOf() {
    return new Stretch(this.hasAttribute("root") ? this.#repliesOf(this.list.rows()[0]) : this.list, {
      page: this.page,
      pager: (end) => this.pager(end === "start" ? "previous" : "next"),
      load: (pager) => this.#turnPage(pager.querySelector("a"), { isBack: true }),
      scroller: this.closest("[data-body]"),
    });
  }

  async #turnPage(link, options) {
    if (await this.#loadPage(link, options)) this.stretch?.shorten();
  }

  #compose(form, parent, close = null) {
    return this.compose(form, {
      parent,
      onCancel: close,
      onPending: (draft) => this.pending.show(draft, this.placeFor(parent)),
      onDone: (element, isHeld) => {
        element?.scrollIntoView({ block: "nearest", behavior: "smooth" });
        this.announce(say(isHeld ? "held" : "posted"));
        close?.();
      },
    });
  }

  placeFor(parent) {
    const top = parent && this.#topOf(parent);
    if (!top) return { list: this.list.root, atStart: this.list.descending };
    return { list: top.querySelector("[data-replies]"), atStart: false };
  }

  /** On the page of one thread other threads are not shown. */
  #placeTop(comment, force) {
    const isElsewhere = this.hasAttribute("root") && comment.id !== Number(this.getAttribute("root"));
    return isElsewhere ? null : this.list.place(comment, { force });
  }

  #placeReply(comment, force) {
    const top = this.#topOf(comment.root);
    return top ? this.#repliesOf(top).place(comment, { force }) : null;
  }

  #topOf(id) {
    return this.querySelector(`#comment-${Number(id)}`)?.closest("[data-list] > li") ?? null;
  }

  #repliesOf(top) {
    const { id } = top.dataset;
    const root = top.querySelector("[data-replies]");
    if (!this.#replies.has(root)) {
      const { draw, redraw } = this.list;
      const nextOf = (element, rows) => nextInThread(element, rows, id, Number(this.getAttribute("depth")));
      const onWait = () => this.pill.show();
      const isCut = (end) => end === "end" && this.#endsAt(list);
      const list = new LiveList({ root, draw, redraw, descending: false, isCut, nextOf, onWait });
      this.#replies.set(root, list);
      this.pill.watch(list);
    }
    return this.#replies.get(root);
  }

  /** Whether what follows the last reply is loaded when somebody asks for it: see `#countReplies`. */
  #endsAt(list) {
    return this.hasAttribute("root") ? !this.pager("next").hidden : list.size >= MOST_REPLIES;
  }

  #countReplies(id, n) {
    const top = this.list.find(id);
    const link = top?.querySelector("[data-more]");
    if (!link) return;
    const shown = top.querySelectorAll('[data-replies] > [data-state="published"]').length;
    const more = Math.max(0, n - shown - this.#repliesOf(top).waiting);
    link.hidden = more === 0;
    link.textContent = say("replies_more", { n: more });
  }

  /** What waited stands in the list now. */
  #shown(rows) {
    for (const row of rows) row.classList.add("is-new");
    for (const row of rows) this.branches.reveal(row);
    this.settleIn(rows);
    this.stretch?.shorten();
  }

  #announceNew(element) {
    element.classList.add("is-new");
    const author = element.querySelector('[data-field="author"]').textContent;
    this.announce(say("new_comment_by", { name: author }));
  }

  /** Somebody has come back, and this had been loaded: "next", "previous", or the id of a thread. */
  async #loadAgain(what) {
    const isPage = this.pagers.includes(what);
    const link = isPage ? this.pager(what).querySelector("a") : this.list.find(what)?.querySelector("[data-more]");
    if (!link || link.closest("[hidden]")) return false;
    return isPage ? this.#loadPage(link, { isBack: true }) : this.#loadReplies(link, { isBack: true });
  }

  async #loadPage(link, { isBack = false } = {}) {
    const isNext = link.closest("[data-next]") !== null;
    const what = isNext ? "next" : "previous";
    const fresh = await this.fetch(link);
    if (!fresh) return false;
    const rows = this.hasAttribute("root")
      ? this.#adoptReplies(this.list.rows()[0], fresh)
      : this.list.adopt([...fresh.querySelectorAll("[data-list] > li")], { atStart: !isNext });
    this.copy(fresh, `[data-${what}]`);
    this.#arrive(rows, what, isBack);
    return true;
  }

  async #loadReplies(link, { isBack = false } = {}) {
    const top = link.closest("[data-list] > li");
    const fresh = await this.fetch(link);
    if (!fresh) return false;
    const rows = this.#adoptReplies(top, fresh);
    const next = fresh.querySelector("[data-next] a");
    link.hidden = fresh.querySelector("[data-next]")?.hidden ?? true;
    if (next) link.href = next.href;
    this.#arrive(rows, top.dataset.id, isBack);
    return true;
  }

  #adoptReplies(top, fresh) {
    return this.#repliesOf(top).adopt([...fresh.querySelectorAll("[data-replies] > li")]);
  }

  #arrive(rows, what, isBack) {
    this.#loaded(what);
    this.settleIn(rows);
    if (!isBack) rows[0]?.querySelector(".comment-box").focus({ preventScroll: true });
  }
}

customElements.define("newsroom-discussion", NewsroomDiscussion);
