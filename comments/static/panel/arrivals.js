/*
 * What happens in the queue elsewhere: it follows the moderators' streams from where the page was read, or asks for
 * them where nothing can be followed. New cases are counted, and shown when somebody asks for them. A moderator of
 * some sections follows the stream of each.
 */
import { api, elementOf } from "../newsroom/api.js";
import { live } from "../newsroom/live.js";
import { Timers } from "../newsroom/timers.js";

const BURST = 200; // so many events at once are not worth handling
const LOST_MS = 30_000; // without a connection
const [POLL_MS, RELOAD_MS] = [10_000, 30_000];
const AGAIN_MS = [2_000, 5_000];

export class Arrivals {
  #places = []; // of each stream: {stream, epoch, offset, counts}, how far it is read and what it counts
  #batch = [];
  #made = new Map(); // comment → the decision about it
  #new = new Set(); // cases that are not shown yet
  #unfollow = [];
  #isForbidden = false;
  #timers = new Timers(); // lost, poll, again

  /** host: <newsroom-queue> or <newsroom-held>, with what is called here. */
  constructor(host) {
    this.host = host;
    this.#goOnFrom(host);
    live.addEventListener("state", () => this.#watch());
    this.#follow();
    this.#watch();
  }

  /** How many cases have come that are not shown. */
  get number() {
    return this.#new.size;
  }

  /** Their ids; from now on they are no longer new. */
  take() {
    const ids = [...this.#new];
    this.#new.clear();
    this.host.showNew();
    return ids;
  }

  /** The page once more: a new position, and how all that is shown stands now. What is shown stays where it is. */
  async reload() {
    for (const end of this.#unfollow.splice(0)) end();
    this.#batch = [];
    try {
      const fresh = await elementOf(this.host.address, this.host.localName);
      this.#goOnFrom(fresh);
      const listed = [...fresh.querySelectorAll("[data-list] > li")].map((each) => Number(each.dataset.case));
      for (const id of listed) if (!this.host.rows.get(id)) this.#new.add(id);
      this.host.showNew();
      this.host.tabs.showNumbers(fresh);
      await this.host.outcomes.compare();
      this.#isForbidden || this.#follow();
    } catch {
      const [least, most] = AGAIN_MS;
      this.#timers.start("again", least + Math.random() * (most - least), () => this.reload());
    }
  }

  #goOnFrom(element) {
    this.#places = JSON.parse(element.getAttribute("streams"));
  }

  #follow() {
    this.#unfollow = this.#places.map((place) =>
      live.follow(place.stream, {
        epoch: place.epoch,
        offset: place.offset,
        onEvent: (event) => this.#onEvent(event, place),
        onReset: () => this.reload(),
        onLost: () => {
          this.#isForbidden = true;
          this.#lose();
        },
      }),
    );
  }

  #watch() {
    if (this.#isForbidden) return;
    if (live.state !== "live") {
      const isKnown = this.#timers.has("lost") || this.#timers.has("poll");
      if (!isKnown) this.#timers.start("lost", LOST_MS, () => this.#lose());
      return;
    }
    this.#timers.stop("lost", "poll");
    this.host.showLost(false);
  }

  #lose() {
    this.host.showLost(true);
    this.#timers.start("poll", POLL_MS, () => this.#poll());
  }

  async #poll() {
    this.#timers.start("poll", this.#isForbidden ? RELOAD_MS : POLL_MS, () => this.#poll());
    if (this.#isForbidden) return void this.reload();
    try {
      for (const place of this.#places) if (!(await this.#ask(place))) return void (await this.reload());
    } catch {
      // It is asked again in a moment.
    }
  }

  /** → whether the stream could be continued. */
  async #ask(place) {
    const from = `epoch=${place.epoch}&offset=${place.offset}`;
    const { data } = await api("GET", `streams/${place.stream}/events/?${from}&limit=${BURST + 1}`);
    if (data.type === "reset") return false;
    for (const event of data.events) this.#onEvent(event, place);
    return true;
  }

  /** One paint for all that comes in a frame. */
  #onEvent(event, place) {
    if (event.offset <= place.offset) return;
    place.offset = event.offset;
    place.counts = event.data?.counts ?? place.counts;
    if (this.#batch.push(event) === 1) requestAnimationFrame(() => this.#flush());
  }

  #flush() {
    const batch = this.#batch.splice(0);
    if (batch.length > BURST) return void this.reload();
    for (const { kind, data } of batch) {
      if (kind === "decision.made") this.#made.set(data.comment, data);
      else if (kind.startsWith("case.") && data.id) this.#take(kind, data);
    }
    if (batch.some(({ data }) => data?.counts)) this.host.tabs.showCounts(this.#sums());
    return this.host.showNew();
  }

  #take(kind, data) {
    const card = this.host.rows.get(data.id);
    if (kind === "case.opened" && !card && this.#fits(data)) this.#new.add(data.id);
    if (kind === "case.closed") this.#new.delete(data.id);
    if (!card) return;
    const { outcomes } = this.host;
    if (kind === "case.opened") outcomes.opened(card);
    if (kind === "case.closed") outcomes.closed(card, data, this.#made.get(data.comment.id));
    if (kind === "case.changed") outcomes.changed(card, data);
    if (kind === "case.claimed") outcomes.claimed(card, data);
  }

  #sums() {
    const sums = {};
    for (const { counts } of this.#places) {
      for (const [kind, n] of Object.entries(counts)) sums[kind] = (sums[kind] ?? 0) + n;
    }
    return sums;
  }

  #fits({ kind, author, comment, hits }) {
    const wanted = (name) => this.host.getAttribute(name);
    const pairs = [[wanted("kind"), kind], [wanted("author"), author.id], [wanted("discussion"), comment.discussion]];
    const isRule = !wanted("rule") || hits.some(({ rule }) => rule === wanted("rule"));
    return isRule && pairs.every(([asked, found]) => !asked || asked === String(found));
  }
}
