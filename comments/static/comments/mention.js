/*
 * "@na" in a composer offers the people who take part; arrows choose, Enter or Tab takes, Escape closes.
 */
import { api } from "../newsroom/api.js";
import { isComposing } from "../newsroom/keys.js";
import { say } from "../newsroom/words.js";

const BEGUN = /(?:^|[^\p{L}\p{N}_@/.])@([^\s@][^@\n]{0,39})?$/u;
const PAUSE_MS = 150;

export class Mentions {
  #timer = 0;
  #asked = 0; // number of the latest question; an older answer is not shown
  #chosen = 0;

  /** text: the <textarea>; discussion: its id. */
  constructor(text, discussion) {
    Object.assign(this, { text, discussion });
    this.list = document.createElement("ul");
    this.list.className = "mentions";
    this.list.role = "listbox";
    this.list.id = `${text.id}-mentions`;
    this.list.tabIndex = -1; // a long one scrolls, and would otherwise be a stop of the Tab key
    this.list.setAttribute("aria-label", say("mentions"));
    this.list.hidden = true;
    text.after(this.list);
    text.setAttribute("aria-controls", this.list.id);
    text.setAttribute("aria-autocomplete", "list");
    text.addEventListener("input", () => this.#look());
    text.addEventListener("blur", () => this.#close());
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the text keeps the focus
      const option = event.target.closest("li");
      if (option) this.#take(option);
    });
    if (document.activeElement === text) this.#look(); // typed while this module was fetched
  }

  /** Whether this key was for the list. */
  onKey(event) {
    if (this.list.hidden || isComposing(event)) return false;
    const options = [...this.list.children];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.#choose((this.#chosen + (event.key === "ArrowDown" ? 1 : options.length - 1)) % options.length);
    } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") {
      this.#take(options[this.#chosen]);
    } else if (event.key === "Escape") {
      this.#close();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  #look() {
    clearTimeout(this.#timer);
    const begun = this.#begun();
    if (begun === null) this.#close();
    else this.#timer = setTimeout(() => this.#ask(begun), PAUSE_MS);
  }

  #begun() {
    const match = this.text.value.slice(0, this.text.selectionEnd).match(BEGUN);
    return match ? (match[1] ?? "") : null;
  }

  async #ask(begun) {
    const number = ++this.#asked;
    try {
      const { data } = await api("GET", `discussions/${this.discussion}/participants/?q=${encodeURIComponent(begun)}`);
      if (number === this.#asked && this.#begun() === begun) this.#show(data.results);
    } catch {
      this.#close();
    }
  }

  #show(people) {
    this.list.replaceChildren(
      ...people.map(({ name }, index) => {
        const option = document.createElement("li");
        option.role = "option";
        option.id = `${this.list.id}-${index}`;
        option.textContent = name;
        return option;
      }),
    );
    this.list.hidden = people.length === 0;
    if (people.length) this.#choose(0);
    else this.#close();
  }

  #choose(index) {
    this.#chosen = index;
    for (const [at, option] of [...this.list.children].entries()) {
      option.setAttribute("aria-selected", String(at === index));
    }
    this.text.setAttribute("aria-activedescendant", this.list.children[index].id);
    this.list.children[index].scrollIntoView({ block: "nearest" });
  }

  #take(option) {
    const end = this.text.selectionEnd;
    const start = this.text.value.lastIndexOf("@", end - 1);
    this.text.setRangeText(`@${option.textContent} `, start, end, "end");
    this.text.dispatchEvent(new Event("input"));
    this.#close(); // or the name that was just taken would be offered again, and the next Enter take it
  }

  #close() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.list.hidden = true;
    this.text.removeAttribute("aria-activedescendant");
  }
}
