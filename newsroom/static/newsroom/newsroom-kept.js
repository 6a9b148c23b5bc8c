/*
 * Reading without a network: begins the service worker (newsroom/templates/pages/worker.js), tells it of an article
 * that was opened, says of a kept page from when it is, and lists all of them: <newsroom-kept>.
 */
import { addressOf } from "./addresses.js";
import { setTime } from "./time.js";
import { say } from "./words.js";

const worker = globalThis.navigator.serviceWorker; // only over HTTPS, and on this machine
const since = document.documentElement.dataset.kept;

if (since) {
  const box = document.createElement("div");
  box.className = "notice notice-warning";
  box.setAttribute("role", "status");
  const line = document.createElement("p");
  const [before, after] = say("kept_page").split("{time}");
  const time = document.createElement("span");
  time.dataset.time = "absolute";
  const again = document.createElement("button");
  again.type = "button";
  again.className = "button-link";
  again.textContent = say("again");
  again.addEventListener("click", () => location.reload());
  line.append(before, time, after, " ", again);
  box.append(line);
  document.querySelector("main").prepend(box);
  setTime(time, since);
} else if (worker && !document.body.classList.contains("is-offline")) {
  addEventListener("load", async () => {
    try {
      await worker.register(addressOf("worker"));
      (await worker.ready).active.postMessage({
        person: document.querySelector("newsroom-bell")?.getAttribute("stream") ?? "",
        page: isKept() ? location.pathname : "",
        files: loaded(),
      });
    } catch {
      // Private windows may refuse it: then nothing is kept.
    }
  });
}

/** Moderators see what others don't: that stays on the server. */
function isKept() {
  return document.body.classList.contains("is-kept") && !document.querySelector("newsroom-queue-count");
}

/** The addresses of the sheets, scripts and pictures of this page. */
function loaded() {
  const files = performance.getEntriesByType("resource").filter((each) => each.name.startsWith(location.origin));
  return files.filter((each) => !["fetch", "xmlhttprequest"].includes(each.initiatorType)).map((each) => each.name);
}

class NewsroomKept extends HTMLElement {
  async connectedCallback() {
    const names = (await globalThis.caches?.keys()) ?? [];
    for (const name of names.filter((each) => each.startsWith("page ")).reverse()) {
      const cache = await caches.open(name);
      const [request] = await cache.keys();
      if (request) this.#add(request.url, await (await cache.match(request)).text());
    }
    this.hidden = this.querySelector("li") === null;
  }

  #add(address, html) {
    const link = document.createElement("a");
    link.href = address;
    link.dir = "auto";
    link.textContent = new DOMParser().parseFromString(html, "text/html").querySelector("main h1")?.textContent.trim();
    const row = document.createElement("li");
    row.append(link);
    this.querySelector("ul").append(row);
  }
}

customElements.define("newsroom-kept", NewsroomKept);
