import assert from "node:assert/strict";
import { beforeEach, afterEach, mock, test } from "node:test";

class FakeSocket extends EventTarget {
  static OPEN = 1;
  static all = [];
  sent = [];
  readyState = 0;
  constructor(url) {
    super();
    this.url = decodeURIComponent(url);
    FakeSocket.all.push(this);
  }
  get streams() {
    return this.url.split("?streams=")[1];
  }
  send(text) {
    assert.equal(this.readyState, 1, "sent on a socket that is not open");
    this.sent.push(JSON.parse(text));
  }
  close(code) {
    this.closedWith = code ?? 1000;
    this.readyState = 3;
  }
  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  tell(frame) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(frame) }));
  }
  subscribed(stream, offset, epoch = "e") {
    this.tell({ type: "subscribed", stream, epoch, offset });
  }
  events(stream, from, upto, epoch = "e") {
    const events = [];
    for (let offset = from + 1; offset <= upto; offset += 1) events.push({ offset, kind: "k", data: {} });
    this.tell({ type: "events", stream, epoch, from, upto, events });
  }
  drop(code = 1006) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

class FakeSource extends FakeSocket {
  fail() {
    this.dispatchEvent(new Event("error"));
  }
}

globalThis.WebSocket = FakeSocket;
const navigator = Object.getOwnPropertyDescriptor(globalThis, "navigator") ?? { value: undefined, configurable: true };
let page = new EventTarget();
globalThis.addEventListener = (...listener) => page.addEventListener(...listener);
const { Live } = await import("../../newsroom/static/newsroom/live.js");

const last = () => FakeSocket.all.at(-1);
const emit = (name) => page.dispatchEvent(new Event(name));

let live;
let jitter;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  jitter = mock.method(Math, "random", () => 1);
  FakeSocket.all = [];
  globalThis.EventSource = FakeSource;
  page = new EventTarget();
  globalThis.document = Object.assign(new EventTarget(), { hidden: false });
  live = new Live("ws://news.example/live/");
});
afterEach(() => {
  mock.timers.reset();
  jitter.mock.restore();
  Object.defineProperty(globalThis, "navigator", navigator);
});

function reader(stream, epoch = null, offset = null, extra = {}) {
  const heard = { offsets: [], resets: 0, lost: [] };
  heard.unfollow = live.follow(stream, {
    epoch,
    offset,
    onEvent: (event) => heard.offsets.push(event.offset),
    onReset: () => (heard.resets += 1),
    onLost: (code) => heard.lost.push(code),
    ...extra,
  });
  return heard;
}

function connected(stream = "a", offset = 4) {
  const heard = reader(stream, "e", offset);
  last().open();
  last().subscribed(stream, offset);
  return heard;
}

test("all elements of a page share one socket and each hears its own stream", () => {
  const a = reader("a", "e", 4);
  const b = reader("b");
  assert.equal(FakeSocket.all.length, 1);
  last().open();
  assert.equal(last().streams, "a@e:4");
  assert.deepEqual(last().sent, [{ type: "subscribe", stream: "b" }]);

  last().subscribed("a", 4);
  last().subscribed("b", 9);
  last().events("a", 4, 6);
  last().events("b", 9, 10);

  assert.deepEqual([a.offsets, b.offsets], [[5, 6], [10]]);
});

test("a lost connection resumes where each stream stands and tells nothing twice", () => {
  const heard = connected("a", 4);
  last().events("a", 4, 6);
  last().drop();
  mock.timers.tick(1000);
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(last().streams, "a@e:6");
  last().open();
  last().subscribed("a", 6);

  last().events("a", 5, 7);

  assert.deepEqual(heard.offsets, [5, 6, 7]);
});

test("a stream followed from now on resumes from where it was found", () => {
  const heard = reader("a");
  last().open();
  assert.equal(last().streams, "a");
  last().subscribed("a", 9);
  last().drop();
  mock.timers.tick(1000);

  assert.equal(last().streams, "a@e:9");
  assert.deepEqual(heard.offsets, []);
});

