/*
 * One socket for the whole page. Elements follow streams from the position that their HTML or list was read at, and
 * get every later event once and in order, however often the connection is lost; or they are told to load anew.
 */
import { Follower, Subscription } from "./subscription.js";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const TOO_MANY_WAIT_MS = 60_000;
const OPENING_MS = 15_000;
const ANSWER_MS = 20_000;
const PROBE_MS = 5_000; // a connection that does not answer for so long is dead
const SILENCE_MS = 60_000; // after so much of it we ask whether anybody is there
const LINGER_MS = 10_000; // how long a socket stays that nobody uses
const NOTHING_LEFT = 4003;
const TOO_MANY = 4029;

export class Live extends EventTarget {
  #url;
  #subscriptions = new Map(); // stream → Subscription
  #commands = new Map(); // key → { resolve, reject, timer }
  #socket = null;
  #state = "connecting";
  #failures = 0;
  #timers = new Map(); // retry, opening, silence, probe, linger, again → id

  constructor(url) {
    super();
    this.#url = url;
    globalThis.addEventListener?.("online", () => this.#wakeUp());
    globalThis.addEventListener?.("offline", () => this.#setState("offline"));
    globalThis.addEventListener?.("pagehide", () => this.#disconnect());
    globalThis.addEventListener?.("pageshow", () => this.#wakeUp());
    globalThis.document?.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#wakeUp();
    });
  }

  /** "connecting", "live", "waiting" (to try again) or "offline"; each change is a "state" event. */
  get state() {
    return this.#state;
  }

  /**
   * Calls `onEvent({offset, kind, at, key?, data})` for each event after (epoch, offset), or from now on without one.
   * `onReset()`: it cannot be continued, load anew and follow again from there. `onLost(code)`: it may no longer be
   * followed. After either this following has ended. → a function that ends it.
   */
  follow(stream, { epoch = null, offset = null, onEvent, onReset, onLost }) {
    const follower = new Follower({ epoch, offset, onEvent, onReset, onLost });
    const known = this.#subscriptions.get(stream) ?? new Subscription(stream);
    this.#subscriptions.set(stream, known);
    known.add(follower);
    this.#stop("linger");
    if (this.#isOpen) {
      if (!known.serves(follower)) this.#send(known.ask());
    } else if (this.#socket === null && !this.#timers.has("retry")) {
      this.#connect();
    }
    return () => this.#unfollow(known, follower);
  }

  /**
   * Sends a command, with a key of its own if it has none. → its answer. Rejected if there is no connection, or none
   * left to answer: what has become of it then is learnt by repeating it with the same key, here or over HTTP.
   */
  command(message) {
    const asked = { key: crypto.randomUUID(), ...message };
    if (!this.#isOpen) return Promise.reject(new Error("not connected"));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(asked.key, (it) => it.reject(new Error("no answer"))), ANSWER_MS);
      this.#commands.set(asked.key, { resolve, reject, timer });
      this.#send(asked);
    });
  }

  #unfollow(subscription, follower) {
    subscription.followers.delete(follower);
    if (subscription.followers.size > 0 || this.#subscriptions.get(subscription.stream) !== subscription) return;
    this.#forget(subscription);
    if (this.#isOpen) this.#send({ type: "unsubscribe", stream: subscription.stream });
  }

  #forget(subscription) {
    this.#subscriptions.delete(subscription.stream);
    if (this.#subscriptions.size === 0) this.#start("linger", LINGER_MS, () => this.#leaveIfUnused());
  }

  #leaveIfUnused() {
    if (this.#socket !== null && this.#subscriptions.size === 0 && this.#commands.size === 0) this.#disconnect();
  }

  // --- the connection

  get #isOpen() {
    return this.#socket !== null && this.#socket.readyState === WebSocket.OPEN;
  }

  #connect() {
    this.#stop("retry");
    if (this.#failures === 0) this.#setState("connecting");
    const wanted = [...this.#subscriptions.values()].map((each) => each.vector()).join(",");
    const socket = new WebSocket(`${this.#url}?streams=${encodeURIComponent(wanted)}`);
    this.#socket = socket;
    this.#start("opening", OPENING_MS, () => this.#lose(socket, 1006));
    socket.addEventListener("open", () => this.#opened(socket));
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#receive(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code }) => this.#lose(socket, code));
  }

  #opened(socket) {
    if (socket !== this.#socket) return;
    this.#stop("opening");
    this.#setState("live");
    this.#listenForSilence();
    // What was followed or given up while it opened is not what its URL says.
    for (const each of this.#subscriptions.values()) if (!each.isAsked) this.#send(each.ask());
  }

  /** The one way to lose a connection; what comes later from its socket is ignored. */
  #lose(socket, code) {
    if (socket !== this.#socket) return;
    this.#abandon();
    if (code === NOTHING_LEFT) {
      this.#setState("offline");
      for (const each of [...this.#subscriptions.values()]) this.#end(each, (it) => it.onLost?.(code));
    } else if (this.#subscriptions.size > 0) {
      this.#retry(code);
    }
  }

  #retry(code) {
    this.#setState(globalThis.navigator?.onLine === false ? "offline" : "waiting");
    const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#failures++, 10));
    const wait = code === TOO_MANY ? TOO_MANY_WAIT_MS * (0.5 + Math.random()) : most * Math.random(); // full jitter
    this.#start("retry", wait, () => this.#connect());
  }

  #disconnect() {
    this.#stop("retry");
    this.#socket?.close(1000);
    this.#abandon();
    this.#setState("connecting"); // nobody follows anything, or nobody sees the page
  }

  #abandon() {
    const socket = this.#socket;
    this.#socket = null;
    for (const name of ["opening", "silence", "probe", "again", "linger"]) this.#stop(name);
    for (const each of this.#subscriptions.values()) each.isAsked = false;
    for (const key of [...this.#commands.keys()]) this.#settle(key, (it) => it.reject(new Error("connection lost")));
    if (socket !== null && socket.readyState < 2) socket.close();
  }

  /** The page is seen again, or the network is back: do not wait, and do not believe an old connection. */
  #wakeUp() {
    if (this.#isOpen) {
      this.#setState("live");
      this.#probe();
    } else if (this.#socket === null && this.#subscriptions.size > 0) {
      this.#failures = 0;
      this.#connect();
    }
  }

  #probe() {
    const socket = this.#socket;
    if (this.#timers.has("probe")) return;
    this.#start("probe", PROBE_MS, () => this.#lose(socket, 1006));
    this.#send({ type: "unsubscribe", stream: "-" }); // any answer will do
  }

  #listenForSilence() {
    this.#start("silence", SILENCE_MS, () => this.#probe());
  }

  // --- frames

  #send(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  #receive(frame) {
    this.#failures = 0;
    this.#setState("live"); // whatever the browser thinks of its network
    this.#stop("probe");
    this.#listenForSilence();
    if (this.#commands.has(frame.key)) {
      this.#settle(frame.key, (it) => it.resolve(frame));
      return;
    }
    if (frame.type === "error" && frame.code === "too_many_requests") {
      this.#start("again", PROBE_MS, () => this.#askAgain());
    }
    const subscription = this.#subscriptions.get(frame.stream);
    if (subscription) this.#receiveFor(subscription, frame);
    else if (frame.type === "subscribed") this.#send({ type: "unsubscribe", stream: frame.stream });
  }

  #receiveFor(subscription, frame) {
    if (frame.type === "events") {
      if (subscription.deliver(frame) && !subscription.isAsked) this.#send(subscription.ask());
    } else if (frame.type === "subscribed") {
      subscription.confirm(frame);
      if (subscription.followers.size === 0) this.#forget(subscription);
      else if (subscription.isBehind()) this.#send(subscription.ask());
    } else if (frame.type === "reset") {
      this.#end(subscription, (it) => it.onReset?.());
    } else if (frame.type === "error" || (frame.type === "unsubscribed" && frame.code)) {
      this.#end(subscription, (it) => it.onLost?.(frame.code));
    }
  }

  #askAgain() {
    for (const each of this.#subscriptions.values()) if (each.isAsked) this.#send(each.ask());
  }

  #end(subscription, tell) {
    this.#forget(subscription);
    subscription.end(tell);
  }

  #settle(key, how) {
    const command = this.#commands.get(key);
    if (!command) return;
    this.#commands.delete(key);
    clearTimeout(command.timer);
    how(command);
  }

  // --- state and timers

  #setState(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new Event("state"));
  }

  #start(name, wait, run) {
    this.#stop(name);
    const id = setTimeout(() => {
      this.#timers.delete(name);
      run();
    }, wait);
    this.#timers.set(name, id);
  }

  #stop(name) {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}

const address = () => {
  const url = new URL("/live/", globalThis.location?.href ?? "http://localhost/");
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
};

/** The page's one connection. It is opened by the first `follow`. */
export const live = new Live(address());
