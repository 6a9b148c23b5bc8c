/*
 * <newsroom-chats>: discussions by their last activity, live; as a panel (attribute `most`) only the first few.
 */
import { addressOf } from "../newsroom/addresses.js";
import { elementOf } from "../newsroom/api.js";
import { LiveList } from "../newsroom/list.js";
import { live } from "../newsroom/live.js";
import { Pill } from "../newsroom/pill.js";
import { keepPlace } from "../newsroom/place.js";
import { refresh, setTime } from "../newsroom/time.js";
import { say } from "../newsroom/words.js";

class NewsroomChats extends HTMLElement {
  #unfollow = null;
  #loaded = null; // told of each further page

  connectedCallback() {
    this.list = new LiveList({
      root: this.querySelector("[data-list]"),
      draw: (row) => this.#draw(row),
      redraw: (element, row) => this.#redraw(element, row),
      descending: true,
      isCut: (end) => end === "end" && (this.hasAttribute("most") || !this.querySelector("[data-next]").hidden),
      onWait: () => this.pill.show(),
    });
    this.pill = new Pill(this.list, "new_talk", {
      onShown: (rows) => this.#arrived(rows),
      loadAnew: () => this.#reload(),
    });
    this.querySelector("[data-next]")?.addEventListener("click", (event) => this.#onClick(event));
    const load = () => this.#loadMore();
    if (this.querySelector("[data-next]")) this.#loaded = keepPlace("chats", { host: this, load });
    this.#follow();
  }

  disconnectedCallback() {
    this.#unfollow?.();
  }

  #follow() {
    this.#unfollow = live.follow("chats", {
      epoch: this.getAttribute("epoch"),
      offset: Number(this.getAttribute("offset")),
      onEvent: (event) => this.#onEvent(event),
      onReset: () => this.#reload(),
    });
  }

  #onEvent({ data }) {
    if (!data.id || !data.last_activity) return;
    const element = this.list.place({ ...data, order: Date.parse(data.last_activity) });
    if (element) this.#arrived([element]);
    this.querySelector("[data-empty]").hidden = this.list.size > 0;
  }

  #arrived(rows) {
    for (const row of rows) row.classList.add("is-new");
    const most = Number(this.getAttribute("most"));
    if (most) this.list.trim(most);
  }

  #draw(row) {
    const element = this.querySelector("template[data-row]").content.querySelector("li").cloneNode(true);
    this.#redraw(element, row);
    return element;
  }

  #redraw(element, row) {
    const field = (name) => element.querySelector(`[data-field="${name}"]`);
    field("title").textContent = row.title;
    for (const name of ["title", "text"]) {
      if (row.language) field(name).lang = row.language;
      else field(name).removeAttribute("lang");
    }
    const isBelow = row.mode === "thread" && row.article;
    const article = isBelow && `${addressOf("article", { slug: row.article })}#discussion`;
    field("link").href = article || addressOf("chat", { pk: row.id });
    field("last").hidden = !row.last_comment;
    field("author").textContent = row.last_comment?.author.name ?? "";
    field("text").textContent = row.last_comment?.text ?? "";
    field("chat").hidden = row.mode !== "chat";
    field("count").textContent = say(row.mode === "chat" ? "messages" : "comments", { n: row.comment_count });
    setTime(element.querySelector("[data-time]"), row.last_activity);
  }

  async #reload() {
    this.#unfollow?.();
    try {
      const fresh = await elementOf(this.getAttribute("src") ?? location.href, "newsroom-chats");
      this.list.replace([...fresh.querySelectorAll("[data-list] > li")]);
      for (const name of ["epoch", "offset"]) this.setAttribute(name, fresh.getAttribute(name));
      refresh([this]);
      this.#follow();
    } catch {
      setTimeout(() => this.#reload(), 2000 + Math.random() * 3000);
    }
  }

  #onClick(event) {
    if (!event.target.closest("a") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#loadMore();
  }

  async #loadMore() {
    const pager = this.querySelector("[data-next]");
    const link = pager.querySelector("a");
    if (pager.hidden) return false;
    const words = link.textContent;
    link.textContent = say("loading");
    try {
      const fresh = await elementOf(link.href, "newsroom-chats");
      refresh(this.list.adopt([...fresh.querySelectorAll("[data-list] > li")]));
      const next = fresh.querySelector("[data-next]");
      pager.hidden = next.hidden;
      link.href = next.querySelector("a").href;
      this.#loaded("next");
      return true;
    } catch {
      return false; // the link stays, and can be tried again
    } finally {
      link.textContent = words;
    }
  }
}

customElements.define("newsroom-chats", NewsroomChats);
