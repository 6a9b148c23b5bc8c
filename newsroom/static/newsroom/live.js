/*
 * One connection for the whole page: a WebSocket, or server-sent events where none gets through. Elements follow
 * streams from the position that their HTML or list was read at, and get every later event once and in order, however
 * often the connection is lost; or they are told to load anew.
 */
import { EventStream } from "./event-stream.js";
import { Follower, Subscription } from "./subscription.js";
import { Timers } from "./timers.js";

const [FIRST_WAIT_MS, LONGEST_WAIT_MS, TOO_MANY_WAIT_MS] = [1_000, 30_000, 60_000];
const OPENING_MS = 15_000;
const ANSWER_MS = 20_000;
const PROBE_MS = 5_000; // a connection that does not answer for so long is dead
const SILENCE_MS = 60_000; // after so much of it we ask whether anybody is there
const LINGER_MS = 10_000; // how long a socket stays that nobody uses
const FAILED_SOCKETS = 3; // in a row that never opened: then server-sent events have their turn
const BETTER_MS = 300_000; // after which a socket is tried again; twice as long each time it is in vain
const REOPEN_MS = 50; // what is asked meanwhile is asked together
const NOTHING_LEFT = 4003;
const TOO_MANY = 4029;

export class Live extends EventTarget {
  #url;
  #subscriptions = new Map(); // stream → Subscription
  #commands = new Map(); // key → { resolve, reject, timer }
  #socket = null;
  #state = "connecting";
  #failures = 0;
  #failedSockets = 0;
  #betterWait = BETTER_MS;
  #timers = new Timers(); // retry, opening, silence, probe, linger, again, better, reopen

  constructor(url) {
    super();
    this.#url = url;
    globalThis.addEventListener?.("online", () => this.#changeNetwork());
    globalThis.addEventListener?.("offline", () => this.#setState("offline"));
    const network = globalThis.navigator?.connection;
    let type = network?.type;
    network?.addEventListener?.("change", () => {
      if (type !== (type = network.type)) this.#changeNetwork(); // not where it only became faster or slower
    });
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
    this.#timers.stop("linger");
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
    if (!this.#isOpen || !this.#canSend) return Promise.reject(new Error("not connected"));
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
    if (this.#subscriptions.size === 0) this.#timers.start("linger", LINGER_MS, () => this.#leaveIfUnused());
  }

  #leaveIfUnused() {
    if (this.#socket !== null && this.#subscriptions.size === 0 && this.#commands.size === 0) this.#disconnect();
  }

  // --- the connection

  get #isOpen() {
    return this.#socket !== null && this.#socket.readyState === WebSocket.OPEN;
  }

  get #canSend() {
    return !(this.#socket instanceof EventStream);
  }

  #connect() {
    this.#timers.stop("retry");
    if (this.#failures === 0) this.#setState("connecting");
    this.#open();
  }

  #open() {
    const wanted = [...this.#subscriptions.values()].map((each) => each.vector()).join(",");
    const query = `?streams=${encodeURIComponent(wanted)}`;
    // Where sockets fail and server-sent events do too, they take turns.
    const isListening = wanted && globalThis.EventSource && this.#failedSockets >= FAILED_SOCKETS;
    const socket =
      isListening && (this.#failedSockets - FAILED_SOCKETS) % 2 === 0
        ? new EventStream(`${this.#url.replace(/^ws/, "http")}sse${query}`)
        : new WebSocket(this.#url + query);
    this.#socket = socket;
    this.#timers.start("opening", OPENING_MS, () => this.#lose(socket, 1006));
    socket.addEventListener("open", () => this.#opened(socket));
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#receive(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code }) => this.#lose(socket, code));
  }

  #opened(socket) {
    if (socket !== this.#socket) return;
    this.#timers.stop("opening");
    this.#setState("live");
    if (this.#canSend) {
      [this.#failedSockets, this.#betterWait] = [0, BETTER_MS];
    } else {
      this.#failedSockets = FAILED_SOCKETS;
      this.#timers.start("better", this.#betterWait, () => this.#tryForBetter());
    }
    this.#listenForSilence();
    // What was followed or given up while it opened is not what its URL says.
    for (const each of this.#subscriptions.values()) if (!each.isAsked) this.#send(each.ask());
  }

  /** The one way to lose a connection; what comes later from its socket is ignored. */
  #lose(socket, code) {
    if (socket !== this.#socket) return;
    if (this.#timers.has("opening")) this.#failedSockets += 1;
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
    this.#timers.start("retry", wait, () => this.#connect());
  }

  #disconnect() {
    this.#timers.stop("retry");
    this.#socket?.close(1000);
    this.#abandon();
    this.#setState("connecting"); // nobody follows anything, or nobody sees the page
  }

  #abandon() {
    const socket = this.#socket;
    this.#socket = null;
    this.#timers.stop("opening", "silence", "probe", "again", "linger", "better", "reopen");
    for (const each of this.#subscriptions.values()) each.isAsked = false;
    for (const key of [...this.#commands.keys()]) this.#settle(key, (it) => it.reject(new Error("connection lost")));
    if (socket !== null && socket.readyState < 2) socket.close();
  }

  /** Perhaps sockets get through by now; if not, what we had is resumed. */
  #tryForBetter() {
    this.#betterWait *= 2;
    this.#failedSockets = FAILED_SOCKETS - 1;
    this.#reopen();
  }

  #reopen() {
    this.#abandon();
    this.#open();
  }

  #changeNetwork() {
    this.#failedSockets = 0;
    this.#wakeUp();
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
    if (!this.#canSend) return this.#reopen(); // whoever can only listen cannot ask
    if (this.#timers.has("probe")) return;
    this.#timers.start("probe", PROBE_MS, () => this.#lose(socket, 1006));
    this.#send({ type: "unsubscribe", stream: "-" }); // any answer will do
  }

  #listenForSilence() {
    this.#timers.start("silence", SILENCE_MS, () => this.#probe());
  }

  // --- frames

  #send(frame) {
    if (this.#canSend) this.#socket.send(JSON.stringify(frame));
    else if (frame.type === "subscribe") this.#timers.start("reopen", REOPEN_MS, () => this.#reopen());
  }

  #receive(frame) {
    this.#failures = 0;
    this.#setState("live"); // whatever the browser thinks of its network
    this.#timers.stop("probe");
    this.#listenForSilence();
    if (this.#commands.has(frame.key)) {
      this.#settle(frame.key, (it) => it.resolve(frame));
      return;
    }
    if (frame.type === "error" && frame.code === "too_many_requests") {
      if (!this.#canSend) return this.#lose(this.#socket, TOO_MANY);
      this.#timers.start("again", PROBE_MS, () => this.#askAgain());
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

  // --- state

  #setState(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new Event("state"));
  }
}

const address = () => {
  const url = new URL("/live/", globalThis.location?.href ?? "http://localhost/");
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
};

/** The page's one connection. It is opened by the first `follow`. */
export const live = new Live(address());
