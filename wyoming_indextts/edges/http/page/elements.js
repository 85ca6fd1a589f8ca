/** Finds and makes elements. */

/** The element with that id, which the page has. */
export function find(id) {
  return document.getElementById(id);
}

/** A new element with these properties and children. */
export function make(name, properties = {}, ...children) {
  const { dataset = {}, ...others } = properties;
  const element = Object.assign(document.createElement(name), others);
  Object.assign(element.dataset, dataset);
  element.append(...children);
  return element;
}
