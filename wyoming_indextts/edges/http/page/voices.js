/** The voices that there are: each to be heard, chosen, and, if it was added, removed. */

import { address } from "./addresses.js";
import { find, make } from "./elements.js";
import { refusal } from "./house.js";

export class VoiceList {
  /** Called with a voice's name. */
  onpreview = () => {};
  onuse = () => {};
  onremoved = () => {};
  #words;
  #voices = [];
  #mayRemove = false;
  #said = null;

  constructor(words) {
    this.#words = words;
    words.listen(() => this.#render());
    find("keep").addEventListener("click", () => find("removing").close());
    find("remove").addEventListener("click", () => this.#remove());
  }

  /** Show these; `scopes` are what this browser may do. */
  show(voices, scopes) {
    this.#voices = voices;
    this.#mayRemove = scopes.includes("voices");
    this.#render();
  }

  #render() {
    find("voices").replaceChildren(...this.#voices.map((voice) => this.#item(voice)));
    find("voices-said").textContent = this.#said ? this.#words.say(...this.#said) : "";
  }

  #item(voice) {
    const { name, description, enrolled } = voice;
    const buttons = [
      this.#button("preview", name, () => this.onpreview(name)),
      this.#button("voices.use", name, () => this.onuse(name)),
    ];
    if (enrolled && this.#mayRemove) {
      buttons.push(this.#button("voices.remove", name, () => this.#ask(name)));
    }
    return make(
      "li",
      { dataset: { voice: name } },
      make("p", { className: "said" }, make("strong", { textContent: name }), ` ${description}`),
      make("p", { className: "facts", textContent: this.#facts(voice).join(" · ") }),
      make("div", { className: "buttons" }, ...buttons),
    );
  }

  #facts({ sex, languages, enrolled, consent, default: first }) {
    const kind = this.#words.say(enrolled ? "voices.enrolled" : "voices.embedded");
    const facts = [kind, this.#words.say(`sex.${sex}`), languages.join(", ")];
    if (first) facts.push(this.#words.say("voices.default"));
    if (consent) {
      const { by } = consent;
      const given = new Date(consent.given).toLocaleDateString(document.documentElement.lang);
      facts.push(this.#words.say("voices.consent", { by, given }));
    }
    return facts;
  }

  #button(key, name, act) {
    const words = this.#words.say(key);
    const button = make("button", {
      type: "button",
      className: key.split(".").at(-1),
      textContent: words,
    });
    button.setAttribute("aria-label", `${words}: ${name}`);
    button.addEventListener("click", act);
    return button;
  }

  #ask(name) {
    find("removing").dataset.voice = name;
    find("removing-what").textContent = this.#words.say("voices.sure", { name });
    find("removing").showModal();
    find("keep").focus();
  }

  async #remove() {
    const name = find("removing").dataset.voice;
    find("removing").close();
    try {
      const answer = await fetch(address(`voices/${encodeURIComponent(name)}`), { method: "DELETE" });
      if (!answer.ok) throw await refusal(answer);
      await this.onremoved(name); // so that it is gone when it is said
      this.#said = ["voices.removed", { name }];
    } catch (error) {
      this.#said = ["voices.failed", { reason: this.#words.reason(error) }];
    }
    this.#render();
    find("voices-said").focus(); // the button that had the focus may be gone
  }
}
