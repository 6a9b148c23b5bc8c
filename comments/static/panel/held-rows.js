/*
 * The cards of what waits in a discussion, as lines of its thread: each stands where its time would place it, and waits
 * aside where the page does not show that place. Readers' lines come and go around them (newsroom/list.js).
 */
import { nextInThread } from "../comments/thread.js";
import { Rows } from "./rows.js";

export class HeldRows extends Rows {
  #observer = new MutationObserver((changes) => this.#onChange(changes));

  /** host: <newsroom-held>, with the `thread` in which it stands. */
  constructor(host, deeds) {
    super(host, deeds);
    this.#arrange();
    this.#observer.observe(this.host.thread.list.root, { childList: true, subtree: true });
  }

  get elements() {
    return [...this.host.thread.querySelectorAll("li[data-case]")];
  }

  get #aside() {
    return this.list;
  }

  place(row) {
    const { root } = row.dataset;
    const put = root ? this.#inThread(row, root) : this.#onTop(row);
    if (!put) this.#move(row, this.#aside, null);
  }

  isKept(card) {
    return card.body.contains(document.activeElement);
  }

  settle(card) {
    card.element.remove();
    this.forget(card);
  }

  /** Lines of readers have come or gone. */
  #onChange(changes) {
    if (changes.some(({ target }) => target.matches("[data-list], [data-replies]"))) this.#arrange();
  }

  #arrange() {
    const rows = this.elements.sort((one, other) => one.dataset.order - other.dataset.order);
    for (const row of rows) this.place(row);
    this.#observer.takeRecords(); // of its own moves
  }

  /** → whether the page shows its place. */
  #inThread(row, id) {
    const { thread } = this.host;
    const top = thread.querySelector(`#comment-${Number(id)}`)?.closest("[data-list] > li");
    const list = top?.querySelector("[data-replies]");
    if (!list) return false;
    const others = [...list.children].filter((each) => each !== row && each.dataset.order);
    const next = nextInThread(row, others, id, Number(thread.getAttribute("depth")));
    this.#move(row, list, next ?? others.at(-1)?.nextElementSibling ?? null);
    return true;
  }

  #onTop(row) {
    const { list, listing, pagers, pager } = this.#ofThread;
    if (this.host.thread.hasAttribute("root")) return false;
    const [before, after] = pagers.map((name) => !pager(name).hidden);
    if (listing.isRanked) return before ? false : row.parentElement === list || this.#move(row, list, list.firstChild);
    if (row.parentElement === list && this.#isRight(row, listing.descending)) return true;
    const others = [...list.children].filter((each) => each !== row && each.dataset.order);
    const next = others.find((each) => this.#isAfter(each, row, listing.descending));
    const isCut = others.length > 0 && (next ? next === others[0] && before : after);
    return !isCut && this.#move(row, list, next ?? others.at(-1)?.nextElementSibling ?? list.firstChild);
  }

  get #ofThread() {
    const { thread } = this.host;
    const { listing, pagers } = thread;
    return { list: thread.list.root, listing, pagers, pager: (name) => thread.pager(name) };
  }

  /** Whether it stands between its neighbours already: a look at two, however many there are. */
  #isRight(row, descending) {
    const [above, below] = [row.previousElementSibling, row.nextElementSibling];
    if (!above?.dataset.order || !below?.dataset.order) return false;
    return !this.#isAfter(above, row, descending) && this.#isAfter(below, row, descending);
  }

  #isAfter(each, row, descending) {
    const later = Number(each.dataset.order) - Number(row.dataset.order);
    return descending ? later < 0 : later > 0;
  }

  /** What has the focus keeps it, with what was typed. */
  #move(row, list, next) {
    if (row.parentElement === list && (row.nextElementSibling === next || row === next)) return true;
    const focused = row.contains(document.activeElement) ? document.activeElement : null;
    if (list.moveBefore && row.isConnected) list.moveBefore(row, next);
    else list.insertBefore(row, next);
    if (focused !== document.activeElement) focused?.focus({ preventScroll: true });
    return true;
  }
}
