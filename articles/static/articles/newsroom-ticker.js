/*
 * <newsroom-ticker>: a newsticker, live. As a page it loads older items on its own when the reader comes near, keeps
 * the chosen order, and counts what has not been on screen yet; as a panel (attribute `most`) it keeps the newest few;
 * as the page of one item (attribute `only`, its number) it follows what becomes of that.
 */
import { elementOf } from "../newsroom/api.js";
import { LiveList } from "../newsroom/list.js";
import { live } from "../newsroom/live.js";
import { Pill } from "../newsroom/pill.js";
import { keepPlace } from "../newsroom/place.js";
import { remember, remembered } from "../newsroom/remember.js";
import { Stretch } from "../newsroom/stretch.js";
import { refresh } from "../newsroom/time.js";
import { say } from "../newsroom/words.js";
import "./newsroom-breaking.js";
import { ItemDrawing } from "./item.js";
import { Seen } from "./seen.js";

const AHEAD = "600px"; // of the end of the list: then the next page is fetched
const EVER = "1000000px"; // a jump past the end (End key) fetches it, too

class NewsroomTicker extends HTMLElement {
  #unfollow = null;
  #loader = null;
  #loading = false;
  #loaded = null; // told of each further page

  connectedCallback() {
    if (this.#isElsewhere()) return;
    const template = this.querySelector("template[data-item]");
    const isNewestFirst = this.getAttribute("sort") !== "oldest";
    this.list = this.#listIn(this.querySelector("[data-list]"), new ItemDrawing(template), isNewestFirst);
    this.pill = new Pill(this.list, "new_items", {
      onShown: (rows) => this.#arrived(rows),
      loadAnew: () => this.#reload(),
    });
    const pinned = this.querySelector("[data-pinned-list]");
    this.pinned = pinned && this.#listIn(pinned, new ItemDrawing(template, "pinned"), true);
    this.seen = new Seen(this, { remote: this.hasAttribute("me") });
    for (const row of this.list.rows()) this.seen.watch(row);
    this.querySelector("[data-sorts]")?.addEventListener("click", (event) => this.#rememberSort(event));
    if (this.querySelector("[data-next]")) {
      this.#loaded = keepPlace("ticker", { host: this, load: () => this.#loadMore() });
      this.stretch = new Stretch(this.list, {
        page: this.#page,
        pager: (end) => this.querySelector(end === "start" ? "[data-previous]" : "[data-next]"),
        load: (pager) => (pager.hasAttribute("data-previous") ? this.#loadBack(pager) : this.#loadMore()),
        scroller: this.closest("[data-body]"),
      });
    }
    this.#follow();
    this.#loadAhead();
    this.#tell(this.list.rows().map(itemOf));
  }

  disconnectedCallback() {
    this.#unfollow?.();
    this.#loader?.disconnect();
    this.stretch?.end();
    this.seen?.stop();
  }

  /** The page that it is from: beside another one it says so itself (attribute `src`). */
  get #page() {
    return this.getAttribute("src") ?? location.href;
  }

  get slug() {
    return this.getAttribute("ticker");
  }

  #listIn(root, drawing, descending) {
    return new LiveList({
      root,
      descending,
      draw: (item) => drawing.draw(item),
      redraw: (element, item) => drawing.redraw(element, item),
      isCut: (end) => root.matches("[data-list]") && this.#isCut(end),
      onWait: root.matches("[data-list]") ? () => this.pill.show() : null,
    });
  }

  /** A panel takes nothing below its last row; a page nothing beyond the pages that are loaded. */
  #isCut(end) {
    if (this.hasAttribute("most")) return end === "end";
    const pager = this.querySelector(end === "start" ? "[data-previous]" : "[data-next]");
    return pager !== null && !pager.hidden;
  }

