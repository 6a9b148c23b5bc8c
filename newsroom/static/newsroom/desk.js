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

/** With a time to come "Publish" plans: then the button says so, comes first, and what keeps a draft is not offered. */
function showWhatPublishingDoes() {
  const button = document.querySelector("button[data-planned]");
  if (!button) return;
  const isPlanned = Boolean(document.getElementById("id_appear_at_0")?.value);
  button.dataset.title ??= button.textContent.trim();
  button.classList.toggle("is-planning", isPlanned);
  button.textContent = isPlanned ? button.dataset.planned : button.dataset.title;
  const draft = document.querySelector("button[data-draft]");
  if (!draft) return;
  draft.hidden = isPlanned;
  const isFirst = Boolean(button.compareDocumentPosition(draft) & Node.DOCUMENT_POSITION_FOLLOWING);
  button.dataset.wasFirst ??= String(isFirst);
  const shallBeFirst = isPlanned || button.dataset.wasFirst === "true";
  if (shallBeFirst && !isFirst) draft.before(button);
  if (!shallBeFirst && isFirst) draft.after(button);
}

// The calendar and the clock set their fields without an event, and their links end with "#".
for (const kind of ["input", "change", "click", "focusin"]) {
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
