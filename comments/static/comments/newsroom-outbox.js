/*
 * <newsroom-outbox>: comments that could not be sent for lack of a connection. They stay as lines, are kept on this
 * device, and are sent with the key of the first try once the site can be reached: so the server takes each once,
 * however often it comes. What was written below a page that was kept for reading offline is sent only if its author
 * says so: meanwhile much may have been said.
 */
import { api } from "../newsroom/api.js";
import { live } from "../newsroom/live.js";
import { sayProblem } from "../newsroom/words.js";

const AGAIN_MS = 15_000;
const KEY_LIVES_MS = 47 * 3_600_000; // the server forgets a key after 48 hours; then a comment could come twice
const MOST = 20;
const HELD = 202;

class NewsroomOutbox extends HTMLElement {
  #sending = false;
  #timer = 0;
  #here = []; // where nothing can be stored

  /** The element of the discussion has `pending`, `placeFor(parent)` and `arrive(isHeld, comment, key)`. */
  connectedCallback() {
    this.host = this.closest("newsroom-discussion, newsroom-chat");
    this.name = `outbox.${this.host.getAttribute("me")}`;
    for (const each of this.#mine()) this.#show(each);
    this.onState = () => live.state === "live" && this.flush();
    live.addEventListener("state", this.onState);
    if (this.#mine().length) this.flush();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    live.removeEventListener("state", this.onState);
  }

  /** Takes over a comment that did not arrive: {key, text, parent}. */
  keep(draft) {
    const asks = "kept" in document.documentElement.dataset;
    const entry = { ...draft, discussion: this.host.discussion, at: Date.now(), asks };
    this.#write([...this.#read(), entry].slice(-MOST));
    this.#show(entry);
    this.#later();
  }

  /** It has arrived, or is given up. */
  settle(key) {
    const others = this.#read().filter((each) => each.key !== key);
    if (others.length < this.#read().length) this.#write(others);
  }

  /** Sends what waits, one after the other, the first one first. */
  async flush() {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (const each of this.#mine()) if (isReady(each) && !(await this.#send(each))) break;
    } finally {
      this.#sending = false;
    }
    if (this.#mine().some(isReady)) this.#later();
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), AGAIN_MS);
  }

  /** → whether an answer came. */
  async #send({ key, text, parent }) {
    try {
      const body = parent ? { text, parent } : { text };
      const path = `discussions/${this.host.discussion}/comments/`;
      const { status, data } = await api("POST", path, body, { "Idempotency-Key": key });
      this.settle(key);
      this.host.arrive(status === HELD, data, key);
      return true;
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      if (problem.status === 0 || problem.status >= 500) return false;
      this.#refuse(key, problem.errors?.text?.[0] ?? sayProblem(problem, "text"));
      return true;
    }
  }

  #refuse(key, refused) {
    this.#write(this.#read().map((each) => (each.key === key ? { ...each, refused } : each)));
    const entry = this.#mine().find((each) => each.key === key);
    if (entry) this.#show(entry);
  }

  #show(entry) {
    const line = this.host.pending.show(entry, this.host.placeFor(entry.parent));
    line.removeAttribute("aria-busy");
    line.classList.add("is-waiting");
    line.querySelector('[data-field="link"]').replaceChildren();
    const foot = document.createElement("p");
    const words = document.createElement("span");
    words.setAttribute("role", "status");
    words.textContent = entry.refused ?? this.dataset[isFresh(entry) ? (entry.asks ? "asks" : "waits") : "old"];
    foot.className = "outbox small";
    foot.append(words);
    if (isFresh(entry)) foot.append(button(this.dataset[entry.asks ? "send" : "again"], () => this.#retry(entry.key)));
    foot.append(button(this.dataset.drop, () => this.#drop(entry.key)));
    line.querySelector(".comment-box").append(foot);
  }

  #retry(key) {
    this.#write(this.#read().map((each) => (each.key === key ? { ...each, refused: undefined, asks: false } : each)));
    this.flush();
  }

  #drop(key) {
    this.settle(key);
    this.host.pending.settle(key);
  }

  #mine() {
    return this.#read().filter((each) => each.discussion === this.host.discussion);
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.name)) ?? [];
    } catch {
      return this.#here;
    }
  }

  #write(entries) {
    this.#here = entries;
    try {
      localStorage.setItem(this.name, JSON.stringify(entries));
    } catch {
      // Storage is forbidden: then they wait as long as this page lives.
    }
  }
}

function isFresh({ at }) {
  return Date.now() - at < KEY_LIVES_MS;
}

function isReady(entry) {
  return !entry.refused && !entry.asks && isFresh(entry);
}

function button(label, onClick) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: "button-link", textContent: label });
  made.addEventListener("click", onClick);
  return made;
}

customElements.define("newsroom-outbox", NewsroomOutbox);
