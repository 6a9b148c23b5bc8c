/*
 * One's own decisions: an approval waits three seconds, since what was public has been read; everything else goes at
 * once. The last one can be undone for a minute.
 */
import { api } from "../newsroom/api.js";
import { say, sayProblem } from "../newsroom/words.js";

const WAIT_MS = 3_000; // as long as the bar of queue.css takes
const UNDO_MS = 60_000;

const undoDecision = ({ decision }) => api("POST", `decisions/${decision.id}/undo/`);

export class Decisions {
  #own = []; // {card, until, timer, answer, undo}, with {action, wish} for a decision; the newest last
  #ticking = 0;

  /** onMade(card, action, reason), onRefused(card, problem), onUndone(card). */
  constructor(foot, { onMade, onRefused, onUndone }) {
    Object.assign(this, { foot, onMade, onRefused, onUndone });
    this.said = foot.querySelector("[data-said]");
    this.button = foot.querySelector("[data-undo]");
    this.button.addEventListener("click", () => this.undo());
  }

  /** Somebody was faster: an approval of the card that waits is not sent. */
  drop(card) {
    for (const { timer } of this.#own.filter((each) => each.card === card)) clearTimeout(timer);
    this.#own = this.#own.filter((each) => each.card !== card);
    this.#tick();
  }

  decide(card, action, said = {}) {
    const wish = { action, seen: card.version, ...said };
    const made = { card, action, wish, until: Date.now() + UNDO_MS, timer: 0, answer: null, undo: undoDecision };
    this.#own.push(made);
    if (action === "approve") {
      card.wait();
      made.until = Date.now() + WAIT_MS;
      made.timer = setTimeout(() => this.#send(made), WAIT_MS);
    } else {
      this.#send(made);
    }
    const names = said.reason ? [`queue_done_${action}`, `reason_${said.reason}`] : [`queue_done_${action}`];
    this.tell(names.map((name) => say(name)).join(": "));
  }

  /** One that was made elsewhere on this page, and can be undone. answer: the comment, with its decision. */
  made(card, action, answer) {
    this.did(card, say(`queue_done_${action}`), () => undoDecision(answer));
  }

  /** Something was done, and undo() takes it back. */
  did(card, sentence, undo) {
    this.#own.push({ card, until: Date.now() + UNDO_MS, timer: 0, answer: Promise.resolve({ data: null }), undo });
    this.tell(sentence);
  }

  /** Says something in the line at the foot, beside what can be undone. */
  tell(sentence) {
    this.said.textContent = sentence;
    this.#tick();
  }

  /** The page is being left: what waits goes now. */
  flush() {
    for (const made of this.#own.filter(({ timer }) => timer)) this.#send(made, true);
  }

  /** Takes the last decision back. */
  async undo() {
    const made = this.#last;
    if (!made) return;
    this.#own.splice(this.#own.indexOf(made), 1);
    this.#tick();
    if (made.timer) {
      clearTimeout(made.timer);
      made.card.open();
      this.tell(say("queue_undone"));
      this.onUndone(made.card);
      return;
    }
    try {
      const { data } = await made.answer;
      await made.undo(data);
      this.tell(say("queue_undone"));
      this.onUndone(made.card, true);
    } catch (problem) {
      if (made.answer) this.tell(sayProblem(problem));
    }
  }

  get #last() {
    return this.#own.findLast(({ until }) => until > Date.now());
  }

  async #send(made, keepalive = false) {
    clearTimeout(made.timer);
    Object.assign(made, { timer: 0, until: Date.now() + UNDO_MS });
    made.answer = api("POST", `comments/${made.card.comment}/decisions/`, made.wish, {}, keepalive);
    this.onMade(made.card, made.action, made.wish.reason);
    try {
      await made.answer;
      made.until = Date.now() + UNDO_MS;
    } catch (problem) {
      this.#own = this.#own.filter((each) => each !== made);
      this.onRefused(made.card, problem);
    }
    this.#tick();
  }

  #tick() {
    clearTimeout(this.#ticking);
    this.#own = this.#own.filter(({ until, timer }) => timer || until > Date.now());
    const last = this.#last;
    this.button.hidden = !last;
    if (!last) return;
    const n = Math.max(1, Math.ceil((last.until - Date.now()) / 1000));
    this.button.textContent = `${say("undo")} ${n} s`;
    this.button.setAttribute("aria-label", say("queue_undo_left", { n }));
    this.#ticking = setTimeout(() => this.#tick(), 1000);
  }
}
