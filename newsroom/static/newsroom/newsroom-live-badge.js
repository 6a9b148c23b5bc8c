/*
 * <newsroom-live-badge>: says what the connection truly is: live, connecting, reconnecting, offline; and, where
 * something counts for it, how much the reader has not seen.
 */
import { live } from "./live.js";
import { say } from "./words.js";

class NewsroomLiveBadge extends HTMLElement {
  #unseen = null;
  #onState = () => this.#draw();

  connectedCallback() {
    this.dot = document.createElement("span");
    this.dot.className = "live-dot";
    this.dot.setAttribute("aria-hidden", "true");
    this.words = document.createElement("span");
    this.words.setAttribute("role", "status");
    this.number = document.createElement("span");
    this.number.className = "live-count";
    this.number.hidden = true;
    this.replaceChildren(this.dot, this.words, this.number);
    live.addEventListener("state", this.#onState);
    this.#draw();
  }

  disconnectedCallback() {
    live.removeEventListener("state", this.#onState);
  }

  /** How many items the reader has not seen; 0 is shown. */
  set unseen(n) {
    this.#unseen = n;
    this.#draw();
  }

  #draw() {
    if (!this.words) return;
    this.setAttribute("state", live.state);
    if (this.words.textContent !== say(live.state)) this.words.textContent = say(live.state);
    this.number.hidden = this.#unseen === null;
    this.number.textContent = String(this.#unseen ?? "");
    this.number.setAttribute("aria-label", say("unseen", { n: this.#unseen ?? 0 }));
    this.number.classList.toggle("is-some", this.#unseen > 0);
  }
}

customElements.define("newsroom-live-badge", NewsroomLiveBadge);
