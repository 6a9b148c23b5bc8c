/*
 * The stretch of a long list that stands in the page. Rows far from what is read leave it, and come again when the
 * reader comes near its end: however long a list gets, the page stays as quick as it was.
 */
const MOST = 300; // rows
const SPARE = 50; // so many more before any leaves
const NEAR = "800px"; // of an end of the stretch
const IN_USE = ":has(textarea)"; // somebody writes there

export class Stretch {
  #shortened = new Set(); // ends where rows have left
  #nearing = null;

  /**
   * list: a LiveList that is ordered by its rows' numbers; page: the address that it is from; pager(end) → the element
   * with the link beyond an end ("start" or "end"); load(pager) gets what it leads to; scroller: what scrolls, if not
   * the page.
   */
  constructor(list, { page, pager, load, scroller = null }) {
    Object.assign(this, { list, page, pager, scroller });
    const onNear = (entries) => entries.forEach(({ isIntersecting, target }) => isIntersecting && load(target));
    this.#nearing = new IntersectionObserver(onNear, { root: scroller, rootMargin: `${NEAR} 0px` });
  }

  end() {
    this.#nearing.disconnect();
  }

  /** Whether rows that stood at that end are not in the page now. */
  hasLeft(end) {
    return this.#shortened.has(end) && !this.pager(end).hidden;
  }

  /** Rows have come: if there are too many by now, those at the end that is farther from the screen leave. */
  shorten() {
    if (this.list.size > MOST + SPARE) this.#shorten();
    this.#nearing.disconnect();
    for (const end of ["start", "end"]) if (this.hasLeft(end)) this.#nearing.observe(this.pager(end));
  }

  #shorten() {
    const { list, scroller } = this;
    const boxOf = (element) => element.getBoundingClientRect();
    const seen = scroller ? boxOf(scroller) : { top: 0, bottom: innerHeight };
    const { top, bottom } = boxOf(list.root);
    const end = seen.top - top > bottom - seen.bottom ? "start" : "end";
    const read = list.rows().find((row) => boxOf(row).bottom > seen.top) ?? list.rows().at(-1);
    const before = boxOf(read).top;
    while (list.size > MOST && !this.#last(end).matches(IN_USE)) list.drop(this.#last(end));
    this.#lead(end);
    if (!read.isConnected) return;
    const by = boxOf(read).top - before; // where the browser does not keep its place
    (scroller ?? window).scrollBy({ top: by, behavior: "instant" });
  }

  #last(end) {
    return this.list.rows().at(end === "start" ? 0 : -1);
  }

  /** The link at that end leads to what has left. */
  #lead(end) {
    const pager = this.pager(end);
    const link = pager.querySelector("a");
    const address = new URL(link.getAttribute("href"), new URL(this.page, location.href));
    address.searchParams.set("cursor", `${end === "start" ? "before" : "after"}-${this.#last(end).dataset.order}`);
    link.href = address.href;
    pager.hidden = false;
    this.#shortened.add(end);
  }
}
