/*
 * Times that read as people say them: <time datetime data-time="relative"> becomes "vor 3 Minuten" for a day, then
 * the date. Without this module the server's text stays, in the site's zone. `describe` serves live insertions.
 */
import { say } from "./words.js";

const spoken = document.documentElement.lang || "de";
const language = spoken === "en" ? "en-GB" : spoken; // as the server spells
const timeZone = document.documentElement.dataset.zone || undefined;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "long" });
const date = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone });
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", timeZone });
const day = new Intl.DateTimeFormat(language, { year: "numeric", month: "2-digit", day: "2-digit", timeZone });
const absolute = { format: (moment) => say("moment", { day: date.format(moment), hour: clock.format(moment) }) };

const SETTLED_MS = 2 * 86_400_000; // so old a time is worded for good
const ours = new WeakSet(); // elements whose words are not the server's
const settled = new WeakSet(); // elements that say the date and will for ever
let pageWidth = innerWidth;

/** The sentence for a moment (Date); style "relative", "clock" (the hour if it was today) or "absolute". */
export function describe(moment, style, now = new Date()) {
  if (style === "clock") {
    const isToday = day.format(moment) === day.format(now);
    return isToday ? clock.format(moment) : `${day.format(moment)} ${clock.format(moment)}`;
  }
  const minutes = Math.round((moment - now) / 60_000);
  if (style !== "relative" || minutes <= -24 * 60 || minutes > 1) return absolute.format(moment);
  if (minutes > -1) return relative.format(0, "second");
  return minutes > -60 ? relative.format(minutes, "minute") : relative.format(Math.round(minutes / 60), "hour");
}

/** Writes a moment (ISO 8601) into a <time>, or makes one of the place for it. */
export function setTime(place, iso) {
  const element = place.localName === "time" ? place : timeIn(place);
  const moment = new Date(iso);
  if (Date.parse(element.dateTime) !== moment.getTime()) {
    settled.delete(element);
    element.dateTime = moment.toISOString();
  }
  const words = describe(moment, element.dataset.time ?? "absolute");
  if (element.textContent !== words) element.textContent = words;
  element.title = absolute.format(moment);
  ours.add(element);
}

function timeIn(place) {
  const element = document.createElement("time");
  element.dataset.time = place.dataset.time;
  place.replaceWith(element);
  return element;
}

/** Brings every <time data-time> beneath these elements up to date: all at once, since each look at a size after a
 * change has the page laid out. What is skipped (content-visibility) must not be looked at: it would be laid out. */
export function refresh(roots = [document]) {
  const times = roots.flatMap((root) => [...root.querySelectorAll("time[data-time][datetime]")]);
  const due = times.filter((element) => element.dateTime && !settled.has(element) && isDue(element));
  const laidOut = due.filter((element) => element.checkVisibility({ contentVisibilityAuto: true }));
  keepLines(laidOut, () => {
    for (const element of due) setTime(element, element.dateTime);
  });
}

/** Whether other words belong here. What the server wrote stays where we would only say the date in other words. */
function isDue(element) {
  const moment = new Date(element.dateTime);
  const [words, plain] = [describe(moment, element.dataset.time), absolute.format(moment)];
  if (Date.now() - moment > SETTLED_MS) settled.add(element);
  if (words === plain && element.textContent && !ours.has(element)) {
    element.title = plain;
    return false;
  }
  return words !== element.textContent;
}

/** Shorter words must not move what stands below: where they would take a line away, the element keeps its size. */
function keepLines(elements, change) {
  const heights = () => elements.map((element) => element.closest("li, p, header, div")?.offsetHeight);
  const [before, sizes] = [heights(), elements.map((element) => [element.offsetWidth, element.offsetHeight])];
  change();
  for (const [at, height] of heights().entries()) {
    if (height >= before[at]) continue;
    const [minWidth, minHeight] = sizes[at].map((size) => `${size}px`);
    Object.assign(elements[at].style, { display: "inline-block", minWidth, minHeight });
  }
}

/** On a page of another width, for instance once somebody zooms, no size is kept. */
function letGo() {
  if (innerWidth === pageWidth) return;
  pageWidth = innerWidth;
  for (const element of document.querySelectorAll("time[style]")) element.removeAttribute("style");
}

refresh();
addEventListener("resize", letGo);
setInterval(() => refresh(), 30_000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
