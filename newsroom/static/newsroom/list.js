/*
 * A list in the page that follows a stream. Rows are placed by their order; what is not newer than what is shown is
 * ignored; what was taken down stays down. Rows carry data-id, data-order and data-version, and come and go through
 * this class alone: it knows them by id and by place, so that an event costs as much among thousands as among ten.
 */
export class LiveList {
  #rows = []; // as they stand in the page
  #byId = new Map(); // id → row
  #versions = new Map(); // id → newest version met, shown or not
  #gone = new Set(); // ids that were taken down

  /**
   * root: the element whose children are the rows; draw(row) → a new element; redraw(element, row) brings one up to
   * date; descending: the highest order stands first; isCut(end): whether rows beyond that end ("start" or "end")
   * exist that the page has not loaded; isRanked: the server alone knows the order, so a new row is shown only where
   * that is forced, and then on top; nextOf(row element, rows) → the row before which it stands, or null for the end,
   * where more than the order decides.
   */
  constructor({ root, draw, redraw, descending, isCut, isRanked = false, nextOf = null }) {
    Object.assign(this, { root, draw, redraw, descending, isCut, isRanked, nextOf });
    for (const each of root.children) if (each.dataset.id) this.#know(each, this.#rows.length);
    for (const row of this.#rows) this.#versions.set(row.dataset.id, Number(row.dataset.version));
  }

  get size() {
    return this.#rows.length;
  }

  /** The rows as they stand in the page: to look at, not to change. */
  rows() {
    return this.#rows;
  }

  find(id) {
    return this.#byId.get(String(id)) ?? null;
  }

  /**
   * Shows a row as an event or an answer gives it. → its element, or null where the page does not show it. What is
   * forced stands in the page afterwards, even if it was met before and left out.
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
    const at = this.isRanked ? 0 : this.#placeOf(row.order);
    if (!force && (this.isRanked || this.#isBeyond(at))) return null;
    const element = this.draw(row);
    mark(element, row);
    this.#insert(element, at);
    return element;
  }

  /** Takes a row away for good; only a newer version brings it back. → whether it was shown. */
  remove(id, version) {
    const key = String(id);
    if (version < (this.#versions.get(key) ?? 0)) return false;
    this.#versions.set(key, version);
    this.#gone.add(key);
    return this.#drop(this.find(key));
  }

  /** Keeps the first `most` rows; the others leave the page and may come back. */
  trim(most) {
    for (const row of this.#rows.slice(most)) this.#drop(row);
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
      this.#insert(document.adoptNode(row), this.isRanked ? end++ : this.#placeOf(Number(order)));
      return true;
    });
  }

  /** Shows these rows instead of all others: the list was loaded anew, so nothing older counts. */
  replace(rows) {
    this.trim(0);
    this.#versions.clear();
    this.#gone.clear();
    this.adopt(rows);
  }

  /** Most rows keep their place for good; what is ordered by activity moves. */
  #update(shown, row) {
    const hasMoved = Number(shown.dataset.order) !== row.order;
    this.redraw(shown, row);
    mark(shown, row);
    if (hasMoved) {
      this.#drop(shown);
      this.#insert(shown, this.#placeOf(row.order));
    }
    return shown;
  }

  #insert(element, place) {
    const next = this.nextOf?.(element, this.#rows);
    const at = next ? this.#rows.indexOf(next) : this.nextOf ? this.#rows.length : place;
    this.root.insertBefore(element, this.#rows[at] ?? this.#tail());
    this.#know(element, at);
  }

  #know(element, at) {
    this.#rows.splice(at, 0, element);
    this.#byId.set(element.dataset.id, element);
  }

  #drop(element) {
    if (!element) return false;
    element.remove();
    this.#rows.splice(this.#rows.indexOf(element), 1);
    this.#byId.delete(element.dataset.id);
    return true;
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
