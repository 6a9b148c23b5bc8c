/*
 * What can be done with a comment is one stop of the Tab key; the arrows, Home and End go to the others in it
 * (https://www.w3.org/WAI/ARIA/apg/patterns/toolbar/). Without this module each is a stop of its own.
 */
const ITEMS = "a[data-action], .reactions a, button";

/** Makes a bar of the deeds in `foot`, or brings it up to date when some of them came or went. */
export function rove(foot) {
  const items = [...foot.querySelectorAll(ITEMS)];
  if (items.length < 2) return;
  if (foot.role !== "toolbar") begin(foot);
  const shown = items.filter((item) => !item.closest("[hidden]"));
  const stop = shown.find((item) => item.getAttribute("tabindex") === "0") ?? shown[0];
  for (const item of items) {
    const tabIndex = item === stop ? "0" : "-1";
    if (item.getAttribute("tabindex") !== tabIndex) item.setAttribute("tabindex", tabIndex);
  }
}

function begin(foot) {
  foot.role = "toolbar";
  foot.querySelector("[data-add-reaction]")?.setAttribute("aria-expanded", "false");
  foot.setAttribute("aria-label", foot.closest(".comment-box").querySelector('[data-field="author"]').textContent);
  foot.addEventListener("keydown", onKey);
  foot.addEventListener("focusin", (event) => event.target.matches(ITEMS) && stopAt(foot, event.target));
}

function onKey(event) {
  const items = [...event.currentTarget.querySelectorAll(ITEMS)].filter((item) => item.checkVisibility());
  const at = items.indexOf(event.target);
  const step = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (at < 0 || step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  items[(step + items.length) % items.length].focus();
}

function stopAt(foot, item) {
  for (const each of foot.querySelectorAll('[tabindex="0"]')) each.setAttribute("tabindex", "-1");
  item.setAttribute("tabindex", "0");
}
