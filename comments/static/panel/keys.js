/*
 * The keys of the queue. The server writes their table into the page: [{name, stroke, label, fixed}]. A stroke is a
 * character, or two after each other ("g h"). This device may have other strokes, or none (WCAG 2.1.4).
 */
import { isComposing } from "../newsroom/keys.js";

const NAME = "newsroom keys";
const SECOND_MS = 1_500; // within which the second character has to come
const REPEATED = new Set(["next", "previous"]); // what a key that is held down does again and again

const table = JSON.parse(document.getElementById("panel-keys")?.textContent ?? "[]");

/** {isOff, strokes: {name: stroke}}: what somebody has chosen on this device. */
export function chosen() {
  try {
    const { isOff = false, strokes = {} } = JSON.parse(localStorage.getItem(NAME)) ?? {};
    return { isOff, strokes };
  } catch {
    return { isOff: false, strokes: {} };
  }
}

export function choose(choice) {
  try {
    localStorage.setItem(NAME, JSON.stringify(choice));
  } catch {
    // Storage is full or forbidden: they stay as they are.
  }
}

/** The table with the strokes of this device. */
export function keyTable() {
  const { strokes } = chosen();
  return table.map((each) => ({ ...each, stroke: each.fixed ? each.stroke : (strokes[each.name] ?? each.stroke) }));
}

/** Whether a stroke would be the same as another one's, or its beginning. */
export function clashes(name, stroke) {
  const begins = (one, other) => `${one} `.startsWith(`${other} `);
  const digit = /^\d/.test(stroke);
  const others = keyTable().filter((each) => each.name !== name && !each.fixed);
  return digit || others.some((each) => begins(each.stroke, stroke) || begins(stroke, each.stroke));
}

/** The character of a key event, or null where it is none of ours: with Ctrl, Alt or ⌘, or while somebody types. */
export function characterOf(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || isComposing(event) || event.defaultPrevented) return null;
  if ([...event.key].length !== 1 || event.key === " " || isTyping(event.target)) return null;
  return latin(event);
}

/** On a Cyrillic keyboard the letter that stands on the same key. */
function latin({ key, code, shiftKey }) {
  const [, letter] = (!/^[\x21-\x7e]$/.test(key) && code.match(/^Key([A-Z])$/)) || [];
  if (!letter) return key;
  return shiftKey ? letter : letter.toLowerCase();
}

function isTyping(target) {
  const field = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
  return Boolean(target.closest?.(`${field}, dialog[open]`));
}

export class Keys {
  #deeds;
  #strokes;
  #begun = "";
  #begunAt = 0;

  /** deeds: {name: function} for each name of the table; `reason` gets the digit. */
  constructor(deeds) {
    this.#deeds = deeds;
    const unbound = table.filter(({ name }) => !(name in deeds)).map(({ name }) => name);
    if (unbound.length) throw new Error(`Keys without a deed: ${unbound.join(", ")}`);
    this.#strokes = new Map(keyTable().filter(({ fixed }) => !fixed).map(({ name, stroke }) => [stroke, name]));
    if (!chosen().isOff) document.addEventListener("keydown", (event) => this.#press(event));
  }

  /** The names of all deeds. */
  get names() {
    return Object.keys(this.#deeds);
  }

  #press(event) {
    const character = characterOf(event);
    if (character === null) return;
    if (/^\d$/.test(character)) {
      if (!event.repeat && this.#deeds.reason(character)) event.preventDefault();
      return;
    }
    const stroke = this.#strokeWith(character);
    const name = this.#strokes.get(stroke);
    const isBeginning = !name && [...this.#strokes.keys()].some((each) => each.startsWith(`${stroke} `));
    [this.#begun, this.#begunAt] = isBeginning ? [stroke, Date.now()] : ["", 0];
    if (name || isBeginning) event.preventDefault();
    if (name && (!event.repeat || REPEATED.has(name))) this.#deeds[name]();
  }

  #strokeWith(character) {
    const isSecond = this.#begun && Date.now() - this.#begunAt < SECOND_MS;
    const both = `${this.#begun} ${character}`;
    return isSecond && this.#strokes.has(both) ? both : character;
  }
}

/** The table as rows, for the dialog. */
export function drawMap(place) {
  const list = document.createElement("dl");
  list.className = "key-map";
  for (const { name, stroke, label } of keyTable()) {
    const key = document.createElement("dt");
    key.append(Object.assign(document.createElement("kbd"), { textContent: stroke }));
    key.dataset.name = name;
    list.append(key, Object.assign(document.createElement("dd"), { textContent: label }));
  }
  place.replaceChildren(list);
}
