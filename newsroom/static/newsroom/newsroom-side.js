/*
 * <newsroom-side>: newsticker and chats beside every page, a column on wide screens and a sheet on phones. What it
 * shows are the elements of their pages: they are fetched once the page has loaded, and live here as they do there.
 * Items, chats and discussions open inside; the browser's history knows what is open, so that its way back and a reload
 * keep it.
 */
import { elementOf } from "./api.js";
import { isComposing } from "./keys.js";
import { live } from "./live.js";
import { remember, remembered } from "./remember.js";
import { Sheet } from "./sheet.js";
import { refresh } from "./time.js";

const TABS = { ticker: "newsroom-ticker", chats: "newsroom-chats" };
const OPENS = {
  'newsroom-ticker:not([only]) [data-field="place"]': "newsroom-ticker",
  'newsroom-chats [data-field="link"]': "newsroom-chat, newsroom-discussion",
};
const REFERENCES = ["for", "aria-labelledby", "aria-describedby", "aria-controls"];

const INSTEAD = { h1: "h2", header: "div" }; // outside of its page's <main>

class NewsroomSide extends HTMLElement {
  #views = new Map(); // "ticker", "chats" or "opened" → the part of the body that shows it
  #tops = new WeakMap(); // such a part → how far it was scrolled
  #tab = "";
  #isReady = false;
  #opener = null;
  #again = null; // what has failed

