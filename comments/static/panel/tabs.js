/* The kinds of cases in the queue's rail, with their numbers. */
export class Tabs {
  /** host: <newsroom-queue>. */
  constructor(host) {
    this.host = host;
  }

  open(name) {
    this.#tab(name).click();
  }

  /** counts: {kind: number}, as an event has them. */
  showCounts(counts) {
    const numbers = { ...counts, all: (counts.held ?? 0) + (counts.reported ?? 0) };
    for (const [name, number] of Object.entries(numbers)) this.#show(name, number);
  }

  /** As they stand in the page, fetched once more. */
  showNumbers(fresh) {
    for (const tab of fresh.querySelectorAll("[data-tab]")) {
      const number = tab.querySelector("[data-number]");
      if (number) this.#show(tab.dataset.tab, number.textContent);
    }
  }

  #tab(name) {
    return this.host.querySelector(`[data-tab="${name}"]`);
  }

  #show(name, number) {
    const place = this.#tab(name)?.querySelector("[data-number]");
    if (place) place.textContent = number;
  }
}
