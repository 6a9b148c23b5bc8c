/*
 * <newsroom-notices>: what somebody with an account hears on any page: news of what they follow, answers to them,
 * what became of their comment, and where they stand.
 */
import { live } from "./live.js";
import { describe } from "./time.js";

const MOST = 4; // at once; the oldest goes
const STAYS_MS = 20_000;
const words = JSON.parse(document.getElementById("notice-words").textContent);

class NewsroomNotices extends HTMLElement {
  #unfollow = null;

  connectedCallback() {
    this.#follow();
  }

  disconnectedCallback() {
    this.#unfollow?.();
  }

  /** From now on: what came before stands on the page or in the profile. */
  #follow() {
    this.#unfollow = live.follow(this.getAttribute("stream"), {
      onEvent: (event) => this.#onEvent(event),
      onReset: () => this.#follow(),
    });
  }

  #onEvent({ kind, data }) {
    const reason = words.reasons[data.reason] ?? words.reasons.other;
    switch (kind) {
      case "notification.created":
        if (new URL(data.url, location.href).pathname !== location.pathname) this.#show(data.title, data.url);
        break;
      case "comment.approved":
        this.#show(words.approved, `/comments/${Number(data.id)}/`);
        break;
      case "comment.rejected":
        this.#show(words.rejected.replace("{reason}", reason));
        break;
      case "sanction.imposed":
        this.#show(barred(data.until).replace("{reason}", reason));
        break;
      case "sanction.lifted":
        this.#show(words.lifted);
        break;
    }
  }

  #show(sentence, url = null) {
    const toast = document.createElement("div");
    toast.className = "toast";
    const line = document.createElement(url ? "a" : "p");
    line.textContent = sentence;
    if (url) line.href = url;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", words.close);
    close.addEventListener("click", () => toast.remove());
    toast.append(line, close);
    this.append(toast);
    while (this.children.length > MOST) this.firstElementChild.remove();
    setTimeout(() => toast.matches(":hover, :focus-within") || toast.remove(), STAYS_MS);
  }
}

function barred(until) {
  return until ? words.barred_until.replace("{until}", describe(new Date(until), "absolute")) : words.barred;
}

customElements.define("newsroom-notices", NewsroomNotices);
