/*
 * What has been said under an article since the reader was last here, on any device of theirs if they have an account:
 * such comments are marked, and a button leads from one to the next. How far the reader has read is stored once the
 * comments have been in sight.
 */
import { api } from "../newsroom/api.js";
import { say } from "../newsroom/words.js";

const MOST = 200; // discussions that are remembered; the longest unseen is forgotten

export class Unread {
  #read = null; // the place of the last comment that was there at the last visit; null at the first one
  #told = 0; // what the account knows of
  #isSeen = false;
  #at = null; // the comment to which the button has led

  /** host: the element of a discussion; me: the reader's id, or null. */
  constructor(host, me) {
    Object.assign(this, { host, me, name: `read.${me ?? ""}`, id: host.getAttribute("discussion") });
    const here = kept(this.name).find(([id]) => id === this.id)?.[1] ?? 0;
    this.#told = Number(host.getAttribute("read"));
    this.#read = Math.max(here, this.#told) || null;
    this.leave = () => document.visibilityState === "hidden" && this.#store();
    document.addEventListener("visibilitychange", this.leave);
    this.observer = new IntersectionObserver((entries) => {
      if (entries.some((each) => each.isIntersecting)) this.#isSeen = true;
    });
    this.observer.observe(host.list.root);
    if (this.#read === null) return;
    this.#makeButton();
    this.mark([host.list.root]);
  }

  end() {
    this.#store();
    this.observer.disconnect();
    document.removeEventListener("visibilitychange", this.leave);
  }

  /** Marks what is unread in these parts of the page, which have come from the server. */
  mark(parts) {
    if (this.#read === null) return;
    const rows = parts.flatMap((each) => [...(each.matches("li.comment") ? [each] : []), ...rowsIn(each)]);
    for (const row of rows) if (this.#isUnread(row)) this.#show(row);
    const n = this.#unread().length;
    this.button.parentElement.hidden = n === 0;
    this.button.textContent = `↓ ${say("unread_jump", { n })}`;
  }

  #isUnread({ dataset: { order, author, state } }) {
    return Number(order) > this.#read && state === "published" && author !== String(this.me);
  }

  #show(row) {
    const head = row.querySelector(":scope > .comment-box > .comment-head");
    if (!head || head.querySelector("[data-unread]")) return;
    const badge = document.createElement("span");
    badge.className = "badge badge-accent";
    badge.dataset.unread = "";
    badge.textContent = say("unread");
    head.append(badge);
  }

  #unread() {
    return rowsIn(this.host.list.root).filter((row) => row.querySelector(":scope > .comment-box [data-unread]"));
  }

  #makeButton() {
    const line = this.host.querySelector("[data-unread-jump]") ?? document.createElement("p"); // has its room already
    this.button = document.createElement("button");
    Object.assign(this.button, { type: "button", className: "button button-small" });
    this.button.addEventListener("click", () => this.#jump());
    line.className = "unread-jump";
    line.append(this.button);
    if (!line.isConnected) this.host.list.root.before(line);
  }

  /** To the first that is unread, then to the next; from the last to the first. */
  #jump() {
    const rows = this.#unread().filter((row) => row.checkVisibility());
    const row = rows[rows.indexOf(this.#at) + 1] ?? rows[0];
    if (!row) return;
    this.#at = row;
    const box = row.querySelector(".comment-box");
    box.scrollIntoView({ block: "center" });
    box.focus({ preventScroll: true });
  }

  #store() {
    if (!this.#isSeen) return;
    const orders = rowsIn(this.host.list.root).map((row) => Number(row.dataset.order) || 0);
    const newest = Math.max(this.#read ?? 0, ...orders);
    if (this.me !== null && newest > this.#told) {
      api("PUT", `discussions/${this.id}/read/`, { order: newest }, {}, true).catch(() => {});
      this.#told = newest;
    }
    const others = kept(this.name).filter(([id]) => id !== this.id);
    try {
      localStorage.setItem(this.name, JSON.stringify([[this.id, newest], ...others].slice(0, MOST)));
    } catch {
      // Storage is forbidden: then nothing is marked the next time.
    }
  }
}

function rowsIn(element) {
  return [...element.querySelectorAll("li.comment[data-id]")];
}

/** [[discussion, place]], the last visited first. */
function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? [];
  } catch {
    return [];
  }
}
