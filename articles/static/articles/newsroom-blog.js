/*
 * <newsroom-blog>: the head of a live blog, live: its state, its summary, and links to its key events. A link leads to
 * the item in this page where it stands, else to its own page.
 */
import { addressOf } from "../newsroom/addresses.js";
import { elementOf, setHTML } from "../newsroom/api.js";
import { LiveList } from "../newsroom/list.js";
import { live } from "../newsroom/live.js";
import { refresh, setTime } from "../newsroom/time.js";
import { say } from "../newsroom/words.js";

class NewsroomBlog extends HTMLElement {
  #unfollow = null;

  connectedCallback() {
    const template = this.querySelector("template").content.querySelector("li");
    this.list = new LiveList({
      root: this.querySelector("[data-keys]"),
      descending: true,
      draw: (item) => redraw(template.cloneNode(true), item),
      redraw,
      isCut: (end) => end === "end" && this.list.size >= Number(this.getAttribute("most")),
    });
    this.list.root.addEventListener("click", (event) => jump(event));
    this.#follow();
  }

  disconnectedCallback() {
    this.#unfollow?.();
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
    if (kind === "ticker.changed" && data.version > Number(this.getAttribute("version"))) this.#change(data);
    if (!kind.startsWith("item.") || !data.id) return;
    if (kind === "item.published" && this.getAttribute("state") === "before") this.#setState("live");
    if (data.key_event && data.state === "published") this.list.place({ ...data, order: data.number });
    else this.list.remove(data.id, data.version);
    this.list.trim(Number(this.getAttribute("most")));
    this.#refresh();
  }

  #change(ticker) {
    this.setAttribute("version", ticker.version);
    this.#setState(ticker.state);
    const summary = this.querySelector("[data-summary]");
    setHTML(summary, ticker.summary_html);
    summary.hidden = !ticker.summary_html;
  }

  #setState(state) {
    this.setAttribute("state", state);
    const badge = this.querySelector("[data-state]");
    badge.textContent = say(`coverage_${state}`);
    badge.classList.toggle("badge-breaking", state === "live");
  }

  #refresh() {
    this.list.root.parentElement.hidden = this.list.size === 0;
  }

  async #reload() {
    this.#unfollow?.();
    try {
      const slug = CSS.escape(this.getAttribute("ticker"));
      const fresh = await elementOf(location.href, `newsroom-blog[ticker="${slug}"]`);
      this.list.replace([...fresh.querySelectorAll("[data-keys] > li")]);
      refresh([this]);
      for (const name of ["epoch", "offset"]) this.setAttribute(name, fresh.getAttribute(name));
      const [version, state] = ["version", "state"].map((name) => fresh.getAttribute(name));
      this.#change({ version, state, summary_html: fresh.querySelector("[data-summary]").innerHTML });
      this.#refresh();
      this.#follow();
    } catch {
      setTimeout(() => this.#reload(), 2000 + Math.random() * 3000);
    }
  }
}

function redraw(row, item) {
  setTime(row.querySelector("[data-time]"), item.published_at);
  const link = row.querySelector("a");
  link.textContent = item.headline;
  link.href = addressOf("item", { slug: item.ticker, number: item.number });
  return row;
}

function jump(event) {
  const id = event.target.closest("a")?.closest("li").dataset.id;
  const item = id && document.getElementById(`item-${Number(id)}`);
  if (!item || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const box = item.querySelector("details");
  box.open = true;
  item.scrollIntoView();
  (box.hidden ? item.querySelector("a") : box.querySelector("summary")).focus({ preventScroll: true });
}

customElements.define("newsroom-blog", NewsroomBlog);
