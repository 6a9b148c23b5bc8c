/*
 * How <newsroom-side> stands on the screen: as a column where there is room, otherwise as a sheet over the page, which
 * keeps the focus until it is closed.
 */
const WIDE = matchMedia("(min-width: 75rem)"); // as in side.css

export class Sheet {
  /** host: the <newsroom-side>; onShow(): it stands on the screen now, or may. */
  constructor(host, onShow) {
    Object.assign(this, { host, onShow });
    const find = (selector) => host.querySelector(selector);
    [this.opener, this.closer, this.sheet] = [find("[data-open]"), find("[data-close]"), find(".side-sheet")];
    this.opener.hidden = this.closer.hidden = false;
    this.opener.addEventListener("click", () => this.open());
    this.closer.addEventListener("click", () => this.close());
    WIDE.addEventListener("change", () => {
      this.close();
      onShow();
    });
  }

  get isColumn() {
    return WIDE.matches && !this.host.hasAttribute("sheet");
  }

  /** Whether the page has a place for it: wide screens have none beside the front page. */
  get isPossible() {
    return this.isColumn || !WIDE.matches;
  }

  open() {
    if (WIDE.matches) return;
    this.#set(true);
    this.onShow();
    this.closer.focus();
  }

  close() {
    if (!this.host.hasAttribute("open")) return;
    this.#set(false);
    this.opener.focus();
  }

  #set(isOpen) {
    this.host.toggleAttribute("open", isOpen);
    this.opener.setAttribute("aria-expanded", String(isOpen));
    this.sheet.setAttribute("role", isOpen ? "dialog" : "complementary");
    this.sheet.toggleAttribute("aria-modal", isOpen);
    if (isOpen) this.sheet.setAttribute("aria-modal", "true");
    document.documentElement.classList.toggle("has-sheet", isOpen);
    for (const each of document.body.children) if (each !== this.host) each.inert = isOpen;
  }
}
