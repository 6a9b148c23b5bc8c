/* The page of the keys: other strokes for this device, or none. */
import { say } from "../newsroom/words.js";
import { choose, chosen, clashes, keyTable } from "./keys.js";

class NewsroomKeys extends HTMLElement {
  #waiting = null; // {name, button, first}: whose new stroke is awaited

  connectedCallback() {
    const onOff = this.querySelector("[data-switch]");
    onOff.hidden = false;
    this.box = onOff.querySelector("input");
    this.box.addEventListener("change", () => choose({ ...chosen(), isOff: !this.box.checked }));
    const reset = this.querySelector("[data-reset]");
    reset.hidden = false;
    reset.addEventListener("click", () => {
      choose({ isOff: false, strokes: {} });
      this.#draw();
    });
    for (const { name, fixed } of keyTable()) if (!fixed) this.#offer(name);
    this.addEventListener("keydown", (event) => this.#press(event));
    this.#draw();
  }

  #row(name) {
    return this.querySelector(`[data-name="${name}"]`);
  }

  #offer(name) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button button-small", id: `change-${name}` });
    button.setAttribute("aria-labelledby", `change-${name} key-${name}`);
    button.addEventListener("click", () => {
      this.#draw();
      this.#waiting = { name, button, first: "" };
      button.textContent = say("queue_key_press");
    });
    button.addEventListener("blur", () => this.#draw());
    this.#row(name).lastElementChild.append(button);
  }

  #press(event) {
    const asked = this.#waiting;
    if (!asked || event.ctrlKey || event.altKey || event.metaKey || event.key === "Shift") return;
    if (event.key === "Tab") return;
    event.preventDefault();
    if ([...event.key].length !== 1 || event.key === " ") return void this.#draw();
    const stroke = asked.first ? `${asked.first} ${event.key}` : event.key;
    const clashing = clashes(asked.name, stroke);
    if (clashing && !asked.first && this.#begins(asked.name, event.key)) {
      asked.first = event.key;
      asked.button.textContent = `${event.key} …`;
      return;
    }
    if (!clashing) choose({ ...chosen(), strokes: { ...chosen().strokes, [asked.name]: stroke } });
    this.#draw(clashing ? say("queue_key_taken") : "");
  }

  /** Whether other strokes of two characters begin by this one. */
  #begins(name, character) {
    return keyTable().some((each) => each.name !== name && each.stroke.startsWith(`${character} `));
  }

  #draw(sentence = "") {
    this.#waiting = null;
    this.box.checked = !chosen().isOff;
    this.querySelector("[data-answer]").textContent = sentence;
    for (const { name, stroke, fixed } of keyTable()) {
      this.#row(name).querySelector("kbd").textContent = stroke;
      if (!fixed) this.#row(name).querySelector("button").textContent = say("queue_key_change");
    }
  }
}

customElements.define("newsroom-keys", NewsroomKeys);
