/*
 * <newsroom-news>: on a list of articles, says how many have been published since, and brings them with one click.
 */
import { addressOf } from "../newsroom/addresses.js";
import { elementOf } from "../newsroom/api.js";
import { live } from "../newsroom/live.js";
import { say } from "../newsroom/words.js";

class NewsroomNews extends HTMLElement {
  #unfollow = null;
  #fresh = new Set();

  connectedCallback() {
    this.#follow();
  }

  disconnectedCallback() {
    this.#unfollow?.();
  }

  #follow() {
    this.#unfollow = live.follow("articles", {
      epoch: this.getAttribute("epoch"),
      offset: Number(this.getAttribute("offset")),
      onEvent: (event) => this.#onEvent(event),
      onReset: () => this.#reload(),
    });
  }

  #onEvent({ kind, data }) {
    if (kind === "article.published" && !isShown(data.id)) this.#fresh.add(Number(data.id));
    if (kind === "article.retracted") this.#fresh.delete(Number(data.id));
    this.#show();
  }

  /** The stream cannot be continued: what a fresh page shows and this one does not is new. */
  async #reload() {
    this.#unfollow?.();
    try {
      const fresh = await elementOf(addressOf("front"), "newsroom-news");
      for (const each of fresh.ownerDocument.querySelectorAll("[data-article]")) {
        if (!isShown(each.dataset.article)) this.#fresh.add(Number(each.dataset.article));
      }
      for (const name of ["epoch", "offset"]) this.setAttribute(name, fresh.getAttribute(name));
      this.#show();
      this.#follow();
    } catch {
      setTimeout(() => this.#reload(), 2000 + Math.random() * 3000);
    }
  }

  #show() {
    const line = this.querySelector("p");
    line.hidden = this.#fresh.size === 0;
    line.querySelector("a").textContent = say("new_articles", { n: this.#fresh.size });
  }
}

function isShown(id) {
  return document.querySelector(`[data-article="${Number(id)}"]`) !== null;
}

customElements.define("newsroom-news", NewsroomNews);
