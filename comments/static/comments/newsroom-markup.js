/*
 * <newsroom-markup>: buttons above the text that one writes, for the marks of Markdown, and their keys: Ctrl+B, Ctrl+I,
 * Ctrl+K. The bar is one stop of the Tab key; arrows lead to its other buttons. With the attribute `bare` the keys
 * alone work, where there is no room.
 */
const DEEDS = {
  bold: { sign: "B", key: "b", apply: (text) => surround(text, "**") },
  italic: { sign: "I", key: "i", apply: (text) => surround(text, "*") },
  quotation: { sign: "❝", apply: (text) => begin(text, "> ") },
  link: { sign: "↗", key: "k", apply: (text) => link(text) },
  bullets: { sign: "•", apply: (text) => begin(text, "- ") },
};

class NewsroomMarkup extends HTMLElement {
  connectedCallback() {
    this.text = this.closest("form").elements.text;
    this.text.addEventListener("keydown", (event) => this.#onKey(event));
    if (!this.hasAttribute("bare")) this.#draw();
  }

  #onKey(event) {
    const deed = Object.values(DEEDS).find(({ key }) => key && key === event.key.toLowerCase());
    if (!deed || event.altKey || event.shiftKey || event.ctrlKey === event.metaKey) return;
    event.preventDefault();
    deed.apply(this.text);
  }

  #draw() {
    this.className = "composer-bar";
    this.setAttribute("role", "toolbar");
    this.setAttribute("aria-label", this.dataset.label);
    const buttons = Object.entries(DEEDS).map(([name, { sign, key, apply }], at) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: sign, tabIndex: at ? -1 : 0 });
      button.className = `button button-quiet button-small is-${name}`;
      button.title = this.dataset[name] + (key ? ` (Ctrl+${key.toUpperCase()})` : "");
      button.setAttribute("aria-label", this.dataset[name]);
      button.addEventListener("click", () => apply(this.text));
      return button;
    });
    this.replaceChildren(...buttons);
    this.addEventListener("keydown", (event) => step(event, buttons));
  }
}

function step(event, buttons) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const at = buttons.indexOf(event.target);
  if (!by || at < 0) return;
  event.preventDefault();
  const next = buttons[(at + by + buttons.length) % buttons.length];
  for (const each of buttons) each.tabIndex = each === next ? 0 : -1;
  next.focus();
}

/** The marked words between two signs, or without them if they stand there already. */
function surround(text, sign) {
  const { selectionStart: start, selectionEnd: end, value } = text;
  const words = value.slice(start, end);
  const [from, to] = [start - sign.length, end + sign.length];
  const isMarked = value.slice(Math.max(0, from), start) === sign && value.slice(end, to) === sign;
  const isLonger = sign === "*" && /\**$/.exec(value.slice(0, start))[0].length % 2 === 0; // "**" is no "*"
  if (isMarked && !isLonger) put(text, from, to, words, 0, words.length);
  else put(text, start, end, sign + words + sign, sign.length, words.length);
}

/** The marked lines, each with a sign before it, or without it if all have it. */
function begin(text, sign) {
  const { selectionStart, selectionEnd, value } = text;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const end = selectionEnd > start && value[selectionEnd - 1] === "\n" ? selectionEnd - 1 : selectionEnd;
  const lines = value.slice(start, end).split("\n");
  const isMarked = lines.every((line) => line.startsWith(sign));
  const changed = lines.map((line) => (isMarked ? line.slice(sign.length) : sign + line)).join("\n");
  put(text, start, end, changed, changed.length, 0);
}

/** The marked words as a link, whose address is to be typed; a marked address as a link that has no words yet. */
function link(text) {
  const { selectionStart: start, selectionEnd: end, value } = text;
  const words = value.slice(start, end);
  if (/^https?:\/\/\S+$/.test(words)) put(text, start, end, `[](${words})`, 1, 0);
  else put(text, start, end, `[${words}](https://)`, words.length + 3, "https://".length);
}

/** Replaces a part of the text, as if it were typed, so that it can be undone; then marks `length` characters there. */
function put(text, start, end, words, offset, length) {
  text.focus();
  text.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, words)) {
    text.setRangeText(words, start, end);
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
  text.setSelectionRange(start + offset, start + offset + length);
}

customElements.define("newsroom-markup", NewsroomMarkup);
