/** The last utterances: to hear again, to keep as a file, or to take the text from. */

import { find, make } from "./elements.js";
import { wav } from "./wav.js";

/** The most that are kept, and the most bytes of their samples together. */
const MOST = 20;
const BYTES = 64 * 1024 * 1024;

export class History {
  /** Called with the utterance. */
  onreplay = () => {};
  onreuse = () => {};
  #words;
  #called;
  #kept = [];

  /** `called` tells what the emotion of a style is called. */
  constructor(words, called) {
    this.#words = words;
    this.#called = called;
    words.listen(() => this.#render());
  }

  /** Keep an utterance of which something was heard; the newest comes first. */
  add(utterance) {
    if (utterance.heard === null) return;
    this.#kept.unshift(utterance);
    let bytes = 0;
    this.#kept = this.#kept.filter(({ seconds, rate }, place) => {
      bytes += 2 * seconds * rate;
      return place === 0 || (place < MOST && bytes <= BYTES);
    });
    this.#render();
  }

  #render() {
    find("no-history").hidden = this.#kept.length > 0;
    find("history").replaceChildren(...this.#kept.map((utterance) => this.#item(utterance)));
  }

  #item(utterance) {
    const { text, style, seconds, heard, transport } = utterance;
    const facts = [
      style.voice,
      this.#called(style),
      this.#words.say("seconds", { seconds: seconds.toFixed(1) }),
      this.#words.say("heard", {
        transport: this.#words.say(`transport.${transport}`),
        milliseconds: Math.round(heard),
      }),
    ];
    return make(
      "li",
      {},
      make("p", { className: "said", textContent: text, dir: "auto" }),
      make("p", { className: "facts", textContent: facts.filter(Boolean).join(" · ") }),
      make(
        "div",
        { className: "buttons" },
        this.#button("replay", text, () => this.onreplay(utterance)),
        this.#button("download", text, () => download(utterance)),
        this.#button("reuse", text, () => this.onreuse(utterance)),
      ),
    );
  }

  #button(name, text, act) {
    const words = this.#words.say(`history.${name}`);
    const button = make("button", { type: "button", className: name, textContent: words });
    button.setAttribute("aria-label", `${words}: ${text.slice(0, 60)}`);
    button.addEventListener("click", act);
    return button;
  }
}

async function download(utterance) {
  await utterance.fetch();
  const { pieces, rate, id } = utterance;
  const link = make("a", { href: URL.createObjectURL(wav(pieces, rate)), download: `speech-${id}.wav` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