test("events that do not join on are asked for again, not shown", () => {
  const heard = connected("a", 4);

  last().events("a", 6, 7);

  assert.deepEqual(heard.offsets, []);
  assert.deepEqual(last().sent, [{ type: "subscribe", stream: "a", epoch: "e", offset: 4 }]);
  last().subscribed("a", 4);
  last().events("a", 4, 7);
  assert.deepEqual(heard.offsets, [5, 6, 7]);
});

test("a reset ends the following; the element follows anew from where it loaded", () => {
  const heard = connected("a", 4);
  last().tell({ type: "reset", stream: "a" });
  assert.equal(heard.resets, 1);
  heard.unfollow();

  const again = reader("a", "f", 40);
  assert.deepEqual(last().sent.at(-1), { type: "subscribe", stream: "a", epoch: "f", offset: 40 });
  last().subscribed("a", 40, "f");
  last().events("a", 40, 41, "f");

  assert.deepEqual([heard.offsets, again.offsets, again.resets], [[], [41], 0]);
});

test("two elements on one stream each get what comes after their own position", () => {
  const ahead = connected("a", 9);
  const behind = reader("a", "e", 5);
  assert.deepEqual(last().sent, [{ type: "subscribe", stream: "a", epoch: "e", offset: 5 }]);
  last().events("a", 9, 10); // of the first subscription: not for the one behind
  last().subscribed("a", 5);
  last().events("a", 5, 11);

  assert.deepEqual(ahead.offsets, [10, 11]);
  assert.deepEqual(behind.offsets, [6, 7, 8, 9, 10, 11]);
});

test("a second element that is not behind asks nobody", () => {
  connected("a", 4);
  const second = reader("a", "e", 6);
  last().events("a", 4, 8);

  assert.deepEqual(last().sent, []);
  assert.deepEqual(second.offsets, [7, 8]);
});

test("an element of an older epoch loads anew, the others stay", () => {
  const old = connected("a", 4);
  const young = reader("a", "f", 2);
  last().subscribed("a", 2, "f");
  last().events("a", 2, 3, "f");

  assert.deepEqual([old.resets, young.resets, young.offsets], [1, 0, [3]]);
});

test("after the last element has gone the stream is given up, and later the socket", () => {
  const first = connected("a", 4);
  const second = reader("a", "e", 4);
  first.unfollow();
  assert.deepEqual(last().sent, []);
  second.unfollow();
  assert.deepEqual(last().sent, [{ type: "unsubscribe", stream: "a" }]);
  mock.timers.tick(10_000);

  assert.equal(last().closedWith, 1000);
  reader("b");
  assert.equal(FakeSocket.all.length, 2);
});

test("a right that is lost is told with its code", () => {
  const a = connected("a", 4);
  const b = reader("b");
  last().tell({ type: "error", code: "unknown_stream", detail: "…", stream: "b" });
  last().tell({ type: "unsubscribed", stream: "a", code: "forbidden" });

  assert.deepEqual([a.lost, b.lost], [["forbidden"], ["unknown_stream"]]);
});

test("when nothing is left that may be read nobody tries again", () => {
  const heard = connected("a", 4);
  last().drop(4003);
  mock.timers.tick(100_000);

  assert.deepEqual(heard.lost, [4003]);
  assert.equal(FakeSocket.all.length, 1);
  assert.equal(live.state, "offline");
});

test("an element that fails does not take the others with it", () => {
  const errors = mock.method(console, "error", () => {});
  reader("a", "e", 4, {
    onEvent: () => {
      throw new Error("broken");
    },
  });
  const heard = connected("a", 4);
  last().events("a", 4, 6);
  errors.mock.restore();

  assert.deepEqual(heard.offsets, [5, 6]);
});

test("waits grow up to half a minute, with full jitter, and begin anew after a success", () => {
  globalThis.EventSource = undefined;
  reader("a", "e", 4);
  const waits = [];
  for (let n = 0; n < 8; n += 1) {
    const before = FakeSocket.all.length;
    last().drop();
    let waited = 0;
    while (FakeSocket.all.length === before) {
      mock.timers.tick(500);
      waited += 500;
    }
    waits.push(waited);
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);

  last().open();
  last().subscribed("a", 4);
  jitter.mock.mockImplementation(() => 0.1);
  last().drop();
  mock.timers.tick(100);
  assert.equal(FakeSocket.all.length, 10);
});

