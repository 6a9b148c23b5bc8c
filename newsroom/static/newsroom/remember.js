/* What a reader has chosen on this device. Without storage a choice lasts for the page. */

export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Storage is forbidden or full.
  }
}

/** The choice that was remembered, or null. */
export function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
