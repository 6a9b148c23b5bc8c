/*
 * A list in the page that follows a stream. Rows are placed by their order; what is not newer than what is shown is
 * ignored; what was taken down stays down. Rows carry data-id, data-order and data-version.
 */
export class LiveList {
  #versions = new Map(); // id → newest version met, shown or taken down
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
    for (const row of this.rows()) this.#versions.set(row.dataset.id, Number(row.dataset.version));
  }

  rows() {
    return [...this.root.children].filter((each) => each.dataset.id);
  }

  find(id) {
    return this.rows().find((each) => each.dataset.id === String(id)) ?? null;
  }

  /** Shows a row as an event or an answer gives it. → its element, or null where the page does not show it. */
  place(row, { force = false } = {}) {
    const id = String(row.id);
    const shown = this.find(id);
    if (row.version <= (this.#versions.get(id) ?? 0)) return shown;
    this.#versions.set(id, row.version);
    this.#gone.delete(id);
    if (shown) return this.#update(shown, row);
    const next = this.isRanked ? this.#top() : this.#nextOf(row.order);
    if (!force && (this.isRanked || this.#isBeyond(next))) return null;
    const element = this.draw(row);
    mark(element, row);
    this.root.insertBefore(element, this.#behind(element, next));
    return element;
  }

  /** Takes a row away for good; only a newer version brings it back. → whether it was shown. */
  remove(id, version) {
    const key = String(id);
    if (version < (this.#versions.get(key) ?? 0)) return false;
    this.#versions.set(key, version);
    this.#gone.add(key);
    const shown = this.find(key);
    shown?.remove();
    return shown !== null;
  }

  /** Takes over rows that another page of the list drew, unless something newer is known. → those that are new here. */
  adopt(rows, { atStart = false } = {}) {
    const end = this.isRanked && (atStart ? this.#top() : this.#tail());
    return rows.filter((row) => {
      const { id, order } = row.dataset;
      const version = Number(row.dataset.version);
      const known = this.#versions.get(id) ?? 0;
      if (known > version || (known === version && this.#gone.has(id))) return false;
      this.#versions.set(id, version);
      const shown = this.find(id);
      if (shown) {
        if (known < version) shown.replaceWith(document.adoptNode(row));
        return false;
      }
      this.root.insertBefore(document.adoptNode(row), this.#behind(row, this.isRanked ? end : this.#nextOf(Number(order))));
      return true;
    });
  }

  /** Shows these rows instead of all others: the list was loaded anew, so nothing older counts. */
  replace(rows) {
    for (const row of this.rows()) row.remove();
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
      shown.remove();
      this.root.insertBefore(shown, this.#nextOf(row.order));
    }
    return shown;
  }

  #behind(element, next) {
    return this.nextOf ? (this.nextOf(element, this.rows()) ?? this.#tail()) : next;
  }

  #nextOf(order) {
    const isAfter = (each) => (this.descending ? Number(each.dataset.order) < order : Number(each.dataset.order) > order);
    return this.rows().find(isAfter) ?? this.#tail();
  }

  #top() {
    return this.rows()[0] ?? this.#tail();
  }

  #tail() {
    const last = this.rows().at(-1);
    return last ? last.nextElementSibling : this.root.firstElementChild;
  }

  #isBeyond(next) {
    const rows = this.rows();
    if (rows.length === 0) return false;
    if (next === rows[0]) return this.isCut("start");
    return !next?.dataset.id && this.isCut("end");
  }
}

function mark(element, row) {
  element.dataset.id = row.id;
  element.dataset.order = row.order;
  element.dataset.version = row.version;
}