test("the state is the true one and each change is told", () => {
  const states = [];
  live.addEventListener("state", () => states.push(live.state));
  assert.equal(live.state, "connecting");
  reader("a", "e", 4);
  last().open();
  last().drop();
  mock.timers.tick(1000);
  last().drop();
  mock.timers.tick(2000);
  last().open();
  emit("offline");
  emit("online");

  assert.deepEqual(states, ["live", "waiting", "live", "offline", "live"]);
});

test("a network that is back, or a page that is seen again, does not wait", () => {
  connected("a", 4);
  last().drop();
  emit("online");
  assert.equal(FakeSocket.all.length, 2);
  last().drop();
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(FakeSocket.all.length, 3);
});

test("a phone that goes from one network to another does not believe its old connection", () => {
  const network = Object.assign(new EventTarget(), { type: "wifi" });
  Object.defineProperty(globalThis, "navigator", { value: { onLine: true, connection: network }, configurable: true });
  live = new Live("ws://news.example/live/");
  connected("a", 4);

  network.dispatchEvent(new Event("change")); // only its speed
  assert.deepEqual(last().sent, []);
  network.type = "cellular";
  network.dispatchEvent(new Event("change"));

  assert.deepEqual(last().sent, [{ type: "unsubscribe", stream: "-" }]);
  mock.timers.tick(5000);
  assert.equal(live.state, "waiting");
  mock.timers.tick(1000);
  assert.equal(last().streams, "a@e:4");
  assert.equal(FakeSocket.all.length, 2);
});

test("a phone that slept does not believe its old connection", () => {
  connected("a", 4);
  document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(last().sent, [{ type: "unsubscribe", stream: "-" }]);
  mock.timers.tick(5000);
  assert.equal(live.state, "waiting");
  mock.timers.tick(1000);

  assert.equal(last().streams, "a@e:4");
  last().open();
  last().subscribed("a", 4);
  mock.timers.tick(60_000); // silence: is anybody there?
  last().tell({ type: "unsubscribed", stream: "-" });
  mock.timers.tick(5000);
  assert.equal(live.state, "live");
  assert.equal(FakeSocket.all.length, 2);
});

test("a handshake that hangs is given up", () => {
  reader("a");
  mock.timers.tick(15_000);
  assert.equal(live.state, "waiting");
  mock.timers.tick(1000);

  assert.equal(FakeSocket.all.length, 2);
});

test("a command is answered by its key, or refused when the connection is lost", async () => {
  await assert.rejects(live.command({ type: "comment" }));
  connected("a", 4);

  const answer = live.command({ type: "comment", key: "k-1", text: "x" });
  assert.deepEqual(last().sent, [{ type: "comment", key: "k-1", text: "x" }]);
  last().tell({ type: "accepted", key: "k-1", comment: { id: 1 } });
  assert.deepEqual(await answer, { type: "accepted", key: "k-1", comment: { id: 1 } });

  const unanswered = live.command({ type: "comment", text: "y" });
  assert.match(last().sent.at(-1).key, /^[0-9a-f-]{36}$/);
  last().drop();
  await assert.rejects(unanswered);
});

test("a page that is put away closes its socket and resumes when it is shown again", () => {
  connected("a", 4);
  emit("pagehide");
  assert.equal(FakeSocket.all[0].closedWith, 1000);
  emit("pageshow");

  assert.equal(last().streams, "a@e:4");
});

test("what was asked too fast is asked again", () => {
  connected("a", 4);
  reader("b");
  last().tell({ type: "error", code: "too_many_requests", detail: "…" });
  mock.timers.tick(5000);

  assert.deepEqual(last().sent, [
    { type: "subscribe", stream: "b" },
    { type: "subscribe", stream: "b" },
  ]);
});

// --- where no WebSocket gets through

