/*
 * <newsroom-notifications>: the page of what one was told. Once it is seen, all up to its newest line is read; the
 * marks stay until the page is left. What comes meanwhile waits behind a link that counts it.
 */
import { api } from "./api.js";
import { live } from "./live.js";
import { say } from "./words.js";

class NewsroomNotifications extends HTMLElement {
  #came = new Set();

  connectedCallback() {
    this.#follow({ epoch: this.getAttribute("epoch") || null, offset: Number(this.getAttribute("offset")) });
    if (!this.hasAttribute("upto")) return;
    this.onSeen = () => document.hidden || this.#read();
    document.addEventListener("visibilitychange", this.onSeen);
    this.onSeen();
  }

  async #read() {
    document.removeEventListener("visibilitychange", this.onSeen);
    try {
      await api("PUT", "me/notifications/read/", { upto: Number(this.getAttribute("upto")) });
      this.querySelector("form").hidden = true;
    } catch {
      // The button is there.
    }
  }

  #follow(position) {
    live.follow(this.getAttribute("stream"), {
      ...position,
      onEvent: (event) => this.#onEvent(event),
      onReset: () => this.#follow(),
    });
  }

  #onEvent({ kind, data }) {
    const fresh = this.querySelector("[data-fresh]");
    if (!fresh) return;
    if (kind === "notification.created" && data.id > Number(this.getAttribute("newest"))) this.#came.add(data.id);
    if (kind === "notification.withdrawn") for (const id of data.ids) this.#came.delete(id);
    fresh.hidden = this.#came.size === 0;
    fresh.textContent = say("new_notices", { n: this.#came.size });
  }
}

customElements.define("newsroom-notifications", NewsroomNotifications);
