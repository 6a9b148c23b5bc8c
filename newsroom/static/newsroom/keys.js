/*
 * Keys that belong to an input method (Japanese, Chinese, Korean) and not to us: Enter confirms a word, arrows and
 * Escape work in its own list. Safari ends the composition before it tells of the Enter that confirms; then only the
 * key code 229 says so.
 */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}
