/*
 * The signs under a comment: pressed at once, settled by the server's answer, counted by the live events. Those that
 * somebody gave stand there; a "+" shows the others. They are copied from the page's <template data-palette>.
 */
import { addressOf } from "../newsroom/addresses.js";
import { api } from "../newsroom/api.js";
import { say, sayProblem } from "../newsroom/words.js";
import { rove } from "./toolbar.js";

export class Palette {
  /** host: the element that holds the comments. */
  constructor(host) {
    this.patterns = [...(host.querySelector("template[data-palette]")?.content.children ?? [])];
  }

  /** Shows the numbers of a comment as the API gives them; `mine` (names) is left as it is where it is not known. */
  show(element, { state, reactions }, mine = null) {
    const box = boxOf(element);
    if (!box) return;
    box.hidden = state !== undefined && state !== "published";
    for (const { dataset } of this.patterns) {
      const name = dataset.reaction;
      const sign = signIn(box, name) ?? (reactions[name] || mine?.includes(name) ? this.sign(element, name) : null);
      if (!sign) continue;
      countSign(sign, reactions[name] ?? 0);
      if (mine) pressSign(sign, mine.includes(name));
    }
    tidy(box);
  }

  /** The sign of that name under a comment. If nobody gave it yet, it is put at its place. */
  sign(element, name) {
    const box = boxOf(element);
    const known = signIn(box, name);
    if (known) return known;
    const names = this.patterns.map(({ dataset }) => dataset.reaction);
    const sign = this.patterns[names.indexOf(name)].cloneNode(true);
    const { id } = element.dataset;
    if (isButton(sign)) sign.setAttribute("formaction", addressOf("comment-react", { pk: id, name }));
    const later = signsIn(box).find((each) => names.indexOf(each.dataset.reaction) > names.indexOf(name));
    box.insertBefore(sign, later ?? box.querySelector("a"));
    return sign;
  }

  /** Shows all signs, or only those that somebody gave. */
  open(element, isOpen) {
    const box = boxOf(element);
    if (isOpen) for (const { dataset } of this.patterns) this.sign(element, dataset.reaction);
    box.querySelector("[data-add-reaction]")?.setAttribute("aria-expanded", String(isOpen));
    tidy(box);
  }
}

export class Reactions {
  #wanted = new Map(); // "id/name" → what the reader wants by now, while a request is on its way
  #last = new Map(); // a comment's id → the answer to its last request

  /** onProblem(element, sentence) tells the reader what went wrong; an empty one, that it no longer does. */
  constructor(palette, onProblem) {
    Object.assign(this, { palette, onProblem });
  }

  /** Whether a click was for these signs: it presses one, or shows those that nobody has pressed yet. */
  take(event) {
    const button = event.target.closest("button[data-reaction], [data-add-reaction]");
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return false;
    event.preventDefault();
    const isAdding = button.hasAttribute("data-add-reaction") && button.getAttribute("aria-expanded") !== "true";
    if (button.dataset.reaction) this.#toggle(button);
    this.palette.open(button.closest("li.comment"), isAdding);
    return true;
  }

  #toggle(button) {
    const wanted = button.getAttribute("aria-pressed") !== "true";
    pressSign(button, wanted);
    countSign(button, Math.max(0, numberOf(button) + (wanted ? 1 : -1)));
    const element = button.closest("li.comment");
    const key = `${element.dataset.id}/${button.dataset.reaction}`;
    const isOnItsWay = this.#wanted.has(key);
    this.#wanted.set(key, wanted);
    if (!isOnItsWay) this.#send(element, key);
  }

  async #send(element, key) {
    const [id, name] = key.split("/");
    const wanted = this.#wanted.get(key);
    try {
      const path = `comments/${id}/reactions/${name}/`;
      const { data } = await this.#inTurn(id, () => api(wanted ? "PUT" : "DELETE", path));
      if (this.#wanted.get(key) !== wanted) {
        this.#send(element, key);
        return;
      }
      this.#wanted.delete(key);
      this.onProblem(element, "");
      if (this.#isQuiet(id)) this.palette.show(element, { reactions: data.reactions }, data.mine);
    } catch (problem) {
      this.#wanted.delete(key);
      const button = this.palette.sign(element, name);
      pressSign(button, !wanted);
      countSign(button, Math.max(0, numberOf(button) + (wanted ? -1 : 1)));
      this.palette.open(element, true); // it can be pressed again where it stood
      this.onProblem(element, sayProblem(problem, "reaction"));
    }
  }

  /** Presses of one comment reach the server in their order: a like takes the place of a dislike that came before. */
  #inTurn(id, ask) {
    const asked = (this.#last.get(id) ?? Promise.resolve()).catch(() => {}).then(ask);
    this.#last.set(id, asked);
    return asked;
  }

  #isQuiet(id) {
    return ![...this.#wanted.keys()].some((key) => key.startsWith(`${id}/`));
  }
}

function boxOf(element) {
  return element.querySelector(":scope > .comment-box [data-reactions]");
}

function signsIn(box) {
  return [...box.querySelectorAll("[data-reaction]")];
}

function signIn(box, name) {
  return box.querySelector(`[data-reaction="${name}"]`);
}

/** Takes away the buttons that nobody pressed, unless all are shown. The focus goes to the "+" that shows them. */
function tidy(box) {
  const adding = box.querySelector("[data-add-reaction]");
  if (adding?.getAttribute("aria-expanded") !== "true") {
    for (const sign of signsIn(box).filter((each) => isButton(each) && isUnused(each))) {
      if (sign.contains(document.activeElement)) adding?.focus();
      sign.remove();
    }
  }
  if (adding) tellWho(box);
  const foot = box.closest('.comment-foot[role="toolbar"]');
  if (foot) rove(foot);
}

/** Where somebody has reacted a link leads to the list of those who have. */
function tellWho(box) {
  const isCounted = signsIn(box).some(numberOf);
  let link = box.querySelector("a:not([data-add-reaction])");
  if (!link && isCounted) {
    link = document.createElement("a");
    link.href = addressOf("comment-reactions", { pk: box.closest("li.comment").dataset.id });
    link.textContent = say("who");
    box.append(link);
  }
  if (link) link.hidden = !isCounted;
}

function isButton(sign) {
  return sign.hasAttribute("aria-pressed");
}

function isUnused(sign) {
  return !numberOf(sign) && sign.getAttribute("aria-pressed") === "false";
}

function numberOf(sign) {
  return Number(sign.querySelector("[data-n]").textContent || 0);
}

function countSign(sign, n) {
  sign.querySelector("[data-n]").textContent = n || "";
  sign.classList.toggle("is-none", !n);
}

function pressSign(sign, isPressed) {
  if (!isButton(sign)) return;
  sign.setAttribute("aria-pressed", String(isPressed));
  sign.value = isPressed ? "take" : "put";
}
