/** The form by which a voice is added: a recording, whose it is, and that they agree. */

import { address } from "./addresses.js";
import { find } from "./elements.js";
import { asked, refusal } from "./house.js";
import { Recording } from "./recording.js";

export class Enrolling {
  /** Called with the voice that was added, and waited for before that is said. */
  onadded = () => {};
  #words;
  #recording;
  #said = null;

  constructor(words) {
    this.#words = words;
    this.#recording = new Recording(words);
    find("enrol").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    words.listen(() => this.#render());
  }

  /** Offer it to whoever may enrol, if voices are enrolled here. */
  async offer(scopes) {
    const terms = await asked("enrolment");
    find("enrolling").hidden = !scopes.includes("voices");
    find("enrol").hidden = !terms.possible;
    if (terms.possible) this.#recording.limit(terms);
    else this.#tell("enrol.impossible", { reason: terms.reason });
  }

  async #send() {
    const form = new FormData();
    const recording = this.#recording.file;
    if (!recording) return;
    form.append("file", recording, "recording");
    for (const id of ["display_name", "consent_by", "sex"]) form.append(id, find(id).value.trim());
    for (const language of find("enrol").querySelectorAll("[name=language]:checked")) {
      form.append("language", language.value);
    }
    form.append("consent", String(find("consent").checked));
    // On record is what the person has read, in their language.
    form.append("statement", this.#words.say("enrol.statement"));
    form.append("purpose", this.#words.say("enrol.purpose"));
    find("add").disabled = true;
    this.#tell("enrol.sending");
    try {
      const answer = await fetch(address("voices"), { method: "POST", body: form });
      if (!answer.ok) throw await refusal(answer);
      const voice = await answer.json();
      find("enrol").reset();
      this.#recording.clear();
      await this.onadded(voice); // so that whoever reads that it was added finds it
      this.#tell("enrol.added", { name: voice.description });
    } catch (error) {
      this.#tell("enrol.failed", { reason: this.#words.reason(error) });
    } finally {
      find("add").disabled = false;
    }
  }

  #tell(key, values = {}) {
    this.#said = { key, values };
    this.#render();
  }

  #render() {
    if (this.#said) find("enrolled").textContent = this.#words.say(this.#said.key, this.#said.values);
  }
}
