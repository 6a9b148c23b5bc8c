/*
 * Which items of a ticker somebody has not seen: those with a number above the highest one that was on screen in a
 * visible tab. The count stands in the tab's title and on the badge. People who are logged in take it along.
 */
import { api } from "../newsroom/api.js";

const SAVE_AFTER_MS = 2_000;

export class Seen {
  #unseen = new Map(); // element → number
  #title = document.title;
  #highest = 0;
  #timer = 0;

  /** host: the <newsroom-ticker>; remote: whether the account remembers, too. */
  constructor(host, { remote }) {
    Object.assign(this, { host, remote, name: `seen.${host.slug}`, isPanel: host.hasAttribute("most") });
    const numbers = host.list.rows().map((row) => Number(row.dataset.order));
    this.#highest = Math.max(this.#stored() ?? Math.max(0, ...numbers), Number(host.getAttribute("seen") ?? 0));
    this.observer = new IntersectionObserver((entries) => this.#onSight(entries), { threshold: 0.5 });
    document.addEventListener("visibilitychange", this.#onVisible);
    this.#show();
    if (!document.hidden) this.#save();
  }

  stop() {
    this.observer.disconnect();
    document.removeEventListener("visibilitychange", this.#onVisible);
    clearTimeout(this.#timer);
  }

  /** Counts an item that the page showed from the start, or that an older page brought. */
  watch(element) {
    const number = Number(element.dataset.order);
    if (number <= this.#highest || element.classList.contains("is-retracted")) return;
    this.#unseen.set(element, number);
    element.classList.add("is-unseen");
    this.observer.observe(element);
    this.#show();
  }

  /** Counts an item that has just come. */
  arrive(element) {
    this.watch(element);
  }

  /** An item that was taken back counts no longer. */
  forget(element) {
    if (!element) return;
    this.observer.unobserve(element);
    if (this.#unseen.delete(element)) this.#show();
  }

  #onVisible = () => {
    if (document.hidden) return;
    for (const element of this.#unseen.keys()) {
      this.observer.unobserve(element); // observing anew reports what is on screen right now
      this.observer.observe(element);
    }
  };

  #onSight(entries) {
    if (document.hidden) return;
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting || !this.#unseen.has(target)) continue;
      this.#highest = Math.max(this.#highest, this.#unseen.get(target));
      this.#unseen.delete(target);
      this.observer.unobserve(target);
      target.classList.remove("is-unseen");
    }
    this.#show();
    this.#save();
  }

  #show() {
    const n = [...this.#unseen.keys()].filter((each) => each.isConnected).length;
    const badge = this.host.querySelector("newsroom-live-badge");
    if (badge) customElements.whenDefined("newsroom-live-badge").then(() => (badge.unseen = n));
    if (!this.isPanel) document.title = n > 0 ? `(${n}) ${this.#title}` : this.#title;
  }

  #save() {
    if (this.isPanel || this.#highest === (this.#stored() ?? 0)) return;
    try {
      localStorage.setItem(this.name, String(this.#highest));
    } catch {
      // Storage is forbidden: then the count begins anew with each page.
    }
    if (!this.remote) return;
    clearTimeout(this.#timer);
    const tell = () => api("PUT", `tickers/${this.host.slug}/seen/`, { number: this.#highest }).catch(() => {});
    this.#timer = setTimeout(tell, SAVE_AFTER_MS);
  }

  #stored() {
    try {
      const stored = Number.parseInt(localStorage.getItem(this.name), 10);
      return Number.isNaN(stored) ? null : stored;
    } catch {
      return null;
    }
  }
}
