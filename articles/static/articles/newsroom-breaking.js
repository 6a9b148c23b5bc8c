/*
 * <newsroom-breaking>: the bar of the newest breaking item, as the server has drawn it. It hears of items from the
 * <newsroom-ticker> that the page has. A bar that comes later lies over the page, and one that goes leaves its room, so
 * that nothing moves.
 */
import { addressOf } from "../newsroom/addresses.js";

const FRESH_MS = 6 * 60 * 60 * 1000;

class NewsroomBreaking extends HTMLElement {
  connectedCallback() {
    this.bar = this.querySelector(".breaking-bar");
    document.addEventListener("items", ({ target, detail }) => {
      if (target.slug === this.getAttribute("ticker")) for (const item of detail) this.#take(item);
    });
    this.addEventListener("submit", (event) => this.#close(event));
  }

  #take({ number, version, headline, level, state, published_at }) {
    const isBreaking = level === "breaking" && state === "published";
    const [known, read] = ["number", "version"].map((name) => Number(this.getAttribute(name)));
    const isNew = number > known && isBreaking && Date.now() - Date.parse(published_at) < FRESH_MS;
    if (!isNew && (number !== known || version <= read)) return;
    if (isNew) {
      this.dataset.late = this.bar.hidden ? "over" : "";
      this.bar.hidden = false;
    }
    this.bar.classList.toggle("is-gone", !isBreaking);
    this.setAttribute("number", number);
    this.setAttribute("version", version);
    const link = this.querySelector("a");
    link.textContent = headline;
    link.href = addressOf("item", { slug: this.getAttribute("ticker"), number });
    this.querySelector("button").value = number;
  }

  #close(event) {
    event.preventDefault();
    const body = new FormData(event.target, event.submitter);
    fetch(event.target.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
    this.bar.hidden = true;
    this.removeAttribute("open");
    document.querySelector("main").focus({ preventScroll: true });
  }
}

customElements.define("newsroom-breaking", NewsroomBreaking);
