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
