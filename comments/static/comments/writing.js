/*
 * What helps those who write: marks of Markdown, and names after "@". A composer fetches it when it comes into view
 * (composer.js), so that those who only read load none of it.
 */
import { Mentions } from "./mention.js";
import "./newsroom-markup.js";

/** text: the <textarea>; discussion: its id. */
export function offerNames(text, discussion) {
  return new Mentions(text, discussion);
}
