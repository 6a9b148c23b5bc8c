// What the admin does beyond its theme: it asks before some buttons, says on the button that a time means planning,
// and takes over a colleague's text where two have changed the same.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-confirm]");
  if (button && !button.matches(".is-planning") && !window.confirm(button.dataset.confirm)) event.preventDefault();
  const take = event.target.closest("[data-take]");
  const field = take && document.getElementById(take.dataset.take);
  if (!field) return;
  field.value = take.dataset.text;
  field.focus();
});

/** With a time to come "Publish" plans: it says so, is the main button, and what keeps a draft is not offered. */
function showWhatPublishingDoes() {
  const button = document.querySelector("button[data-planned]");
  if (!button) return;
  const isPlanned = Boolean(document.getElementById("id_appear_at_0")?.value);
  button.dataset.title ??= button.textContent.trim();
  button.textContent = isPlanned ? button.dataset.planned : button.dataset.title;
  const draft = document.querySelector("button[data-draft]");
  if (draft) takeTurns(button, draft, isPlanned);
  button.classList.toggle("is-planning", isPlanned);
}

/** The main button comes first, so that Enter presses it, and has the colour. */
function takeTurns(button, draft, isPlanned) {
  draft.hidden = isPlanned;
  const isFirst = Boolean(button.compareDocumentPosition(draft) & Node.DOCUMENT_POSITION_FOLLOWING);
  button.dataset.wasFirst ??= String(isFirst);
  const shallBeFirst = isPlanned || button.dataset.wasFirst === "true";
  if (shallBeFirst === isFirst) return;
  if (shallBeFirst) draft.before(button);
  else draft.after(button);
  [button.className, draft.className] = [draft.className, button.className];
}

// At once, since Enter may follow.
for (const kind of ["input", "change"]) document.addEventListener(kind, showWhatPublishingDoes);
// The calendar and the clock set their fields without an event, after the click on their links.
for (const kind of ["click", "focusin"]) {
  document.addEventListener(kind, () => requestAnimationFrame(showWhatPublishingDoes));
}
document.addEventListener("DOMContentLoaded", showWhatPublishingDoes);

// The theme closes the bar at the side on narrow screens whenever the page changes its size, and opening the bar does
// that to lists. What it is meant for is a screen that gets wider or narrower.
document.addEventListener("alpine:init", () => {
  const made = window.theme;
  window.theme = (...given) => {
    const theme = made(...given);
    const { "x-resize.window": adapt, ...others } = theme.themeBindings;
    let width = window.innerWidth;
    others["x-on:resize.window"] = function () {
      if (window.innerWidth === width) return;
      width = window.innerWidth;
      adapt?.call(this);
    };
    theme.themeBindings = others;
    theme.sidebarOpen = theme.sidebarOpen(); // the first change of size would have done it
    return theme;
  };
});
