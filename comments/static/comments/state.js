/*
 * Whether a discussion is open, why not and until when, how fast one may write: as an event of the discussion says.
 */
import { setTime } from "../newsroom/time.js";
import { say } from "../newsroom/words.js";

/** host: the element with the parts of comments/take_part.html; discussion: as the API gives it, or {state, reason}. */
export function showState(host, { state, reason, opens_at, next_change, slow_mode_seconds }) {
  const part = (name) => host.querySelector(`[data-${name}]`);
  part("closed").hidden = state !== "closed";
  part("log-in")?.toggleAttribute("hidden", state === "closed"); // nobody could take part
  host.toggleAttribute("closed", state === "closed"); // what it refuses is not offered: discussion.css
  part("reason").textContent = say(reason || "");
  const opens = state === "closed" && next_change ? opens_at : null;
  part("opens").hidden = !opens;
  if (opens) setTime(part("opens").querySelector("[data-time]"), opens);
  if (!part("writing")) return;
  part("writing").hidden = state === "closed";
  part("premoderated").hidden = state !== "premoderated";
  part("why").textContent = state === "premoderated" ? say(reason || "") : "";
  if (slow_mode_seconds === undefined) return;
  part("slow-note").hidden = !slow_mode_seconds;
  part("slow-words").textContent = say("slow", { n: slow_mode_seconds });
  if (host.hasAttribute("staff")) return; // who works here is not slowed
  for (const form of host.querySelectorAll("form[data-composer], [data-reply-form]")) {
    form.dataset.slow = slow_mode_seconds;
  }
}
