/*
 * The number of open cases, in the header of moderators' pages. It is asked for by script, so that no page has a byte
 * of it, and follows the moderators' stream where `stream` names one.
 */
import { api } from "../newsroom/api.js";
import { live } from "../newsroom/live.js";
import { say } from "../newsroom/words.js";

class NewsroomQueueCount extends HTMLElement {
  #unfollow = null;

  connectedCallback() {
    this.#follow();
    this.#load();
  }

  disconnectedCallback() {
    this.#unfollow?.();
  }

  #follow() {
    const stream = this.getAttribute("stream");
    if (!stream) return;
    this.#unfollow = live.follow(stream, {
      onEvent: ({ data }) => data.counts && this.#show(data.counts),
      onReset: () => {
        this.#follow();
        this.#load();
      },
    });
  }

  async #load() {
    try {
      const { data } = await api("GET", "moderation/counts/");
      this.#show(data);
    } catch {
      // It stays as it is until the next event, or the next page.
    }
  }

  #show(counts) {
    const n = Object.values(counts).reduce((sum, each) => sum + each, 0);
    const number = document.createElement("span");
    number.setAttribute("aria-hidden", "true");
    number.textContent = n.toLocaleString(document.documentElement.lang);
    const words = document.createElement("span");
    words.className = "visually-hidden";
    words.textContent = say("open_cases", { n });
    this.replaceChildren(number, words);
    this.hidden = n === 0;
  }
}

customElements.define("newsroom-queue-count", NewsroomQueueCount);
