/*
 * The signs under a comment: pressed at once, settled by the server's answer, counted by the live events.
 */
import { api } from "../newsroom/api.js";
import { sayProblem } from "../newsroom/words.js";

const OPPOSITE = { like: "dislike", dislike: "like" };

/** Shows the numbers of a comment as the API gives them; `mine` (names) is left as it is where it is not known. */
export function showReactions(element, { id, state, reactions }, mine = null) {
  const box = element.querySelector("[data-reactions]");
  if (!box) return;
  box.hidden = state !== undefined && state !== "published";
  for (const sign of box.querySelectorAll("[data-reaction]")) {
    const { reaction } = sign.dataset;
    count(sign, reactions[reaction] ?? 0);
    if (id) sign.setAttribute("formaction", `/comments/${id}/reactions/${reaction}/`);
    if (mine) press(sign, mine.includes(reaction));
  }
}

export class Reactions {
  #wanted = new Map(); // "id/name" → what the reader wants by now, while a request is on its way

  /** onProblem(element, sentence) tells the reader what went wrong; an empty one, that it no longer does. */
  constructor(onProblem) {
    this.onProblem = onProblem;
  }

  /** Whether a click was for these signs: it presses one, or shows those that nobody has pressed yet. */
  take(event) {
    const button = event.target.closest("button[data-reaction], [data-add-reaction]");
    if (!button) return false;
    event.preventDefault();
    const isAdding = button.hasAttribute("data-add-reaction") && button.getAttribute("aria-expanded") === "false";
    open(button.parentElement, isAdding);
    if (button.dataset.reaction) this.#toggle(button);
    return true;
  }

  #toggle(button) {
    const wanted = button.getAttribute("aria-pressed") !== "true";
    this.#change(button, wanted);
    const opposite = wanted && OPPOSITE[button.dataset.reaction];
    const other = opposite && button.parentElement.querySelector(`[data-reaction="${opposite}"][aria-pressed="true"]`);
    if (other) this.#change(other, false);
  }

  #change(button, wanted) {
    press(button, wanted);
    count(button, Math.max(0, numberOf(button) + (wanted ? 1 : -1)));
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
      const { data } = await api(wanted ? "PUT" : "DELETE", `comments/${id}/reactions/${name}/`);
      if (this.#wanted.get(key) !== wanted) {
        this.#send(element, key);
        return;
      }
      this.#wanted.delete(key);
      this.onProblem(element, "");
      if (this.#isQuiet(id)) showReactions(element, { reactions: data.reactions }, data.mine);
    } catch (problem) {
      this.#wanted.delete(key);
      const button = element.querySelector(`[data-reaction="${name}"]`);
      press(button, !wanted);
      count(button, Math.max(0, numberOf(button) + (wanted ? -1 : 1)));
      this.onProblem(element, sayProblem(problem, "reaction"));
    }
  }

  #isQuiet(id) {
    return ![...this.#wanted.keys()].some((key) => key.startsWith(`${id}/`));
  }
}

function open(box, isOpen) {
  box.classList.toggle("is-open", isOpen);
  box.querySelector("[data-add-reaction]")?.setAttribute("aria-expanded", String(isOpen));
}

function numberOf(sign) {
  return Number(sign.querySelector("[data-n]").textContent || 0);
}

function count(sign, n) {
  sign.querySelector("[data-n]").textContent = n || "";
  sign.classList.toggle("is-none", !n);
}

function press(sign, isPressed) {
  if (!sign.hasAttribute("aria-pressed")) return;
  sign.setAttribute("aria-pressed", String(isPressed));
  sign.value = isPressed ? "take" : "put";
}
