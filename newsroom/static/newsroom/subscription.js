/* Who on this page follows a stream, and how far each of them is. Knows frames, but no socket: see live.js. */

/** One element that follows: it has had every event up to `offset`. */
export class Follower {
  constructor({ epoch, offset, onEvent, onReset, onLost }) {
    Object.assign(this, { epoch, offset, onEvent, onReset, onLost });
    if (epoch === null || offset === null) this.epoch = this.offset = null; // from now on
  }

  get isNew() {
    return this.epoch === null;
  }

  take(events) {
    for (const event of events) {
      if (event.offset <= this.offset) continue;
      this.offset = event.offset;
      guard(() => this.onEvent(event));
    }
  }
}

/** One stream as the server knows it for this page, shared by all who follow it here. */
export class Subscription {
  followers = new Set();
  isAsked = false; // an answer is awaited
  #epoch = null;
  #offset = null; // after which the server sends; null while it does not

  constructor(stream) {
    this.stream = stream;
  }

  add(follower) {
    this.followers.add(follower);
  }

  /** Whether what the server sends anyhow is all that `follower` needs. */
  serves(follower) {
    if (this.isAsked || this.#offset === null) return false;
    if (follower.isNew) [follower.epoch, follower.offset] = [this.#epoch, this.#offset];
    return follower.epoch === this.#epoch && follower.offset >= this.#offset;
  }

  /** The frame that asks for what everybody here still needs. */
  ask() {
    this.isAsked = true;
    const from = this.#oldest();
    return { type: "subscribe", stream: this.stream, ...(from ? { epoch: from.epoch, offset: from.offset } : {}) };
  }

  /** The same, as part of the socket's URL. */
  vector() {
    this.isAsked = true;
    const from = this.#oldest();
    return from ? `${this.stream}@${from.epoch}:${from.offset}` : this.stream;
  }

  /** The server follows on after a position. Who is in another epoch has to load anew. */
  confirm({ epoch, offset }) {
    this.isAsked = false;
    [this.#epoch, this.#offset] = [epoch, offset];
    for (const follower of [...this.followers]) {
      if (follower.isNew) [follower.epoch, follower.offset] = [epoch, offset];
      if (follower.epoch === epoch) continue;
      this.followers.delete(follower);
      guard(() => follower.onReset?.());
    }
  }

  /** Whether somebody needs older events than the server sends. */
  isBehind() {
    return [...this.followers].some((each) => each.offset < this.#offset);
  }

  /** Hands out a frame's events. → true if somebody lacks what comes before them. */
  deliver({ epoch, from, upto, events }) {
    let isGap = false;
    for (const follower of [...this.followers]) {
      if (follower.epoch !== epoch) continue; // it waits for the answer to its question
      if (from > follower.offset) isGap = true;
      else follower.take(events);
    }
    if (epoch === this.#epoch) this.#offset = Math.max(this.#offset, upto);
    return isGap;
  }

  end(tell) {
    const followers = [...this.followers];
    this.followers.clear();
    for (const follower of followers) guard(() => tell(follower));
  }

  /** The last to come knows the current epoch; within it, who is furthest behind. */
  #oldest() {
    const placed = [...this.followers].filter((each) => !each.isNew);
    const epoch = placed.at(-1)?.epoch;
    const offsets = placed.filter((each) => each.epoch === epoch).map((each) => each.offset);
    return placed.length ? { epoch, offset: Math.min(...offsets) } : null;
  }
}

/** An element that fails does not take the others with it. */
function guard(run) {
  try {
    run();
  } catch (error) {
    (globalThis.reportError ?? console.error)(error);
  }
}
