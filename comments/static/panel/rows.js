/*
 * The cards of the queue in their order. More of them come from the server: those of the next page, or some by their
 * cases. What is in view is neither inserted nor removed by itself.
 */
import { elementOf } from "../newsroom/api.js";
import { refresh } from "../newsroom/time.js";
import { Card } from "./card.js";

const AT_ONCE = 25; // as many as a page has

export class Rows {
  #cards = new Map(); // case → Card
  #loading = null;
  #seen = new IntersectionObserver((entries) => this.#onSeen(entries));

  /** host: <newsroom-queue> or <newsroom-held>; onRefuse: as for a Card. */
  constructor(host, { onRefuse }) {
    Object.assign(this, { host, onRefuse, list: host.querySelector("[data-list]"), order: host.getAttribute("order") });
    for (const element of this.elements) this.#take(element);
  }

  /** Those of the cards that the page has, in their order. */
  get elements() {
    return [...this.list.children];
  }

  get(id) {
    return this.#cards.get(id);
  }

  /** The card that an element stands in. */
  of(element) {
    const row = element.closest?.("[data-case]");
    return row ? this.get(Number(row.dataset.case)) : undefined;
  }

  get all() {
    return this.elements.map((each) => this.get(Number(each.dataset.case)));
  }

  get open() {
    return this.all.filter((each) => each.isOpen);
  }

  /** Appends the next page. → whether anything came. */
  more() {
    this.#loading ??= this.#more().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #more() {
    const link = this.host.querySelector("[data-next]");
    if (!link || link.hidden) return false;
    const fresh = await elementOf(link.href, this.host.localName);
    const next = fresh.querySelector("[data-next]");
    if (next) link.href = next.href;
    link.hidden = !next;
    const rows = [...fresh.querySelectorAll("[data-list] > li")].filter((each) => !this.get(Number(each.dataset.case)));
    this.#settle(rows, (row) => this.list.append(row));
    return rows.length > 0;
  }

  /** Puts the open ones of these cases at their places, none before `after`. → their cards. */
  async add(ids, after) {
    const rows = await this.#fetch(ids.filter((id) => !this.get(id)));
    return this.#settle(rows, (row) => this.place(row, after));
  }

  /** Brings these cards up to date, as far as they are not. → those whose cases are no longer open. */
  async renew(ids) {
    const turns = new Map(ids.map((id) => [id, this.get(id).turns]));
    const rows = new Map((await this.#fetch(ids)).map((row) => [Number(row.dataset.case), row]));
    const cards = ids.map((id) => this.get(id));
    const same = cards.filter((card) => card.turns === turns.get(card.id)); // what has turned since is newer
    for (const card of same.filter(({ id }) => rows.has(id))) {
      const row = rows.get(card.id);
      if (card.isOpen && !card.isStale && card.version === Number(row.dataset.version)) continue;
      refresh([row]);
      card.replace(document.adoptNode(row));
    }
    return same.filter(({ id }) => !rows.has(id));
  }

  /** A card has folded: its height goes once it is out of sight. */
  watch(card) {
    this.#seen.observe(card.element);
  }

  /** Whether it stays as it is even out of sight. */
  isKept(card) {
    return card === this.host.current;
  }

  /** A folded card is out of sight. */
  settle(card) {
    this.keepStill(() => card.collapse());
  }

  forget(card) {
    this.#cards.delete(card.id);
  }

  /** Changes what is out of sight; what is in view stays where it is. */
  keepStill(change) {
    const top = () => this.host.current?.element.getBoundingClientRect().top ?? 0;
    const before = top();
    change();
    const moved = top() - before;
    if (moved) scrollBy({ top: moved, behavior: "instant" });
  }

  async #fetch(ids) {
    const found = [];
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const address = new URL(this.host.address);
      for (const name of ["cursor", "case"]) address.searchParams.delete(name);
      for (const id of ids.slice(at, at + AT_ONCE)) address.searchParams.append("case", id);
      const fresh = await elementOf(address.href, this.host.localName);
      found.push(...fresh.querySelectorAll("[data-list] > li"));
    }
    return found;
  }

  #settle(rows, put) {
    refresh(rows); // before they are laid out
    for (const row of rows) put(document.adoptNode(row));
    return rows.map((row) => this.#take(row));
  }

  #take(element) {
    const card = new Card(element, { onRefuse: this.onRefuse });
    this.#cards.set(card.id, card);
    return card;
  }

  /** Puts the element of a card at its place. */
  place(row, after) {
    const rows = [...this.list.children];
    const from = after ? rows.indexOf(after.element) + 1 : 0;
    const next = rows.slice(from).find((each) => this.#compare(row, each) < 0);
    this.list.insertBefore(row, next ?? null);
  }

  #compare({ dataset: one }, { dataset: other }) {
    const byAge = one.case - other.case;
    if (this.order === "newest") return -byAge;
    return this.order === "oldest" ? byAge : one.rank - other.rank || byAge;
  }

  #onSeen(entries) {
    for (const { isIntersecting, target } of entries) {
      const card = this.of(target);
      if (isIntersecting || this.isKept(card)) continue;
      this.#seen.unobserve(target);
      if (card.state === "folded") this.settle(card);
    }
  }
}
