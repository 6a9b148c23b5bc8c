/*
 * The addresses of pages, which the server wrote into <script type="application/json" id="addresses">, each under the
 * name of its route: {"comment": "/comments/{pk}/"}. Scripts write none out.
 */
const addresses = JSON.parse(document.getElementById("addresses")?.textContent ?? "{}");

/** The address of the route `name`; `parts` fill its places. */
export function addressOf(name, parts = {}) {
  return addresses[name].replace(/\{(\w+)\}/g, (_place, part) => encodeURIComponent(parts[part]));
}
