/*
 * Comments that their author alone sees, since they wait for a moderator or were not published: comments/own.html.
 */
import { addressOf } from "../newsroom/addresses.js";
import { api, setHTML } from "../newsroom/api.js";
import { live } from "../newsroom/live.js";
import { setTime } from "../newsroom/time.js";

const CHANGES = new Set(["comment.held", "comment.approved", "comment.rejected", "notification.created"]);

export class OwnComments {
  #unfollow = null;
  #asked = 0;

  /** host: the element with [data-own]; me: the reader's id, or null; onDecided(key): a line that waited need not. */
  constructor(host, { discussion, me, onDecided }) {
    Object.assign(this, { discussion, me, onDecided, section: host.querySelector("[data-own]") });
  }

  follow() {
    if (!this.section || this.me === null) return;
    this.#unfollow = live.follow(`user.${this.me}`, {
      onEvent: (event) => this.#onEvent(event),
      onReset: () => {
        this.follow();
        this.load();
      },
    });
  }

  end() {
    this.#unfollow?.();
  }

  /** Shows what the server knows now; of several answers the one that was asked for last. */
  async load() {
    if (!this.section || this.me === null) return;
    const number = ++this.#asked;
    try {
      const { data } = await api("GET", `discussions/${this.discussion}/mine/`);
      if (number === this.#asked) this.#show([...data.held, ...data.rejected]);
    } catch {
      // It stays as it is until the next event, or the next visit.
    }
  }

  #onEvent({ kind, data, key }) {
    if (!CHANGES.has(kind) || !this.#isHere(data)) return;
    if (kind === "comment.rejected") this.onDecided(key);
    this.load();
  }

  /** Notifications name no discussion, but a comment that stands here. */
  #isHere({ discussion, subject }) {
    if (discussion !== undefined) return discussion === this.discussion;
    return this.section.querySelector(`[data-id="${Number(subject?.split(".")[1])}"]`) !== null;
  }

  #show(comments) {
    const pattern = this.section.querySelector("template[data-own-row]");
    const list = this.section.querySelector("[data-own-list]");
    list.replaceChildren(...comments.map((comment) => draw(pattern, comment)));
    this.section.hidden = comments.length === 0;
  }
}

function draw(pattern, comment) {
  const row = pattern.content.querySelector("li").cloneNode(true);
  const field = (name) => row.querySelector(`[data-field="${name}"]`);
  row.dataset.id = comment.id;
  row.dataset.state = comment.state;
  field("sentence").textContent = comment.sentence;
  setTime(field("time").querySelector("[data-time]"), comment.created_at);
  setHTML(field("html"), comment.html);
  field("edit").href = addressOf("comment-edit", { pk: comment.id });
  field("edit").hidden = comment.state !== "held";
  return row;
}