  #follow() {
    this.#unfollow = live.follow(this.getAttribute("stream"), {
      epoch: this.getAttribute("epoch"),
      offset: Number(this.getAttribute("offset")),
      onEvent: (event) => this.#onEvent(event),
      onReset: () => this.#reload(),
    });
  }

  #onEvent({ kind, data }) {
    if (!kind.startsWith("item.") || !data.id) return;
    if (this.hasAttribute("only") && data.number !== Number(this.getAttribute("only"))) return;
    this.#tell([data]);
    if (kind === "item.retracted" || data.state === "retracted") {
      this.#retract(data);
      return;
    }
    if (kind === "item.published") this.seen.arrive(data.number);
    const row = { ...data, order: data.number };
    const isNew = this.list.find(data.id) === null;
    const element = this.list.place(row);
    if (kind === "item.published") this.querySelector("[data-announce]").textContent = data.headline;
    if (element && isNew) this.#arrived([element]);
    if (this.pinned) this.#pin(row);
    this.#refreshEmpty();
  }

  /** To the bar of breaking items. */
  #tell(items) {
    this.dispatchEvent(new CustomEvent("items", { bubbles: true, detail: items }));
  }

  #arrived(rows) {
    for (const row of rows) {
      row.classList.add("is-new");
      this.seen.watch(row);
    }
    this.#trim();
  }

  /** Its words are gone; its place stays and says so. */
  #retract(item) {
    this.seen.forget(item.number, this.list.find(item.id));
    this.querySelector("[data-announce]").textContent = "";
    this.list.place({ ...item, order: item.number });
    this.#trim();
    this.pinned?.remove(item.id, item.version);
    this.#refreshEmpty();
  }

  #trim() {
    const most = Number(this.getAttribute("most"));
    if (most) this.list.trim(most);
    this.stretch?.shorten();
  }

  #pin(row) {
    if (row.pinned) this.pinned.place(row);
    else this.pinned.remove(row.id, row.version);
    this.pinned.root.closest("[data-pinned-box]").hidden = this.pinned.size === 0;
  }

  async #reload() {
    this.#unfollow?.();
    try {
      const fresh = await elementOf(this.#page, `newsroom-ticker[ticker="${CSS.escape(this.slug)}"]`);
      this.list.replace([...fresh.querySelectorAll("[data-list] > li")]);
      this.pinned?.replace([...fresh.querySelectorAll("[data-pinned-list] > li")]);
      for (const name of ["[data-next]", "[data-previous]"]) this.#copy(fresh, name);
      for (const name of ["epoch", "offset", "numbers"]) this.setAttribute(name, fresh.getAttribute(name));
      this.seen.renew();
      for (const row of this.list.rows()) this.seen.watch(row);
      refresh([this]);
      this.#refreshEmpty();
      this.#follow();
      this.#loadAhead();
    } catch {
      setTimeout(() => this.#reload(), 2000 + Math.random() * 3000);
    }
  }

  #copy(fresh, selector) {
    const theirs = fresh.querySelector(selector);
    if (theirs) this.querySelector(selector)?.replaceWith(document.adoptNode(theirs));
  }

  #loadAhead() {
    this.#loader?.disconnect();
    const pager = this.querySelector("[data-next]");
    if (!pager || pager.hidden) return;
    const isNear = (entries) => entries.some((each) => each.isIntersecting);
    const root = this.closest("[data-body]");
    const rootMargin = `${EVER} 0px ${AHEAD} 0px`;
    this.#loader = new IntersectionObserver((entries) => isNear(entries) && this.#loadMore(), { root, rootMargin });
    this.#loader.observe(pager);
    pager.querySelector("a").addEventListener("click", (event) => {
      event.preventDefault();
      this.#loadMore();
    });
  }

  async #loadMore() {
    const pager = this.querySelector("[data-next]");
    if (this.#loading || pager.hidden) return false;
    this.#loading = true;
    const link = pager.querySelector("a");
    link.setAttribute("aria-busy", "true");
    link.textContent = say("loading");
    try {
      await this.#adopt(link.href, "[data-next]");
      this.#loaded("next");
      this.stretch.shorten();
      this.#loadAhead();
      return true;
    } catch {
      link.removeAttribute("aria-busy");
      link.textContent = `${say("load_failed")} ${say("again")}`;
      this.#loader.disconnect(); // only a click tries again, or it would try for ever
      return false;
    } finally {
      this.#loading = false;
    }
  }

  /** What has left the page comes back at its start. */
  async #loadBack(pager) {
    if (this.#loading) return;
    this.#loading = true;
    try {
      await this.#adopt(pager.querySelector("a").href, "[data-previous]");
      this.stretch.shorten();
    } catch {
      // The link stays, and leads there.
    } finally {
      this.#loading = false;
    }
  }

  async #adopt(address, pager) {
    const fresh = await elementOf(address, `newsroom-ticker[ticker="${CSS.escape(this.slug)}"]`);
    const rows = this.list.adopt([...fresh.querySelectorAll("[data-list] > li")]);
    refresh(rows);
    for (const row of rows) this.seen.watch(row);
    this.#copy(fresh, pager);
  }

  #refreshEmpty() {
    const empty = this.querySelector("[data-empty]");
    if (empty) empty.hidden = this.list.size > 0;
  }

  #rememberSort(event) {
    const sort = event.target.closest("a")?.dataset.sort;
    if (sort) remember("sort.ticker", sort);
  }

  /** The page was opened without an order, and the reader has chosen the other one before: go there. */
  #isElsewhere() {
    const sorts = this.querySelector("[data-sorts]");
    const chosen = remembered("sort.ticker");
    const isAsked = this.hasAttribute("src") || location.search;
    if (isAsked || !sorts || !chosen || chosen === this.getAttribute("sort")) return false;
    const link = sorts.querySelector(`a[data-sort="${CSS.escape(chosen)}"]`);
    if (!link) return false;
    location.replace(link.href);
    return true;
  }
}

/** What a row says of its item. */
function itemOf(row) {
  const field = (name) => row.querySelector(`[data-field="${name}"]`);
  return {
    id: Number(row.dataset.id),
    number: Number(row.dataset.order),
    version: Number(row.dataset.version),
    headline: field("headline").textContent,
    level: row.classList.contains("is-breaking") ? "breaking" : "normal",
    state: row.classList.contains("is-retracted") ? "retracted" : "published",
    published_at: row.querySelector("time")?.dateTime,
  };
}

customElements.define("newsroom-ticker", NewsroomTicker);
