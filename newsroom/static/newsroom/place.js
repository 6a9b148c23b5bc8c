/*
 * Coming back to a page, by the browser's way back, a reload, or a form that leads here again (language, logout): the
 * pages of its lists that were loaded come again, and the reader stands where they stood. Another language loses
 * nothing that was typed.
 */
const NAME = `place ${location.pathname}${location.search}`;
const RETURNING = "place returns"; // a form that keeps the place was sent
const FIELDS = "main :is(input:not([type=hidden], [type=password], [type=file]), textarea, select)";
const BY_THE_READER = ["wheel", "touchstart", "keydown", "pointerdown"];
const kept = recall();
const lists = new Map(); // name → { loaded, load, scroller }
let isMoved = false; // by the reader, who is not pulled back then

/**
 * A list whose further pages are loaded in place. load(what) → whether it loaded that; host: its element, which keeps
 * nothing where it stands beside another page; scroller: what scrolls, if not the page. What was loaded before comes
 * again at once. → a function to call with `what` after each further page.
 */
export function keepPlace(name, { host, load, scroller = null }) {
  if (host.hasAttribute("src")) return () => {};
  const list = { loaded: [], load, scroller };
  lists.set(name, list);
  const before = kept?.lists[name];
  if (before) restore(list, before);
  return (what) => list.loaded.push(what);
}

async function restore(list, { loaded, top }) {
  for (const what of loaded) if (!(await list.load(what))) break;
  if (list.scroller) list.scroller.scrollTop = top;
  stand();
}

/** The row that stood at the top stands there again, whatever has come above it since. */
function stand() {
  if (isMoved) return;
  const row = kept.row && document.getElementById(kept.row);
  const top = row ? row.getBoundingClientRect().top + scrollY - kept.rowTop : kept.top;
  scrollTo({ top, behavior: "instant" });
}

function keep() {
  const row = document.elementsFromPoint(innerWidth / 2, 1).map((each) => each.closest("li[id]")).find(Boolean);
  const those = [...lists].map(([name, { loaded, scroller }]) => [name, { loaded, top: scroller?.scrollTop ?? 0 }]);
  const rowTop = row?.getBoundingClientRect().top;
  store(NAME, JSON.stringify({ top: scrollY, row: row?.id, rowTop, lists: Object.fromEntries(those) }));
}

function recall() {
  try {
    const [name, typed] = JSON.parse(sessionStorage.getItem(RETURNING)) ?? [];
    const isReturning = name === NAME;
    sessionStorage.removeItem(RETURNING);
    const [{ type }] = performance.getEntriesByType("navigation");
    const isBack = type === "back_forward" || type === "reload";
    const place = isReturning || isBack ? JSON.parse(sessionStorage.getItem(NAME)) : null;
    return place && { ...place, isReturning, typed };
  } catch {
    return null; // storage is forbidden: then the browser's own way must do
  }
}

/** What the reader has changed in each field of the page, but for secrets and files. */
function typed() {
  return [...document.querySelectorAll(FIELDS)].map((field) => {
    const { name, value, checked, options } = field;
    const isSame = options
      ? field.selectedOptions[0]?.defaultSelected
      : value === field.defaultValue && checked === field.defaultChecked;
    return isSame ? 0 : { name, value, checked };
  });
}

function store(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    // Storage is full or forbidden.
  }
}

addEventListener("pagehide", keep);
document.addEventListener("submit", ({ target }) => {
  if (!target.hasAttribute("data-keeps-place")) return;
  store(RETURNING, JSON.stringify([NAME, target.className === "languages" ? typed() : []]));
});
for (const name of BY_THE_READER) {
  addEventListener(name, () => (isMoved = true), { once: true, passive: true, capture: true });
}
if (kept?.isReturning) {
  document.querySelectorAll(FIELDS).forEach((field, at) => {
    const before = kept.typed[at];
    if (before && before.name === field.name) Object.assign(field, before);
  });
  stand();
}
