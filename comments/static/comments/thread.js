/*
 * Where a reply stands in its thread: behind what it answers, one level deeper, as far as levels go. Replies that
 * cannot stand there say what they answer. The server draws them by the same rule: newsroom/pages/thread.py, threaded.
 */
import { addressOf } from "../newsroom/addresses.js";
import { say } from "../newsroom/words.js";

/** Gives a reply its level among the rows of the thread `top`. → the row before which it stands, null: at the end. */
export function nextInThread(element, rows, top, depth) {
  const { parent } = element.dataset;
  const answered = rows.findIndex((row) => row.dataset.id === parent);
  const above = answered < 0 ? 0 : levelOf(rows[answered]);
  const isBelow = parent === top || (answered >= 0 && above < depth);
  const level = parent === top || answered < 0 ? 1 : Math.min(above + 1, depth);
  element.dataset.level = level;
  showAnswered(element, isBelow ? null : rows[answered]);
  const begin = beginOf(rows, answered, level);
  return rows.find((row, at) => at >= begin && isAfter(row, element, level)) ?? null;
}

/** The first row that may stand behind it: those of its own branch begin there. */
function beginOf(rows, answered, level) {
  if (answered < 0) return 0;
  let start = answered;
  while (start >= 0 && levelOf(rows[start]) >= level) start--;
  return start + 1;
}

function isAfter(row, element, level) {
  const theirs = levelOf(row);
  return theirs < level || (theirs === level && Number(row.dataset.order) > Number(element.dataset.order));
}

/** `row`: what it answers, undefined where the page does not show that, null where that need not be said. */
function showAnswered(element, row) {
  const link = element.querySelector('.comment-box [data-field="answered"]');
  const name = row?.querySelector('[data-field="author"]').textContent;
  link.hidden = row === null;
  link.href = addressOf("comment", { pk: element.dataset.parent });
  link.textContent = row === null ? "" : name ? say("in_reply_to", { name }) : say("in_reply");
}

function levelOf(row) {
  return Number(row.dataset.level);
}
