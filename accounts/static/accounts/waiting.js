/*
 * The page after signing up waits for the confirmation, which may happen on another device: it asks every few seconds
 * while somebody looks at it, and goes on by itself. Without this module a button does.
 */
const INTERVAL = 4000; // ms
const { waiting, login } = document.querySelector("[data-waiting]")?.dataset ?? {};
let timer;

async function look() {
  clearTimeout(timer);
  if (document.hidden) return;
  const state = await ask();
  if (state === "confirmed") location.reload(); // the server lets in and leads back
  else if (state === "over") location.assign(login);
  else timer = setTimeout(look, INTERVAL);
}

async function ask() {
  try {
    const answer = await fetch(waiting, { headers: { Accept: "application/json" }, cache: "no-store" });
    return answer.ok ? (await answer.json()).state : "waiting";
  } catch {
    return "waiting"; // offline for a moment
  }
}

if (waiting) {
  document.addEventListener("visibilitychange", look);
  look();
}
