/*
 * The HTTP API for the site's own elements: JSON in and out, the csrf cookie, problem documents as errors.
 */
const CODES = { 413: "too_large" }; // where a proxy has answered

export class Problem extends Error {
  /**
   * status: HTTP status, 0 if nothing came back; code: machine-readable; errors: {field: [sentence]}; document: all of
   * it.
   */
  constructor(status, document) {
    super(document.detail ?? "");
    this.status = status;
    this.code = document.code ?? CODES[status] ?? "unknown";
    this.errors = document.errors ?? {};
    this.document = document;
    this.retryAfter = document.retry_after ?? null; // seconds
  }
}

/**
 * Answers {status, data}. Throws Problem: code "unreachable" if no answer came, else the server's own. `keepalive`:
 * sent even if the page is left now.
 */
export async function api(method, path, body, headers = {}, keepalive = false) {
  const safe = method === "GET";
  let response;
  try {
    response = await fetch(`/api/v1/${path}`, {
      method,
      credentials: "same-origin",
      keepalive,
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(safe ? {} : { "X-CSRFToken": csrfToken() }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, { code: "unreachable" });
  }
  const data = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Problem(response.status, data ?? {});
  return { status: response.status, data };
}

/**
 * The same page of the site once more, or another one: resolves to the element there that matches `selector`.
 * Throws Problem as `api` does; "not_found" also where the page has no such element.
 */
export async function elementOf(url, selector) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", headers: { Accept: "text/html" } });
  } catch {
    throw new Problem(0, { code: "unreachable" });
  }
  const page = response.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  const found = page?.querySelector(selector);
  if (!found) throw new Problem(response.status, { code: "not_found" });
  return found;
}

/** Puts HTML that the server has sanitised (a comment's or an item's `html`) into an element. */
export function setHTML(element, html) {
  element.replaceChildren(...new DOMParser().parseFromString(html ?? "", "text/html").body.childNodes);
}

function csrfToken() {
  return document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "";
}
