/*
 * Whom the reader ignores: their comments are folded, here and on the reader's other devices. The server folds those
 * that it draws; a fold is comments/fold.html.
 */
import { api } from "../newsroom/api.js";
import { live } from "../newsroom/live.js";

export class Ignored {
  #ids;
  #unfollow = null;

  /** host: the element of a discussion, with its <template data-fold> where the reader may ignore somebody. */
  constructor(host) {
    this.host = host;
    this.pattern = host.querySelector("template[data-fold]");
    this.#ids = new Set((host.getAttribute("ignored") ?? "").split(" ").filter(Boolean));
  }

  has(author) {
    return this.#ids.has(String(author));
  }

  follow() {
    if (!this.pattern) return;
    this.#unfollow = live.follow(`user.${this.host.getAttribute("me")}`, {
      onEvent: ({ kind, data }) => {
        if (kind === "person.ignored" || kind === "person.heeded") this.turn(data.id, kind === "person.ignored");
      },
      onReset: () => {
        this.follow();
        this.#load();
      },
    });
  }

  end() {
    this.#unfollow?.();
  }

  /** Folds all that this person says, or unfolds it. */
  turn(author, isIgnored) {
    if (isIgnored) this.#ids.add(String(author));
    else this.#ids.delete(String(author));
    for (const each of this.host.querySelectorAll(`li.comment[data-author="${Number(author)}"]`)) this.show(each);
  }

  /** Brings the fold of a comment up to date. */
  show(element) {
    const box = element.querySelector(".comment-box");
    const fold = box.querySelector(":scope > .comment-fold");
    const isFolded = this.has(element.dataset.author) && element.dataset.state === "published";
    if (!isFolded) fold?.remove();
    else if (!fold && this.pattern) box.prepend(this.pattern.content.firstElementChild.cloneNode(true));
  }

  async #load() {
    const { results } = (await api("GET", "me/ignored/")).data;
    const now = new Set(results.map(({ id }) => String(id)));
    for (const id of new Set([...this.#ids, ...now])) this.turn(id, now.has(id));
  }
}
