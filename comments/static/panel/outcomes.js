/* What has become of the cards of the queue: by decisions of one's own, and by what others do meanwhile. */
import { api } from "../newsroom/api.js";
import { say, sayProblem } from "../newsroom/words.js";
import { handing } from "./sheet.js";

const [DECIDED, CHANGED] = [409, 412];

export class Outcomes {
  /** host: <newsroom-queue> with its rows, decisions, claims and around. */
  constructor(host) {
    this.host = host;
  }

  /** One line instead of the card: by whom and why. */
  fold(card, name, { action, reason }, offers = []) {
    const sentence = say(`queue_${action}`, { name });
    card.fold([sentence, reason && say(`reason_${reason}`)].filter(Boolean).join(" – "), offers);
    this.host.rows.watch(card);
  }

  refused(card, problem) {
    const { decision } = problem.document;
    if (problem.status === DECIDED && decision) {
      this.fold(card, decision.by, decision);
    } else {
      card.open();
      if (problem.status === CHANGED) card.rewrite(problem.document);
      card.complain([sayProblem(problem), ...Object.values(problem.errors).flat()].join(" "));
    }
    const sentence = [say("queue_not_decided"), sayProblem(problem)].join(" ");
    this.host.decisions.tell(sentence);
    this.host.announce(sentence);
    if (!this.host.current && card.isOpen) this.host.focusOn(card);
  }

  /** A case was opened again. */
  opened(card) {
    if (card.state === "folded") this.host.rows.renew([card.id]).catch(() => {});
  }

  closed(card, { decision }, made) {
    if (card.state === "folded") return;
    this.host.decisions.drop(card);
    this.host.around.forget(card);
    if (!decision) {
      card.fold(say("queue_gone"));
      this.host.rows.watch(card);
      return;
    }
    const by = made?.id === decision.id ? made : null;
    const name = by?.moderator?.id === this.host.me ? say("queue_you") : (by?.moderator?.name ?? say("queue_rule"));
    const again = decision.action === "reject" ? [[say("queue_reopen_it"), () => this.#reopen(card)]] : [];
    this.fold(card, name, decision, again);
  }

  async #reopen(card) {
    try {
      const { data } = await api("GET", `moderation/cases/${card.id}/`);
      await api("POST", `comments/${card.comment}/decisions/`, { action: "reopen", seen: data.comment.version });
      this.host.decisions.tell(say("queue_reopened"));
    } catch (problem) {
      this.host.decisions.tell(sayProblem(problem));
    }
  }

  changed(card, { comment, reports, handed }) {
    this.host.around.forget(card);
    if (!card.isOpen) return;
    const { version } = card;
    card.rewrite(comment);
    if (handed && Date.parse(handed.at) !== card.handedAt) this.handed(card, handed);
    else if (card.version === version && reports.count) card.noteReport();
  }

  /** Somebody was asked to decide about it. */
  handed(card, handed) {
    card.noteHanded(handing(handed), Date.parse(handed.at), handed.to?.id !== this.host.me);
  }

  claimed(card, { claim }) {
    if (card.isOpen) this.host.claims.show(card, claim);
  }

  /** How all open cards stand now. */
  async compare() {
    const open = this.host.rows.open.filter((each) => each !== this.host.current).map(({ id }) => id);
    const mine = this.host.current?.isOpen ? [this.host.current.id] : [];
    for (const card of await this.host.rows.renew(open)) {
      card.fold(say("queue_closed"));
      this.host.rows.watch(card);
    }
    if (mine.length) await this.#compareCurrent(this.host.current);
  }

  /** What somebody types in the card that they read is not taken from them. */
  async #compareCurrent(card) {
    const { data } = await api("GET", `moderation/cases/${card.id}/`);
    if (data.closed_at) this.closed(card, data);
    else card.rewrite(data.comment);
  }
}
