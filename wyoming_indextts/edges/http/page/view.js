/** Shows what becomes of the utterance: the line of status, the badge, the sentence that is heard. */

import { find } from "./elements.js";

export class View {
  #words;
  #line;
  #said = null; // an utterance, or a key of the words and its values
  #heard = null; // the last utterance that was heard
  #lack = undefined; // what the machine cannot do, by language

  constructor(words, line) {
    this.#words = words;
    this.#line = line;
    words.listen(() => this.#render());
  }

  /** Show the utterance as it is now. */
  show(utterance) {
    this.#said = { utterance };
    if (utterance.heard !== null) this.#heard = utterance;
    this.#render();
  }

  /** Show the words for `key`. */
  tell(key, values) {
    this.#said = { key, values };
    this.#render();
  }

  /** Show an error by its code, or in the server's words where the page has none. */
  fail({ code, message }) {
    this.#said = { key: "state.failed", code, message };
    this.#render();
  }

  /** Show the way that speech would take now. */
  refresh() {
    this.#render();
  }

  /** Show what the machine cannot do, in the page's language; undefined where it can. */
  limit(lack) {
    this.#lack = lack;
    this.#render();
  }

  sentence(text) {
    if (find("sentence").textContent !== text) find("sentence").textContent = text;
  }

  #render() {
    const { say } = this;
    const { utterance, key, values, code, message } = this.#said ?? { key: "state.ready" };
    find("status").dataset.state = utterance?.state ?? "";
    if (utterance) {
      find("status").textContent = say(`state.${named(utterance)}`, {
        position: utterance.position,
        seconds: utterance.seconds.toFixed(1),
        reason: this.#words.reason(utterance),
      });
    } else {
      find("status").textContent = say(key, { ...values, reason: this.#words.reason({ code, message }) });
    }
    find("lack").hidden = !this.#lack;
    find("lack").textContent = this.#lack?.[this.#words.language] ?? "";
    find("badge").textContent = this.#heard
      ? say("heard", {
          transport: say(`transport.${this.#heard.transport}`),
          milliseconds: Math.round(this.#heard.heard),
        })
      : say(`transport.${this.#line.best.name}`);
  }

  say = (key, values) => this.#words.say(key, values);
}

function named({ state, position }) {
  return state === "queued" && !position ? "next" : state;
}
