/*
 * <newsroom-subscribe kind="article" target="5" on>: follow something. For strangers the server draws a link to the
 * log-in page in it instead, which this element leaves alone.
 */
import { api } from "./api.js";
import { say, sayProblem } from "./words.js";

class NewsroomSubscribe extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.button?.addEventListener("click", (event) => {
      event.preventDefault();
      this.#toggle();
    });
  }

  async #toggle() {
    const isOn = this.hasAttribute("on");
    this.button.setAttribute("aria-busy", "true");
    try {
      await api(isOn ? "DELETE" : "PUT", `subscriptions/${this.getAttribute("kind")}/${this.getAttribute("target")}/`);
      this.toggleAttribute("on", !isOn);
      this.button.setAttribute("aria-pressed", String(!isOn));
      const words = this.button.querySelector("[data-words]");
      words.textContent = isOn ? words.dataset.off : words.dataset.on;
      this.#say(say(isOn ? "unfollow_done" : "follow_done"));
    } catch (problem) {
      this.#say(sayProblem(problem));
    } finally {
      this.button.removeAttribute("aria-busy");
    }
  }

  #say(sentence) {
    this.querySelector("[data-answer]").textContent = sentence;
  }
}

customElements.define("newsroom-subscribe", NewsroomSubscribe);
