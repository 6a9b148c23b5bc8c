/*
 * Says why a passkey was not used, below the page's title; allauth's scripts tell only the console. The sentences stand
 * in [data-passkey-refused], each under the name of the browser's error.
 */
const notice = document.querySelector("[data-passkey-refused]");

document.addEventListener("allauth.error", (event) => {
  const name = event.detail.exception.name;
  const known = notice.querySelector(`[data-name="${CSS.escape(name)}"]`);
  if (known) event.preventDefault(); // anything else belongs into the console, too
  for (const sentence of notice.children) {
    sentence.hidden = sentence !== (known ?? notice.lastElementChild);
  }
  document.querySelector("main h1").after(notice);
  notice.hidden = false;
});
