/*
 * The form in which comments are written: live limits, a draft that survives a reload, one key for one comment
 * however often it is sent, Ctrl+Enter, and sentences instead of codes.
 */
import { api } from "../newsroom/api.js";
import { isComposing } from "../newsroom/keys.js";
import { say, sayProblem } from "../newsroom/words.js";
import { countDown } from "./countdown.js";
import { Draft } from "./draft.js";

const NEAR_THE_END = 200; // characters left from which the counter speaks

export class Composer {
  #key = null;
  #waits = 0; // timer of a pause that the server asked for

  /** form: comments/composer.html; onPending({key, text, parent}), onDone(status, comment, key), onFailed(key);
   *  onLost({key, text, parent}) → whether it takes over what could not be sent. */
  constructor(form, { discussion, parent = null, onPending, onDone, onFailed, onLost, onCancel = null }) {
    Object.assign(this, { form, discussion, parent, onPending, onDone, onFailed, onLost, onCancel });
    this.text = form.elements.text;
    this.button = form.querySelector("[data-submit]");
    this.error = form.querySelector(".composer-error");
    this.counter = form.querySelector("[data-count]");
    this.hint = this.counter.textContent;
    this.most = Number(form.dataset.max);
    this.draft = new Draft(discussion, parent, !parent && !onCancel);
    this.mentions = null;
    this.#listen();
    this.text.value = this.draft.recall() || this.text.value;
    this.#validate();
  }

  focus() {
    this.text.focus();
  }

  /** Puts what somebody said as a quotation where one writes. */
  quote(text) {
    const lines = text.trim().split("\n").map((line) => `> ${line}`);
    const before = this.text.value.trim();
    this.text.value = `${before ? `${before}\n\n` : ""}${lines.join("\n")}\n\n`;
    this.text.dispatchEvent(new Event("input"));
    this.focus();
    this.text.setSelectionRange(this.text.value.length, this.text.value.length);
  }

  #listen() {
    this.form.noValidate = true;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.text.addEventListener("input", () => {
      this.draft.keep(this.text.value);
      this.#key = null;
      this.#say("");
      this.#validate();
    });
    this.text.addEventListener("keydown", (event) => this.#onKey(event));
    const cancel = this.form.querySelector("[data-cancel]");
    cancel.hidden = !this.onCancel;
    cancel.addEventListener("click", () => this.onCancel?.());
    this.#helpOnceSeen();
  }

  /** What helps those who write is fetched when they see where: without it one writes as well. */
  #helpOnceSeen() {
    const seen = new IntersectionObserver(async (entries) => {
      if (!entries.some((each) => each.isIntersecting)) return;
      seen.disconnect();
      const writing = await import(this.form.dataset.writing).catch(() => null);
      this.mentions = writing?.offerNames(this.text, this.discussion);
    });
    seen.observe(this.text);
  }

  #onKey(event) {
    if (isComposing(event) || this.mentions?.onKey(event)) return;
    const isChat = this.form.closest("newsroom-chat") !== null;
    const isSending = event.key === "Enter" && (event.ctrlKey || event.metaKey || (isChat && !event.shiftKey));
    if (isSending) {
      event.preventDefault();
      this.send();
    }
    if (event.key === "Escape") this.onCancel?.();
  }

  async send() {
    const text = this.text.value.trim();
    if (!text) return this.#say(say("empty_text"));
    if (length(text) > this.most || this.button.getAttribute("aria-busy") === "true" || this.#waits) return undefined;
    this.#key ??= newKey();
    const key = this.#key;
    this.#busy(true);
    this.onPending?.({ key, text, parent: this.parent });
    try {
      const body = this.parent ? { text, parent: this.parent } : { text };
      const path = `discussions/${this.discussion}/comments/`;
      const { status, data } = await api("POST", path, body, { "Idempotency-Key": key });
      this.#sent();
      this.onDone?.(status, data, key);
    } catch (problem) {
      this.onFailed?.(key);
      if (problem.status === 0 && this.onLost?.({ key, text, parent: this.parent })) {
        this.#clear();
        this.onCancel?.();
      } else {
        this.#failed(problem);
      }
    } finally {
      this.#busy(false);
    }
    return undefined;
  }

  #clear() {
    this.text.value = "";
    this.#key = null;
    this.draft.keep("");
    this.#say("");
    this.#validate();
  }

  #sent() {
    this.#clear();
    const pause = Number(this.form.dataset.slow ?? 0);
    if (pause) this.#pause(pause, false);
  }

  #failed(problem) {
    if (problem.status === undefined) throw problem;
    // The first answer may have been lost: then the same key must be sent again. After a refusal it is a new try.
    if (problem.status && problem.status < 500) this.#key = null;
    this.#say(problem.errors?.text?.[0] ?? sayProblem(problem, "text"));
    if (problem.retryAfter) this.#pause(problem.retryAfter, true);
    this.focus();
  }

  #pause(seconds, aloud) {
    clearInterval(this.#waits);
    const show = (left) => {
      this.counter.textContent = say("wait", { n: left });
      this.button.disabled = true;
    };
    this.#waits = countDown(seconds, show, () => {
      this.#waits = 0;
      if (aloud) this.#say("");
      this.#validate();
    });
  }

  #validate() {
    const left = this.most - length(this.text.value.trim());
    if (this.#waits) return;
    const rest = left <= NEAR_THE_END ? say("left", { n: left }) : this.hint;
    this.counter.textContent = left < 0 ? say("too_long", { n: -left }) : rest;
    this.counter.classList.toggle("is-over", left < 0);
    this.text.setAttribute("aria-invalid", String(left < 0));
    this.button.disabled = left < 0;
  }

  #busy(isBusy) {
    this.button.setAttribute("aria-busy", String(isBusy));
    this.text.readOnly = isBusy;
  }

  #say(sentence) {
    this.error.textContent = sentence;
    this.error.hidden = !sentence;
    if (sentence) this.text.setAttribute("aria-invalid", "true");
  }
}

/** Characters as people and the server count them, not UTF-16 units. */
const length = (text) => [...text].length;

/** A random UUID, also where the page did not come over https and crypto.randomUUID is missing. */
function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
