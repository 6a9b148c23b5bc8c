/*
 * What somebody has begun to write survives a reload at once, and a change of the machine within seconds.
 */
import { api } from "../newsroom/api.js";

const PAUSE_MS = 1500;

export class Draft {
  #timer = 0;
  #kept = null;

  /** isShared: it is kept on the server, too; of each discussion that is one draft, the one of its main composer. */
  constructor(discussion, parent, isShared) {
    const [name, path] = [`draft.${discussion}.${parent ?? 0}`, `discussions/${discussion}/draft/`];
    Object.assign(this, { name, path, isShared });
  }

  recall() {
    try {
      return sessionStorage.getItem(this.name) ?? "";
    } catch {
      return "";
    }
  }

  keep(text) {
    try {
      if (text) sessionStorage.setItem(this.name, text);
      else sessionStorage.removeItem(this.name);
    } catch {
      // Storage is full or forbidden: then only the server has it.
    }
    clearTimeout(this.#timer);
    if (this.isShared) this.#timer = setTimeout(() => this.#send(text), text ? PAUSE_MS : 0);
  }

  async #send(text) {
    if (text === this.#kept) return;
    try {
      if (text) await api("PUT", this.path, { text });
      else await api("DELETE", this.path);
      this.#kept = text;
    } catch {
      // The next letter tries again.
    }
  }
}
