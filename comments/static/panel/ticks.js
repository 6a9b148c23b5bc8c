/* The cards that are ticked, to decide about many at once. */
export class Ticks {
  #last = null; // the card that was ticked last

  /** host: <newsroom-queue>. */
  constructor(host) {
    this.host = host;
  }

  /** Ticks the current card, or unticks it. */
  turn() {
    const { current } = this.host;
    if (current) this.#tick([current], !current.tick?.checked);
  }

  /** All from the one that was ticked last to the current one. */
  range() {
    const { current } = this.host;
    const { all } = this.host.rows;
    const ends = [this.#last ?? current, current].map((each) => all.indexOf(each)).sort((a, b) => a - b);
    if (current) this.#tick(all.slice(ends[0], ends[1] + 1), true);
  }

  /** Goes to the page that decides about them. deeds: "yes" lets them stand, "no" takes them away. */
  decide(deeds) {
    const form = document.getElementById("bulk");
    if (!form) return;
    form.elements.deeds.value = deeds;
    form.requestSubmit();
    form.elements.deeds.value = ""; // for the button, once somebody comes back
  }

  #tick(cards, isOn) {
    for (const { tick, isOpen } of cards) if (tick && isOpen) tick.checked = isOn;
    this.#last = this.host.current;
  }
}
