/*
 * Draws a ticker item into the partial that the server keeps in <template data-item>: articles/item.html.
 */
import { addressOf } from "../newsroom/addresses.js";
import { setHTML } from "../newsroom/api.js";
import { setTime } from "../newsroom/time.js";

export class ItemDrawing {
  constructor(template, prefix = "item") {
    Object.assign(this, { template, prefix });
  }

  /** A new element for an item as the API gives it. */
  draw(item) {
    const element = this.template.content.querySelector("li").cloneNode(true);
    this.redraw(element, item);
    return element;
  }

  /** Brings an element up to date; whether it is open stays. */
  redraw(element, item) {
    const field = (name) => element.querySelector(`[data-field="${name}"]`);
    const isRetracted = item.state === "retracted";
    const hasBody = Boolean(item.html || item.article || item.correction);
    element.id = `${this.prefix}-${item.id}`;
    element.classList.toggle("is-breaking", item.level === "breaking");
    element.classList.toggle("is-key", Boolean(item.key_event));
    element.classList.toggle("is-retracted", isRetracted);
    element.toggleAttribute("data-pinned", item.pinned);
    setTime(element.querySelector("[data-time]"), item.published_at);
    field("place").href = addressOf("item", { slug: item.ticker, number: item.number });
    field("breaking").hidden = isRetracted || item.level !== "breaking";
    field("pinned").hidden = !item.pinned;
    field("key").hidden = isRetracted || !item.key_event;
    field("corrected").hidden = isRetracted || !item.corrected_at;
    field("retracted").hidden = !isRetracted;
    field("retracted").querySelector("span").textContent = item.retraction;
    for (const name of ["bare", "headline"]) field(name).textContent = item.headline;
    field("bare").hidden = hasBody || isRetracted;
    field("box").hidden = !hasBody;
    setHTML(field("html"), item.html);
    field("correction").hidden = !item.correction;
    field("correction").querySelector("span").textContent = item.correction;
    field("article").hidden = !item.article;
    if (item.article) field("article").querySelector("a").href = addressOf("article", { slug: item.article });
  }
}
