/*
 * The dialog in which readers report a comment: comments/report_dialog.html. Without it the link leads to a page.
 */
import { api } from "../newsroom/api.js";
import { markFields } from "../newsroom/fields.js";
import { say, sayProblem } from "../newsroom/words.js";

const KNOWN = 200;
const NO_FORM = new Set(["barred", "forbidden", "not_found", "gone", "unconfirmed", "not_authenticated"]);

class NewsroomReport extends HTMLElement {
  #comment = 0;
  #opener = null;
  #sending = false;

  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.form = this.querySelector("form");
    this.answer = this.querySelector("[data-answer]");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.querySelector("[data-close]").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.#opener?.focus());
  }

  /** opener: what gets the focus back; element: the comment's <li>. */
  open(opener, element) {
    this.#comment = Number(element.dataset.id);
    this.#opener = opener;
    const words = (name) => element.querySelector(`[data-field="${name}"]`).textContent.trim();
    this.querySelector("[data-quote]").textContent = words("html");
    this.querySelector("[data-name]").textContent = words("author");
    this.form.reset();
    this.form.hidden = false;
    this.#tell("");
    markFields(this.form, {}, this.answer);
    this.dialog.showModal();
  }

  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    const { reason, text } = this.form.elements;
    markFields(this.form, {}, this.answer);
    try {
      const wish = { reason: reason.value, text: text.value };
      const { status } = await api("POST", `comments/${this.#comment}/reports/`, wish);
      this.#end(say(status === KNOWN ? "report_known" : "report_sent"));
    } catch (problem) {
      const sentence = [sayProblem(problem, "text"), ...Object.values(problem.errors).flat()].join(" ");
      if (NO_FORM.has(problem.code)) {
        this.#end(sentence);
      } else {
        this.#tell(sentence);
        markFields(this.form, problem.errors, this.answer);
      }
    } finally {
      this.#sending = false;
    }
  }

  /** Nothing is left to send: the way out gets the focus. */
  #end(sentence) {
    this.form.hidden = true;
    this.#tell(sentence);
    this.querySelector("[data-close]").focus();
  }

  #tell(sentence) {
    this.answer.textContent = sentence;
  }
}

customElements.define("newsroom-report", NewsroomReport);