  connectedCallback() {
    if (this.sheet) return;
    this.body = this.querySelector("[data-body]");
    this.tabs = [...this.querySelectorAll("[data-tab]")];
    const names = this.tabs.map((tab) => tab.dataset.tab);
    this.#tab = names.find((name) => name === remembered("side.tab")) ?? names[0];
    for (const name of [...names, "opened"]) this.#views.set(name, this.#viewFor(name));
    this.sheet = new Sheet(this, () => this.#begin());
    this.#nameTabs();
    this.addEventListener("click", (event) => this.#onClick(event));
    document.addEventListener("keydown", (event) => this.#onKey(event));
    this.addEventListener("unseen", ({ target, detail }) => this.#count(target, detail));
    addEventListener("popstate", ({ state }) => this.#isReady && this.#show(state?.side));
    live.addEventListener("state", () => this.#advise());
    if (document.readyState === "complete") this.#begin();
    else addEventListener("load", () => setTimeout(() => this.#begin()), { once: true });
  }

  /** A column is there at once; on phones the ticker is loaded, too, since its unseen items are counted. */
  #begin() {
    if (this.#isReady || !this.sheet.isPossible) return;
    this.#isReady = true;
    const opened = history.state?.side;
    if (opened && !this.sheet.isColumn) this.sheet.open();
    this.#show(opened);
    if (this.#views.has("ticker")) this.#fill("ticker");
  }

  #viewFor(name) {
    const view = document.createElement("div");
    view.className = "side-view";
    view.dataset.view = name;
    view.hidden = true;
    this.body.append(view);
    return view;
  }

  #nameTabs() {
    if (this.tabs.length < 2) return;
    this.querySelector("[data-tabs]").setAttribute("role", "tablist");
    for (const tab of this.tabs) {
      const view = this.#views.get(tab.dataset.tab);
      view.id = `side-${tab.dataset.tab}`;
      view.setAttribute("role", "tabpanel");
      view.setAttribute("aria-labelledby", tab.id);
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", view.id);
    }
  }

  #onClick(event) {
    const isPlain = !(event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button);
    const target = isPlain && event.target.closest("a, button, summary");
    if (!target) return;
    const does = this.#deedOf(target);
    if (!does) return;
    event.preventDefault();
    does();
  }

  #deedOf(target) {
    const { tab, sort } = target.dataset;
    if (tab) return () => this.#turnTo(tab);
    if (sort) return () => this.#sort(sort);
    if (target.hasAttribute("data-return")) return () => history.back();
    if (target.hasAttribute("data-again")) return () => this.#again();
    const link = target.matches("newsroom-ticker:not([only]) summary")
      ? target.closest("li").querySelector('[data-field="place"]')
      : target;
    const element = Object.keys(OPENS).find((selector) => link.matches(selector));
    if (!element || link.pathname === location.pathname) return null; // what the page has is in its middle
    const title = link.hash ? link.textContent : ""; // a thread is without one
    return () => this.#open(target, { selector: OPENS[element], address: link.getAttribute("href"), title });
  }

  #onKey(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const at = this.tabs.indexOf(event.target);
    if (at >= 0 && step) {
      const tab = this.tabs[(at + step + this.tabs.length) % this.tabs.length];
      this.#turnTo(tab.dataset.tab);
      tab.focus();
    } else if (event.key === "Escape" && !event.defaultPrevented && !isComposing(event)) {
      this.sheet.close();
    }
  }

  #turnTo(name) {
    this.#tab = name;
    remember("side.tab", name);
    if (history.state?.side) history.pushState(null, "");
    this.#show(null);
  }

  #sort(sort) {
    remember("sort.ticker", sort);
    this.#views.get("ticker").replaceChildren();
    this.#show(null);
  }

  #open(opener, side) {
    this.#opener = opener;
    history.pushState({ side }, "");
    this.#show(history.state.side);
    this.querySelector("[data-return]").focus();
  }

  /** opened: {selector, address, title} of what is open inside, or nothing: then the chosen tab. */
  async #show(opened) {
    const name = opened ? "opened" : this.#tab;
    for (const view of this.#views.values()) if (!view.hidden) this.#tops.set(view, this.body.scrollTop);
    for (const [each, view] of this.#views) view.hidden = each !== name;
    for (const tab of this.tabs) {
      const isChosen = tab.dataset.tab === this.#tab;
      tab.setAttribute(this.tabs.length < 2 ? "aria-current" : "aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
    }
    this.querySelector("[data-opened]").hidden = !opened;
    if (!opened) this.#views.get("opened").replaceChildren();
    this.body.scrollTop = this.#tops.get(this.#views.get(name)) ?? 0;
    if (opened) {
      this.querySelector("[data-address]").href = opened.address;
      this.querySelector("[data-title]").textContent = opened.title;
      this.#views.get(name).replaceChildren();
    } else if (this.#opener) {
      this.#opener.focus({ preventScroll: true });
      this.#opener = null;
    }
    await this.#fill(name, opened);
  }

  async #fill(name, opened = null) {
    const view = this.#views.get(name);
    if (view.firstChild || view.hasAttribute("aria-busy")) return;
    const address = opened?.address ?? this.#addressOf(name);
    const [wait, failed] = ["[data-wait]", "[data-failed]"].map((selector) => this.querySelector(selector));
    view.setAttribute("aria-busy", "true");
    [wait.hidden, failed.hidden] = [view.hidden, true];
    try {
      const element = settled(await elementOf(address, opened?.selector ?? TABS[name]), address);
      if (opened && history.state?.side?.address !== address) return; // gone on meanwhile
      view.replaceChildren(element);
      refresh([view]);
    } catch {
      failed.hidden = view.hidden;
      this.#again = () => this.#fill(name, opened);
    } finally {
      view.removeAttribute("aria-busy");
      wait.hidden = true;
    }
  }

  #addressOf(name) {
    const { href } = this.tabs.find((tab) => tab.dataset.tab === name);
    const sort = name === "ticker" && remembered("sort.ticker");
    return sort ? `${href}?sort=${encodeURIComponent(sort)}` : href;
  }

  #count(ticker, n) {
    if (ticker.hasAttribute("only")) return;
    for (const each of this.querySelectorAll("[data-unseen]")) {
      each.textContent = String(n);
      each.hidden = n === 0;
    }
  }

  #advise() {
    for (const each of this.querySelectorAll("[data-advice]")) each.hidden = each.dataset.advice !== live.state;
  }
}

/** An element of another page, made to stand in this one: names that its parts call each other by are its own here. */
export function settled(element, address) {
  element.setAttribute("src", address);
  element.classList.add("is-panel");
  element.querySelector("newsroom-held")?.remove(); // what waits for moderators is worked on where it has its page
  for (const each of element.querySelectorAll("[id]:not(li)")) each.id = `side-${each.id}`;
  for (const name of REFERENCES) {
    for (const each of element.querySelectorAll(`[${name}]`)) {
      each.setAttribute(name, each.getAttribute(name).replace(/[^\s]+/g, "side-$&"));
    }
  }
  const page = new URL(address, location.href);
  for (const link of element.querySelectorAll('a[href^="?"]')) link.href = new URL(link.getAttribute("href"), page);
  for (const [its, ours] of Object.entries(INSTEAD)) {
    for (const each of element.querySelectorAll(its)) each.replaceWith(renamed(each, ours));
  }
  return document.adoptNode(element);
}

function renamed(element, name) {
  const other = element.ownerDocument.createElement(name);
  for (const { name: each, value } of element.attributes) other.setAttribute(each, value);
  other.append(...element.childNodes);
  return other;
}

customElements.define("newsroom-side", NewsroomSide);
