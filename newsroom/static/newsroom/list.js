/*
 * A list in the page that follows a stream. Rows are placed by their order; what is not newer than what is shown is
 * ignored; what was taken down stays down. Rows carry data-id, data-order and data-version, and come and go through
 * this class alone: it knows them by id and by place, so that an event costs as much among thousands as among ten.
 */
const GONE = new Set(["withdrawn", "removed", "erased", "retracted"]);

export class LiveList {
  #rows = []; // as they stand in the page
  #byId = new Map(); // id → row
  #versions = new Map(); // id → newest version met, shown or not
  #gone = new Set(); // ids that were taken down
  #waiting = new Map(); // id → row that would move what is in sight

  /**
   * root: the element whose children are the rows; draw(row) → a new element; redraw(element, row) brings one up to
   * date; descending: the highest order stands first; isCut(end): whether rows beyond that end ("start" or "end")
   * exist that the page has not loaded; isRanked: the server alone knows the order, so a new row is shown only where
   * that is forced, and then on top; nextOf(row element, rows) → the row before which it stands, or null for the end,
   * where more than the order decides; onWait(): a row that would move lines in sight waits now, or waits no longer.
   * Without it no row waits.
   */
  constructor({ root, draw, redraw, descending, isCut, isRanked = false, nextOf = null, onWait = null }) {
    Object.assign(this, { root, draw, redraw, descending, isCut, isRanked, nextOf, onWait });
    for (const each of root.children) if (each.dataset.id) this.#know(each, this.#rows.length);
    for (const row of this.#rows) this.#versions.set(row.dataset.id, Number(row.dataset.version));
  }

  get size() {
    return this.#rows.length;
  }

  /** How many rows wait, but for places of what was taken down. */
  get waiting() {
    return [...this.#waiting.values()].filter((row) => !GONE.has(row.state)).length;
  }

  /** Shows what waits. → its elements. */
  release() {
    const rows = [...this.#waiting.values()];
    this.#waiting.clear();
    return rows.map((row) => {
      const shown = this.find(row.id);
      if (!shown) return this.place(row, { force: true });
      mark(shown, row);
      this.#move(shown);
      return shown;
    });
  }

  /** The rows as they stand in the page: to look at, not to change. */
  rows() {
    return this.#rows;
  }

  find(id) {
    return this.#byId.get(String(id)) ?? null;
  }

  /**
   * Shows a row as an event or an answer gives it. → its element, or null where the page does not show it, or not yet.
   * What is forced stands in the page afterwards, even if it was met before and left out, or waits.
   */
  place(row, { force = false } = {}) {
    const id = String(row.id);
    const shown = this.find(id);
    const known = this.#versions.get(id) ?? 0;
    const wasLeftOut = force && !shown && row.version === known && !this.#gone.has(id);
    if (row.version <= known && !wasLeftOut) return shown;
    this.#versions.set(id, row.version);
    this.#gone.delete(id);
    if (shown) return this.#update(shown, row);
    const isWaiting = this.#waiting.delete(id);
    const at = this.isRanked ? 0 : this.#placeOf(row.order);
    if (!force && (this.isRanked || this.#isBeyond(at))) return null;
    const element = this.draw(row);
    mark(element, row);
    const next = this.#next(element, at);
    if (!force && this.onWait && (isWaiting || this.#isInSight(next))) {
      this.#wait(id, row);
      return null;
    }
    this.#insert(element, next);
    return element;
  }

  /** Takes a row away for good; only a newer version brings it back. → whether it was shown. */
  remove(id, version) {
    const key = String(id);
    if (version < (this.#versions.get(key) ?? 0)) return false;
    this.#versions.set(key, version);
    this.#gone.add(key);
    if (this.#waiting.delete(key)) this.onWait();
    return this.drop(this.find(key));
  }

  /** Keeps the first `most` rows; the others leave the page and may come back. */
  trim(most) {
    for (const row of this.#rows.slice(most)) this.drop(row);
  }

  /** A row leaves the page, and may come back. → whether there was one. */
  drop(element) {
    if (!element) return false;
    element.remove();
    this.#rows.splice(this.#rows.indexOf(element), 1);
    this.#byId.delete(element.dataset.id);
    return true;
  }

  /** Takes over rows that another page of the list drew, unless something newer is known. → those that are new. */
  adopt(rows, { atStart = false } = {}) {
    let end = atStart ? 0 : this.#rows.length;
    return rows.filter((row) => {
      const { id, order } = row.dataset;
      if (!id) return false;
      const version = Number(row.dataset.version);
      const known = this.#versions.get(id) ?? 0;
      if (known > version || (known === version && this.#gone.has(id))) return false;
      this.#versions.set(id, version);
      const shown = this.find(id);
      if (shown) {
        if (known < version) this.#exchange(shown, row);
        return false;
      }
      if (this.#waiting.delete(id)) this.onWait();
      const element = document.adoptNode(row);
      this.#insert(element, this.#next(element, this.isRanked ? end++ : this.#placeOf(Number(order))));
      return true;
    });
  }

  /** Shows these rows instead of all others: the list was loaded anew, so nothing older counts. */
  replace(rows) {
    this.trim(0);
    this.#versions.clear();
    this.#gone.clear();
    this.#waiting.clear();
    this.adopt(rows);
    this.onWait?.();
  }

  /** Most rows keep their place for good; what is ordered by activity moves, or waits for that. */
  #update(shown, row) {
    const before = shown.dataset.order;
    const at = this.#placeOf(row.order);
    this.redraw(shown, row);
    mark(shown, row);
    if (Number(before) === row.order) return shown;
    const stays = this.#rows[at] === shown || this.#rows[at - 1] === shown;
    if (stays || !this.onWait || !this.#isInSight(this.#rows[at])) {
      this.#waiting.delete(String(row.id));
      this.#move(shown);
    } else {
      shown.dataset.order = before;
      this.#wait(String(row.id), row);
    }
    return shown;
  }

  #move(shown) {
    this.drop(shown);
    this.#insert(shown, this.#next(shown, this.#placeOf(Number(shown.dataset.order))));
  }

  #wait(id, row) {
    this.#waiting.set(id, row);
    this.onWait();
  }

  /** The row before which an element stands; null: behind the last one. */
  #next(element, at) {
    return (this.nextOf ? this.nextOf(element, this.#rows) : this.#rows[at]) ?? null;
  }

  /** Whether a row before `next` would move something that is on the screen, or above it. */
  #isInSight(next) {
    const below = next ?? this.root.closest("li")?.nextElementSibling;
    return Boolean(below?.getClientRects().length) && below.getBoundingClientRect().top < innerHeight;
  }

  #insert(element, next) {
    const at = next ? this.#rows.indexOf(next) : this.#rows.length;
    this.root.insertBefore(element, next ?? this.#tail());
    this.#know(element, at);
  }

  #know(element, at) {
    this.#rows.splice(at, 0, element);
    this.#byId.set(element.dataset.id, element);
  }

  #exchange(shown, row) {
    const fresh = document.adoptNode(row);
    shown.replaceWith(fresh);
    this.#rows[this.#rows.indexOf(shown)] = fresh;
    this.#byId.set(fresh.dataset.id, fresh);
  }

  /** The place of the first row that stands behind this order: half of what is left is ruled out at each look. */
  #placeOf(order) {
    const sign = this.descending ? -1 : 1;
    const isAfter = (each) => sign * (Number(each.dataset.order) - order) > 0;
    let [low, high] = [0, this.#rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isAfter(this.#rows[middle])) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Behind the last row; what is no row (a line on its way) may follow there. */
  #tail() {
    const last = this.#rows.at(-1);
    return last ? last.nextElementSibling : this.root.firstElementChild;
  }

  #isBeyond(at) {
    if (this.size === 0) return false;
    return at === 0 ? this.isCut("start") : at === this.size && this.isCut("end");
  }
}

function mark(element, row) {
  element.dataset.id = row.id;
  element.dataset.order = row.order;
  element.dataset.version = row.version;
}