function listening(stream = "a", offset = 4) {
  const heard = reader(stream, "e", offset);
  for (const wait of [1000, 2000, 4000]) {
    last().drop();
    mock.timers.tick(wait);
  }
  return heard;
}

test("after sockets that never opened, events are listened to and resumed all the same", () => {
  const heard = listening("a", 4);
  assert.equal(last().url, "http://news.example/live/sse?streams=a@e:4");
  last().open();
  assert.equal(live.state, "live");
  last().subscribed("a", 4);
  last().events("a", 4, 6);
  last().fail();
  assert.equal(live.state, "waiting");
  assert.equal(last().closedWith, 1000, "the browser shall not come back by itself");
  mock.timers.tick(1000);

  assert.equal(last().url, "http://news.example/live/sse?streams=a@e:6");
  last().open();
  last().subscribed("a", 6);
  last().events("a", 5, 7);

  assert.deepEqual(heard.offsets, [5, 6, 7]);
});

test("a socket that once opened is tried again, however often it is lost", () => {
  connected("a", 4);
  for (let n = 0; n < 5; n += 1) {
    last().drop();
    mock.timers.tick(30_000);
    assert.match(last().url, /^ws:/);
    last().open();
  }
});

test("where neither gets through they take turns", () => {
  listening();
  const tried = [];
  for (let n = 0; n < 4; n += 1) {
    tried.push(last().url.split(":")[0]);
    if (last() instanceof FakeSource) last().fail();
    else last().drop();
    mock.timers.tick(30_000);
  }
  assert.deepEqual(tried, ["http", "ws", "http", "ws"]);
});

test("who comes later is listened for too, by one new connection for all of them", () => {
  const a = listening("a", 4);
  last().open();
  last().subscribed("a", 4);
  const opened = FakeSocket.all.length;

  const b = reader("b", "e", 1);
  const c = reader("c", "e", 2);
  mock.timers.tick(100);

  assert.equal(FakeSocket.all.length, opened + 1);
  assert.equal(last().streams, "a@e:4,b@e:1,c@e:2");
  assert.equal(live.state, "live");
  last().open();
  for (const [stream, offset] of [["a", 4], ["b", 1], ["c", 2]]) last().subscribed(stream, offset);
  for (const [stream, offset] of [["a", 4], ["b", 1], ["c", 2]]) last().events(stream, offset, offset + 1);
  assert.deepEqual([a.offsets, b.offsets, c.offsets], [[5], [2], [3]]);
});

test("whoever can only listen sends no command", async () => {
  listening();
  last().open();
  await assert.rejects(live.command({ type: "comment" }), /not connected/);
});

test("from time to time a socket is tried again, and kept if it opens", () => {
  listening("a", 4);
  last().open();
  last().subscribed("a", 4);
  mock.timers.tick(59_000);
  last().events("a", 4, 5);
  for (let n = 5; n < 10; n += 1) {
    mock.timers.tick(50_000);
    if (last() instanceof FakeSource) last().events("a", n, n + 1);
  }

  assert.match(last().url, /^ws:.*a@e:/);
  last().open();
  assert.equal(live.state, "live");
  assert.equal(FakeSocket.all.filter((each) => each.readyState === 1).length, 1);
});

test("a silent stream of events is opened anew, since nobody can ask whether it lives", () => {
  listening("a", 4);
  last().open();
  last().subscribed("a", 4);
  const opened = FakeSocket.all.length;

  mock.timers.tick(60_000);

  assert.equal(FakeSocket.all.length, opened + 1);
  assert.match(last().url, /^http:.*a@e:4/);
});

test("another network may let sockets through", () => {
  listening("a", 4);
  last().fail();

  emit("online");

  assert.match(last().url, /^ws:/);
});

test("too many listeners of an address wait for a long time", () => {
  listening("a", 4);
  last().open();
  last().tell({ type: "error", code: "too_many_requests", detail: "" });
  const opened = FakeSocket.all.length;
  mock.timers.tick(59_000);
  assert.equal(FakeSocket.all.length, opened);
});

test("without server-sent events sockets are tried on", () => {
  globalThis.EventSource = undefined;
  listening();
  assert.match(last().url, /^ws:/);
});
