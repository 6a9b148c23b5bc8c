/*
 * Which items of a ticker somebody has not seen: those with a number above the highest one that was on screen in a
 * visible tab, whether or not the page shows them. The count stands in the tab's title and on the badge; beside another
 * page (attribute `src`) an "unseen" event tells it instead of the title. A first visit begins with what is there.
 * People who are logged in take it along, and hear at once what another device of theirs has had on screen; on a device
 * that several use, each has a mark of their own.
 */
import { api } from "../newsroom/api.js";
import { live } from "../newsroom/live.js";
import { remember, remembered } from "../newsroom/remember.js";

const SAVE_AFTER_MS = 2_000;
const everywhere = new Set(); // of a page: a ticker may stand in it twice

export class Seen {
  #unseen = new Set(); // numbers
  #watched = new Map(); // element → number; it has not been on screen
  #title = document.title;
  #highest = 0;
  #timer = 0;
  #unfollow = null;

  /** host: the <newsroom-ticker>; remote: whether the account remembers, too. */
  constructor(host, { remote }) {
    Object.assign(this, { host, remote, name: `seen.${host.slug}.${host.getAttribute("me") ?? ""}` });
    const known = Math.max(this.#stored() ?? 0, Number(host.getAttribute("seen") ?? 0));
    this.#highest = known || Math.max(0, ...rangesOf(host).map(([, last]) => last));
    this.observer = new IntersectionObserver((entries) => this.#onSight(entries), { threshold: 0.5 });
    document.addEventListener("visibilitychange", this.#onVisible);
    addEventListener("storage", this.#onStored);
    everywhere.add(this);
    this.renew();
    this.#save();
    if (remote) this.#follow();
  }

  stop() {
    everywhere.delete(this);
    this.#unfollow?.();
    this.observer.disconnect();
    document.removeEventListener("visibilitychange", this.#onVisible);
    removeEventListener("storage", this.#onStored);
    clearTimeout(this.#timer);
  }

  /** Counts anew what the page says there is: its attribute `numbers`. */
  renew() {
    this.#unseen.clear();
    for (const [first, last] of rangesOf(this.host)) {
      for (let number = Math.max(first, this.#highest + 1); number <= last; number++) this.#unseen.add(number);
    }
    this.#show();
  }

  /** Marks an item of the page until it has been on screen. */
  watch(element) {
    const number = Number(element.dataset.order);
    if (number <= this.#highest || element.classList.contains("is-retracted")) return;
    this.#watched.set(element, number);
    element.classList.add("is-unseen");
    this.observer.observe(element);
  }

  /** Counts an item that has been published, wherever it stands. */
  arrive(number) {
    if (number <= this.#highest || this.#unseen.has(number)) return;
    this.#unseen.add(number);
    this.#show();
  }

  /** An item that was taken back counts no longer. */
  forget(number, element) {
    if (element) this.#unwatch(element);
    if (this.#unseen.delete(number)) this.#show();
  }

  #unwatch(element) {
    this.observer.unobserve(element);
    this.#watched.delete(element);
    element.classList.remove("is-unseen");
  }

  #onVisible = () => {
    if (document.hidden) return;
    for (const element of this.#watched.keys()) {
      this.observer.unobserve(element); // observing anew reports what is on screen right now
      this.observer.observe(element);
    }
  };

  /** Another tab has seen more. */
  #onStored = ({ key }) => {
    if (key === this.name) this.#see(this.#stored() ?? 0);
  };

  #onSight(entries) {
    if (document.hidden) return;
    let highest = 0;
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting || !this.#watched.has(target)) continue;
      highest = Math.max(highest, this.#watched.get(target));
      this.#unwatch(target);
    }
    for (const element of this.#watched.keys()) if (!element.isConnected) this.#unwatch(element);
    this.#see(highest);
  }

  #see(number) {
    if (number <= this.#highest) return;
    this.#highest = number;
    for (const each of this.#unseen) if (each <= number) this.#unseen.delete(each);
    this.#show();
    this.#save();
    for (const other of everywhere) if (other.name === this.name) other.#see(number);
  }

  #follow() {
    this.#unfollow = live.follow(`user.${this.host.getAttribute("me")}`, {
      onEvent: ({ kind, data }) => kind === "ticker.seen" && data.ticker === this.host.slug && this.#see(data.number),
      onReset: () => this.#ask(),
    });
  }

  /** What happened meanwhile cannot be learnt from the stream. */
  async #ask() {
    this.#follow();
    const { data } = await api("GET", `tickers/${this.host.slug}/seen/`).catch(() => ({ data: { number: 0 } }));
    this.#see(data.number);
  }

  #show() {
    const n = this.#unseen.size;
    const badge = this.host.querySelector("newsroom-live-badge");
    if (badge) customElements.whenDefined("newsroom-live-badge").then(() => (badge.unseen = this.#unseen.size));
    if (!this.host.hasAttribute("src")) document.title = n > 0 ? `(${n}) ${this.#title}` : this.#title;
    this.host.dispatchEvent(new CustomEvent("unseen", { bubbles: true, detail: n }));
  }

  #save() {
    if (this.#highest <= (this.#stored() ?? 0)) return;
    remember(this.name, String(this.#highest));
    if (!this.remote) return;
    clearTimeout(this.#timer);
    const tell = () => api("PUT", `tickers/${this.host.slug}/seen/`, { number: this.#highest }).catch(() => {});
    this.#timer = setTimeout(tell, SAVE_AFTER_MS);
  }

  #stored() {
    const stored = Number.parseInt(remembered(this.name), 10);
    return Number.isNaN(stored) ? null : stored;
  }
}

/** The numbers of the published items, "1-4 6-9" as [[1, 4], [6, 9]]. */
function rangesOf(host) {
  const ranges = host.getAttribute("numbers")?.match(/\d+-\d+/g) ?? [];
  return ranges.map((range) => range.split("-").map(Number));
}
