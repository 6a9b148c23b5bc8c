// The page before, as the browser has kept it, with all that was typed there.
const button = document.querySelector("[data-back]");
if (button && history.length > 1) {
  button.hidden = false;
  button.addEventListener("click", () => history.back());
}
