/*
 * <newsroom-notices>: what somebody with an account hears on any page: news of what they follow, answers to them,
 * what became of their comment, and where they stand.
 */
import { live } from "./live.js";
import { describe } from "./time.js";

const MOST = 4; // at once; the oldest goes
const STAYS_MS = 20_000;
const words = JSON.parse(document.getElementById("notice-words")?.textContent ?? "{}");

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

  /** What is kept is announced; of a thing of others not on its own page, which shows it. */
  #onEvent({ kind, data }) {
    if (kind !== "notification.created") return;
    const sentence = words.kinds[data.kind] ?? "{title}";
    const isOfOthers = typeof sentence === "string" && sentence.includes("{title}");
    if (isOfOthers && new URL(data.url, location.href).pathname === location.pathname) return;
    this.#show([fill(sentence, data), data.norm, data.text].filter(Boolean).join(" "), data.url);
  }

  #show(sentence, url = null) {
    const toast = document.createElement("div");
    toast.className = "toast";
    const line = document.createElement(url ? "a" : "p");
    line.textContent = sentence;
    line.dir = "auto";
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

/** A restriction has sentences of its own: of everything or of some, until a time or for good. */
function fill(sentence, { title, reason, scope, section, until, role, n, refused }) {
  const kind = `${scope === "all" && !section ? "all" : "some"}${until ? "_until" : ""}`;
  const chosen = typeof sentence === "string" ? sentence : sentence[kind];
  return chosen
    .replace("{reason}", words.reasons[reason] ?? words.reasons.other)
    .replace("{scope}", `${words.scopes[scope] ?? ""}${section ? ` (${section})` : ""}`)
    .replace("{n}", n)
    .replace("{refused}", refused)
    .replace("{role}", words.roles[role] ?? "")
    .replace("{until}", until ? describe(new Date(until), "absolute") : "")
    .replace("{title}", () => title);
}

customElements.define("newsroom-notices", NewsroomNotices);
