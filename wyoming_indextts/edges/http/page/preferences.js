/** What the page keeps from one visit to the next; nothing where the browser keeps nothing. */

const PREFIX = "wyoming-indextts.";

export function kept(name, otherwise) {
  try {
    return localStorage.getItem(PREFIX + name) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // A frame without storage: the choice holds for this visit.
  }
}
