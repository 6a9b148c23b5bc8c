/*
 * <newsroom-bell>: how many notifications are unread, in the header of each page. It counts those that come, and
 * follows what the person reads on another device.
 */
import { api } from "./api.js";
import { live } from "./live.js";
import { say } from "./words.js";

const MOST = 99;

class NewsroomBell extends HTMLElement {
  #unread = 0;
  #newest = 0; // all up to this id are counted
  #fresh = new Set(); // ids of those that came since

  connectedCallback() {
    this.#unread = Number(this.getAttribute("unread"));
    this.#newest = Number(this.getAttribute("newest"));
    this.#follow({ epoch: this.getAttribute("epoch") || null, offset: Number(this.getAttribute("offset")) });
  }

  #follow(position) {
    live.follow(this.getAttribute("stream"), {
      ...position,
      onEvent: (event) => this.#onEvent(event),
      onReset: () => this.#load(),
    });
  }

  /** The stream cannot be continued. */
  async #load() {
    try {
      const { data } = await api("GET", "me/notifications/?limit=1");
      this.#newest = data.results[0]?.id ?? 0;
      this.#fresh.clear();
      this.#show(data.unread);
      this.#follow(data.position);
    } catch {
      // It stays as it is until the next page.
    }
  }

  #onEvent({ kind, data }) {
    if (kind === "notification.created" && data.id > this.#newest && !this.#fresh.has(data.id)) {
      this.#fresh.add(data.id);
      this.#show(this.#unread + 1);
    } else if (kind === "notification.read" || kind === "notification.withdrawn") {
      for (const id of this.#fresh) if (id <= data.upto || data.ids?.includes(id)) this.#fresh.delete(id);
      this.#show(Math.max(data.unread, this.#fresh.size)); // some may have come while these were counted
    }
  }

  #show(unread) {
    this.#unread = unread;
    const count = this.querySelector("[data-count]");
    count.hidden = unread === 0;
    count.textContent = unread > MOST ? `${MOST}+` : unread;
    const words = unread > MOST ? say("unread_many") : say("unread_notices", { n: unread });
    const name = this.getAttribute("label");
    this.querySelector("[data-words]").textContent = unread ? `${name}, ${words}` : name;
  }
}

customElements.define("newsroom-bell", NewsroomBell);
