/*
 * The lease on the card that has the focus: it tells others for two minutes who reads it, and is renewed as long as
 * somebody looks. It keeps nobody from anything.
 */
import { api } from "../newsroom/api.js";
import { Timers } from "../newsroom/timers.js";

const AGAIN_MS = 60_000;

export class Claims {
  #card = null;
  #isHeld = false;
  #timers = new Timers(); // claim

  constructor(me) {
    this.me = me;
  }

  take(card) {
    if (card === this.#card) return;
    this.give();
    this.#card = card;
    this.#claim(card);
  }

  /** Nobody reads the last card any more. What was decided, or is about to be, has no lease to give back. */
  give({ keepalive = false } = {}) {
    this.#timers.stop("claim");
    const [card, isHeld] = [this.#card, this.#isHeld];
    [this.#card, this.#isHeld] = [null, false];
    if (!isHeld || !card.isOpen) return;
    api("DELETE", `moderation/cases/${card.id}/claim/`, undefined, {}, keepalive).catch(() => {});
  }

  show(card, claim) {
    if (claim && claim.by.id !== this.me) card.showReader(claim.by.name, claim.until);
    else card.hideReader();
  }

  async #claim(card) {
    this.#timers.start("claim", AGAIN_MS, () => this.#claim(card));
    if (document.hidden || !card.isOpen) return;
    this.#isHeld = true;
    try {
      const { data } = await api("PUT", `moderation/cases/${card.id}/claim/`);
      if (card.isOpen) this.show(card, data.claim);
    } catch {
      // A claim is a courtesy: the next one is tried in a minute.
    }
  }
}
