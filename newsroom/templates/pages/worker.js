{% load static %}/*
 * The service worker: articles that were opened can be read without a network. Pages come from the network as long as
 * there is one. What is kept is as its reader has seen it, so all of it goes when somebody else reads here.
 */
const OFFLINE = "{% url 'offline' %}";
// Their addresses change with each release. So this file does, and a browser installs it anew.
const FILES = ["{% static 'newsroom/site.css' %}", "{% static 'newsroom/site.js' %}", "{% static 'newsroom/icon.svg' %}"{% if face.sheet_name %}, "{% url 'theme' face.sheet_name %}"{% endif %}];
const MOST = 20; // articles
const LONGEST_MS = 7 * 24 * 3_600_000;
const KEPT_AT = "X-Kept-At";
const readsOffline = new Set(); // ids of windows whose page is a kept one
let latest = { id: "", answer: null }; // the page that was opened last: it may be one to keep

addEventListener("install", (event) => event.waitUntil(keepOffline().then(() => skipWaiting())));
addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([clients.claim(), registration.navigationPreload?.enable()]));
});
addEventListener("message", (event) => event.waitUntil(keep(event.data, event.source?.id)));
addEventListener("fetch", (event) => {
  const { request, clientId } = event;
  if (request.mode === "navigate") {
    // After a form another person may be logged in, or another language chosen.
    if (request.method === "GET") event.respondWith(open(event));
    else event.waitUntil(forget(() => true));
  } else if (request.method === "GET" && readsOffline.has(clientId)) {
    event.respondWith(found(request).then((file) => file ?? fetch(request)));
  }
});

addEventListener("push", (event) => {
  const { id, title, body, url } = event.data.json();
  const icon = "{% static 'newsroom/icon-192.png' %}";
  event.waitUntil(registration.showNotification(title, { body, icon, tag: String(id), data: url }));
});
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(new URL(event.notification.data || "{% url 'notifications' %}", location.origin)));
});

/** The page where it stands in a window that is there, or in a new one. */
async function show(address) {
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find(({ url }) => new URL(url).pathname === address.pathname);
  await (there ? there.focus() : clients.openWindow(address.href));
}

async function open(event) {
  try {
    const answer = (await event.preloadResponse) ?? (await fetch(event.request));
    latest = { id: event.resultingClientId, answer: answer.clone() };
    return answer;
  } catch {
    readsOffline.add(event.resultingClientId);
    return (await fresh(event.request)) ?? (await found(OFFLINE)) ?? Response.error();
  }
}

/** The kept page, unless it is too old. */
async function fresh(request) {
  const page = await found(request);
  return page && Date.now() - Number(page.headers.get(KEPT_AT)) < LONGEST_MS ? page : undefined;
}

function found(request) {
  return caches.match(request, { ignoreSearch: true, ignoreVary: true });
}

/** A page has loaded: `person` reads it, "" for a visitor; if it has an address, it is kept with its files. */
async function keep({ person, page, files }, window) {
  const prefix = `page ${person} `;
  await forget((name) => name.startsWith("page ") && !name.startsWith(prefix));
  if (!(await caches.has("offline"))) await keepOffline();
  if (!page) return;
  const answer = latest.id === window && latest.answer ? latest.answer : await fetch(page);
  latest = { id: "", answer: null };
  if (!answer.ok || answer.bodyUsed) return;
  const kept = await marked(answer);
  await caches.delete(prefix + page);
  const cache = await caches.open(prefix + page);
  await cache.put(page, kept);
  await Promise.allSettled(files.map((file) => cache.add(file)));
  const names = (await caches.keys()).filter((name) => name.startsWith("page "));
  await Promise.all(names.slice(0, -MOST).map((name) => caches.delete(name)));
}

/** The page, which says to its script when it was kept. */
async function marked(answer) {
  const headers = new Headers(answer.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  headers.set(KEPT_AT, Date.now());
  const html = (await answer.text()).replace("<html ", `<html data-kept="${new Date().toISOString()}" `);
  return new Response(html, { headers });
}

async function keepOffline() {
  await caches.delete("offline");
  await (await caches.open("offline")).addAll([OFFLINE, ...FILES]);
}

async function forget(isMeant) {
  await Promise.all((await caches.keys()).filter(isMeant).map((name) => caches.delete(name)));
}
