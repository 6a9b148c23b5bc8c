/*
 * Branches of a thread that the reader has folded: a button below the avatar of a comment hides all that stands below
 * it, for as long as the page lives. Without this module all replies are seen.
 */
import { say } from "../newsroom/words.js";
import { rove } from "./toolbar.js";

export class Branches {
  #folded = new Set(); // ids of comments
  #observer = null;

  /** list: the element whose children are the threads. */
  constructor(list) {
    this.list = list;
    list.addEventListener("click", (event) => this.#onClick(event));
    this.#observer = new MutationObserver((changes) => this.#onChange(changes));
    this.#observer.observe(list, { childList: true, subtree: true });
    for (const top of list.children) this.#refresh(top);
  }

  end() {
    this.#observer.disconnect();
  }

  /** Unfolds the thread of a comment that somebody has asked for. */
  reveal(element) {
    const top = element.closest("[data-list] > li");
    if (!top) return;
    for (const each of [top, ...top.querySelectorAll("li.comment")]) this.#folded.delete(each.dataset.id);
    this.#refresh(top);
  }

  #onClick(event) {
    const button = event.target.closest("[data-branch]");
    if (!button) return;
    const { id } = button.closest("li.comment").dataset;
    if (!this.#folded.delete(id)) this.#folded.add(id);
    this.#refresh(button.closest("[data-list] > li"));
  }

  #onChange(changes) {
    const tops = new Set();
    for (const { target, addedNodes } of changes) {
      if (target === this.list) for (const each of addedNodes) tops.add(each);
      else if (target.matches("[data-replies]")) tops.add(target.closest("[data-list] > li"));
    }
    for (const top of tops) if (top?.isConnected && top.matches("li.comment")) this.#refresh(top);
  }

  /** Replies come in their turn, each with its level: a branch ends before the next one that is not deeper. */
  #refresh(top) {
    const replies = [...top.querySelectorAll(":scope > [data-replies] > li.comment")];
    const levels = replies.map((each) => Number(each.dataset.level));
    this.#draw(top, replies.length);
    top.toggleAttribute("data-folded", this.#folded.has(top.dataset.id));
    let foldedAt = Infinity;
    for (const [at, each] of replies.entries()) {
      const end = levels.findIndex((level, other) => other > at && level <= levels[at]);
      this.#draw(each, (end < 0 ? replies.length : end) - at - 1);
      if (levels[at] <= foldedAt) foldedAt = Infinity;
      each.toggleAttribute("data-in-fold", levels[at] > foldedAt);
      if (foldedAt === Infinity && this.#folded.has(each.dataset.id)) foldedAt = levels[at];
    }
  }

  /** The button of a comment with n replies below it. */
  #draw(element, n) {
    const foot = element.querySelector(":scope > .comment-box .comment-foot");
    let button = foot?.querySelector("[data-branch]");
    if (!foot || (n === 0 && !button)) return;
    if (n === 0) {
      button.remove();
      this.#folded.delete(element.dataset.id);
    } else if (!button) {
      button = document.createElement("button");
      Object.assign(button, { type: "button", className: "button-link" });
      // Placed below the avatar by the style sheet: among the deeds it would break their line, and move what is read.
      button.dataset.branch = "";
      foot.querySelector(".comment-actions").append(button);
    }
    const isFolded = this.#folded.has(element.dataset.id);
    button.setAttribute("aria-expanded", String(!isFolded));
    button.textContent = isFolded ? `+${n}` : "−";
    button.title = say(isFolded ? "branch_show" : "branch_fold", { n });
    button.setAttribute("aria-label", button.title);
    if (foot.getAttribute("role") === "toolbar") rove(foot);
  }
}
