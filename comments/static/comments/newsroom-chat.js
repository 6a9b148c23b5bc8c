/*
 * <newsroom-chat>: a live chat, oldest on top. The log stands at its newest line (the style sheet reverses it, so
 * that holds without this script) and stays there unless the reader has scrolled up; then a button counts what is new.
 */
import { keepPlace } from "../newsroom/place.js";
import { Stretch } from "../newsroom/stretch.js";
import { say } from "../newsroom/words.js";
import { CommentStream } from "./stream.js";

const AT_END_PX = 48;

class NewsroomChat extends CommentStream {
  #unread = 0;
  #loaded = null; // told of each further page

  get pagers() {
    return ["earlier", "later"];
  }

  get counted() {
    return "messages";
  }

  begin() {
    this.log = this.querySelector("[data-log]");
    this.jump = this.querySelector("[data-jump]");
    this.#compose();
    this.jump.addEventListener("click", () => this.#toEnd());
    this.log.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.stretch = new Stretch(this.list, {
      page: this.page,
      pager: (end) => this.pager(end === "start" ? "earlier" : "later"),
      load: (pager) => this.#load(pager),
      scroller: this.log,
    });
    this.#loaded = keepPlace("chat", { host: this, load: (what) => this.#load(this.pager(what)), scroller: this.log });
  }

  /** What comes while the reader stands elsewhere is counted, in the page or beyond its end. */
  receive(event) {
    const isNew = event.kind === "comment.posted" && !this.list.find(event.data.id);
    const isOwn = event.data.author?.id === this.drawing.viewer.me;
    if (isNew && !isOwn && !this.#isAtEnd()) this.#more(1);
    const element = super.receive(event);
    if (isNew) this.stretch.shorten();
    return element;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stretch.end();
  }

  /** A line quotes another in the one composer there is. */
  reply(element, id, quoted = "") {
    this.composer?.quote(quoted);
  }

  turn(link) {
    const pager = link.closest("[data-earlier], [data-later]");
    if (pager) this.#load(pager);
    return pager !== null;
  }

  #compose() {
    const form = this.querySelector("form[data-composer]");
    this.composer = this.compose(form, {
      onPending: (draft) => {
        this.pending.show(draft, { list: this.list.root, atStart: false });
        this.#toEnd();
      },
      onDone: () => {
        this.#toEnd();
        form.elements.text.focus({ preventScroll: true });
      },
    });
  }

  async #load(pager) {
    if (pager.hidden) return false;
    const what = this.pagers.find((name) => pager === this.pager(name));
    const fresh = await this.fetch(pager.querySelector("a"));
    if (!fresh) return false;
    const rows = this.list.adopt([...fresh.querySelectorAll("[data-list] > li")]);
    this.copy(fresh, `[data-${what}]`);
    this.#loaded(what);
    this.settleIn(rows);
    this.stretch.shorten();
    return true;
  }

  /** The log is a reversed column: scrollTop is 0 at the newest line and falls below it. */
  #isAtEnd() {
    return this.log.scrollTop > -AT_END_PX && this.pager("later").hidden;
  }

  async #toEnd() {
    if (this.stretch.hasLeft("end")) await this.loadAnew(); // with its newest lines
    this.log.scrollTop = 0;
    this.#more(-this.#unread);
  }

  #onScroll() {
    if (this.#isAtEnd()) this.#more(-this.#unread);
    const isNearTop = this.log.scrollHeight + this.log.scrollTop - this.log.clientHeight < 200;
    const earlier = this.pager("earlier");
    if (isNearTop && !earlier.hidden) this.#load(earlier);
  }

  #more(n) {
    this.#unread += n;
    this.jump.hidden = this.#unread === 0;
    this.jump.textContent = `↓ ${say("new_lines", { n: this.#unread })}`;
  }
}

customElements.define("newsroom-chat", NewsroomChat);
