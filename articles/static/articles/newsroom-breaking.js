/*
 * <newsroom-breaking>: the newest breaking item of a ticker, on top of every page until it is closed, retracted or old.
 * It hears of items from the <newsroom-ticker> that the page has, and lies over the page, so that nothing moves.
 */
import { addressOf } from "../newsroom/addresses.js";
import { api } from "../newsroom/api.js";
import { remember, remembered } from "../newsroom/remember.js";

const FRESH_MS = 6 * 60 * 60 * 1000;
const CLOSED = "breaking.closed"; // the number of the last item that was

class NewsroomBreaking extends HTMLElement {
  #item = null;

  connectedCallback() {
    this.bar = this.querySelector(".breaking-bar");
    document.addEventListener("items", (event) => this.#onItems(event));
    this.querySelector("[data-close]").addEventListener("click", () => this.#close());
    addEventListener("storage", ({ key }) => key === CLOSED && this.#draw());
  }

  /** A list that begins with the oldest does not know the newest: they are asked for. */
  async #onItems({ target, detail }) {
    const slug = this.getAttribute("ticker");
    if (target.slug !== slug) return;
    this.#take(detail);
    if (this.#item || target.getAttribute("sort") !== "oldest") return;
    const { data } = await api("GET", `tickers/${slug}/items/?limit=20`).catch(() => ({ data: { results: [] } }));
    this.#take(data.results);
  }

  #take(items) {
    for (const item of items) {
      const known = this.#item;
      const isNewer = known?.id === item.id ? item.version > known.version : item.number > (known?.number ?? 0);
      if (isNewer && (isBreaking(item) || known?.id === item.id)) this.#item = item;
    }
    this.#draw();
  }

  #draw() {
    const item = this.#item;
    const isFresh = item && Date.now() - Date.parse(item.published_at) < FRESH_MS;
    this.bar.hidden = !isFresh || !isBreaking(item) || item.number <= Number(remembered(CLOSED));
    if (this.bar.hidden) return;
    const link = this.querySelector("[data-headline]");
    link.textContent = item.headline;
    link.href = addressOf("item", { slug: this.getAttribute("ticker"), number: item.number });
  }

  #close() {
    remember(CLOSED, String(this.#item.number));
    this.bar.hidden = true;
    document.querySelector("main").focus({ preventScroll: true });
  }
}

function isBreaking({ level, state }) {
  return level === "breaking" && state === "published";
}

customElements.define("newsroom-breaking", NewsroomBreaking);
