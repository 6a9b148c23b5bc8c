/*
 * Swiping a card on a narrow screen: to the right approves, to the left opens the list of reasons. It is a shorter way
 * to what the buttons do, never the only one. Up and down belongs to the browser (touch-action in queue.css).
 */
const NARROW = matchMedia("(max-width: 63.99rem)");
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const [BEGINS_PX, FAR_PX] = [12, 96];
const EDGE_PX = 24; // from there the browser goes back and forth itself
const STEEP = 0.6; // whoever moves up or down by more than this share of the way scrolls
const ELSEWHERE = "input, textarea, select, pre, details[open], .case-line";

export class Swipe {
  #from = null; // {x, y, card}, or null: no swipe
  #way = 0; // to the right

  /** list: the cards; cardOf(element); onYes(card), onNo(card). */
  constructor(list, { cardOf, onYes, onNo }) {
    Object.assign(this, { cardOf, onYes, onNo });
    const passive = { passive: true };
    list.addEventListener("touchstart", (event) => this.#begin(event), passive);
    list.addEventListener("touchmove", (event) => this.#move(event), passive);
    list.addEventListener("touchend", () => this.#end());
    list.addEventListener("touchcancel", () => this.#drop());
  }

  #begin({ touches, target }) {
    this.#drop();
    const [{ clientX: x, clientY: y }] = touches;
    const isEdge = x < EDGE_PX || x > innerWidth - EDGE_PX;
    if (touches.length > 1 || isEdge || !NARROW.matches || target.closest(ELSEWHERE)) return;
    const card = this.cardOf(target);
    if (card?.isOpen) this.#from = { x, y, card };
  }

  #move({ touches }) {
    if (!this.#from) return;
    const { x, y, card } = this.#from;
    const [right, down] = [touches[0].clientX - x, touches[0].clientY - y];
    const isBegun = card.element.classList.contains("is-swiped");
    if (!isBegun && Math.hypot(right, down) < BEGINS_PX) return;
    if (touches.length > 1 || (!isBegun && Math.abs(down) > STEEP * Math.abs(right))) return void this.#drop();
    this.#way = card[right > 0 ? "yes" : "no"] ? right : 0;
    this.#show(card);
  }

  #show(card) {
    const { element, yes, no } = card;
    element.classList.add("is-swiped");
    element.classList.toggle("is-far", Math.abs(this.#way) >= FAR_PX);
    element.dataset.swipe = this.#way ? card.labelOf(this.#way > 0 ? yes : no) : "";
    element.dataset.side = this.#way > 0 ? "yes" : "no";
    if (!STILL.matches) element.style.translate = `${this.#way}px`;
  }

  #end() {
    if (!this.#from) return;
    const [{ card }, way] = [this.#from, this.#way];
    this.#drop();
    if (!card.isOpen || Math.abs(way) < FAR_PX) return;
    if (way > 0) this.onYes(card);
    else this.onNo(card);
  }

  /** The card is where it was. */
  #drop() {
    const element = this.#from?.card.element;
    [this.#from, this.#way] = [null, 0];
    if (!element) return;
    element.classList.remove("is-swiped", "is-far");
    element.style.translate = "";
    for (const name of ["swipe", "side"]) delete element.dataset[name];
  }
}
