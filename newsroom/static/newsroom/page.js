/* What every page has: an account menu that closes by Escape or a click elsewhere, notices that can be put away. */
const menu = document.querySelector("details.menu");

menu?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
menu?.addEventListener("focusout", (event) => {
  if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});
document.addEventListener("click", (event) => {
  if (menu && !menu.contains(event.target)) menu.open = false;
});

for (const button of document.querySelectorAll(".messages [data-close]")) {
  button.hidden = false;
  button.addEventListener("click", () => button.parentElement.remove());
}
