/*
 * <newsroom-share>: a link to what it shares. Pressed, it opens the system's own sheet or, where there is none, copies
 * the address and says so in the link's place for a moment.
 */
import { Timers } from "./timers.js";
import { say } from "./words.js";

const SAID_MS = 4000;

class NewsroomShare extends HTMLElement {
  #timers = new Timers(); // said

  connectedCallback() {
    this.link = this.querySelector("a");
    this.label = this.link.textContent;
    this.link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      this.#share();
    });
  }

  async #share() {
    const [url, title] = [this.link.href, document.querySelector("h1")?.textContent.trim() ?? document.title];
    try {
      if (navigator.share) await navigator.share({ url, title });
      else await this.#copy(url);
    } catch (error) {
      if (error.name !== "AbortError") this.#say(say("copy_failed", { url })); // closing the sheet is no failure
    }
  }

  async #copy(url) {
    await navigator.clipboard.writeText(url);
    this.#say(say("copied"));
    this.link.textContent = say("copied");
    this.#timers.start("said", SAID_MS, () => {
      this.link.textContent = this.label;
    });
  }

  #say(sentence) {
    this.querySelector("[data-answer]").textContent = sentence;
  }
}

customElements.define("newsroom-share", NewsroomShare);
