/*
 * The sentences of the page's language, which the server wrote into <script type="application/json" id="words">:
 * {name: sentence} or {name: {one, few, many, other}}, with {n} and other {names} to fill in. Pages of the moderators'
 * panel have more of them in id="panel-words", pages of people with an account in id="notice-words".
 */
const read = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "{}");
const words = { ...read("words"), ...read("notice-words"), ...read("panel-words") };
const plural = new Intl.PluralRules(document.documentElement.lang || "de");
const numbers = new Intl.NumberFormat(document.documentElement.lang || "de");

/** The sentence `name`; `fill` may hold n, which chooses the plural form. */
export function say(name, fill = {}) {
  const entry = words[name] ?? name;
  const sentence = typeof entry === "string" ? entry : (entry[plural.select(fill.n ?? 0)] ?? entry.other);
  return sentence.replace(/\{(\w+)\}/g, (all, key) => {
    if (!(key in fill)) return all;
    return typeof fill[key] === "number" ? numbers.format(fill[key]) : fill[key];
  });
}

/**
 * A Problem as a sentence for people: the server's own if it gave one. `lost`: what did not arrive where no answer
 * came, a "text" or a "reaction".
 */
export function sayProblem(problem, lost = null) {
  const name = lost && problem.code === "unreachable" ? `unreachable_${lost}` : problem.code;
  return problem.message || say(name in words ? name : "unknown");
}
