/**
 * The page's words in the language that is chosen. In the document, data-word names what an element
 * says; data-word-label and data-word-placeholder name what its attributes say.
 */

import { keep, kept } from "./preferences.js";

export const LANGUAGES = ["en", "zh"];

const ATTRIBUTES = { label: "aria-label", placeholder: "placeholder" };

export class Words {
  #words = {};
  #language = "en";
  #listeners = [];

  get language() {
    return this.#language;
  }

  /** The language of the last visit, or the browser's. */
  static preferred() {
    const wanted = [kept("language", ""), ...navigator.languages];
    return wanted.map((tag) => tag.slice(0, 2)).find((tag) => LANGUAGES.includes(tag)) ?? "en";
  }

  /** Speak `language` from now on. */
  async use(language) {
    const answer = await fetch(new URL(`words/${language}.json`, import.meta.url));
    this.#words = await answer.json();
    this.#language = language;
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    this.fill(document);
    for (const listener of this.#listeners) listener();
  }

  /** Use `language`, and at the next visit as well. */
  choose(language) {
    keep("language", language);
    return this.use(language);
  }

  /** Call `listener` after every change of the language. */
  listen(listener) {
    this.#listeners.push(listener);
  }

  /** What an error says: by its code, or in the server's words where the page has none. */
  reason({ code, message }) {
    return this.has(`error.${code}`) ? this.say(`error.${code}`) : `${message} (${code})`;
  }

  has(key) {
    return key in this.#words;
  }

  /** The words for `key`, with {name} replaced by `values`' name. */
  say(key, values = {}) {
    const words = this.#words[key] ?? key;
    return words.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  }

  /** Write the words into the elements below `root` that name some. */
  fill(root) {
    for (const element of root.querySelectorAll("[data-word]")) {
      element.textContent = this.say(element.dataset.word);
    }
    for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
      for (const element of root.querySelectorAll(`[data-word-${name}]`)) {
        element.setAttribute(attribute, this.say(element.getAttribute(`data-word-${name}`)));
      }
    }
  }
}
