/** The recording that a voice is made of: a file, or what the microphone heard; of the right length. */

import { find } from "./elements.js";
import { Microphone } from "./microphone.js";
import { wav } from "./wav.js";

export class Recording {
  #words;
  #limits = { formats: [], shortest: 0, longest: Infinity, bytes: Infinity };
  #microphone = new Microphone();
  #file = null; // a Blob that can be sent
  #seconds = null; // null: the browser does not know
  #said = null; // a key of the words and its values

  constructor(words) {
    this.#words = words;
    words.listen(() => this.#render());
    find("recording").addEventListener("change", ({ target }) => this.#choose(target.files[0]));
    find("record").addEventListener("click", () => this.#turn());
    find("hear").addEventListener("click", () => this.#hear());
    this.#microphone.onsound = (seconds, peak) => this.#recorded(seconds, peak);
    find("record").hidden = !Microphone.possible;
    find("no-record").hidden = Microphone.possible;
  }

  /** What a recording may be, as the server says. */
  limit(limits) {
    this.#limits = limits;
    find("recording").accept = limits.formats.map((name) => `.${name}`).join(",") + ",audio/*";
    this.#render();
  }

  /** The recording, or null and a word about what is wrong with it. */
  get file() {
    if (this.#microphone.recording) this.#end();
    if (this.#file && this.#fits()) return this.#file;
    this.#tell(...this.#fault());
    find("recording").focus();
    return null;
  }

  /** Begin anew. */
  clear() {
    if (this.#microphone.recording) this.#microphone.stop();
    this.#file = null;
    this.#seconds = null;
    find("recording").value = "";
    find("loudness").value = 0;
    this.#tell(null);
  }

  async #choose(file) {
    if (!file) return;
    if (this.#microphone.recording) this.#end();
    this.#file = file;
    this.#seconds = null;
    if (file.size <= this.#limits.bytes) {
      try {
        const context = new OfflineAudioContext(1, 1, 48_000);
        const buffer = await context.decodeAudioData(await file.arrayBuffer());
        this.#seconds = buffer.duration;
        // What the server does not read, such as a telephone's m4a, the browser may turn into a WAV.
        if (!this.#reads(file)) this.#file = wav([sixteen(buffer)], buffer.sampleRate, null);
      } catch {
        // The browser does not know it; the server may.
      }
    }
    this.#judge();
  }

  async #turn() {
    if (this.#microphone.recording) {
      this.#end();
      return;
    }
    this.clear();
    try {
      await this.#microphone.start();
      this.#render();
    } catch {
      this.#tell("recording.refused");
    }
  }

  #recorded(seconds, peak) {
    find("loudness").value = peak;
    this.#seconds = seconds;
    this.#tell("recording.going", this.#values());
    if (seconds >= this.#limits.longest - 0.1) this.#end();
  }

  #end() {
    const { pieces, rate } = this.#microphone.stop();
    find("loudness").value = 0;
    this.#file = wav(pieces, rate, null);
    this.#seconds = (this.#file.size - 44) / 2 / rate;
    this.#judge();
  }

  #judge() {
    if (this.#fits()) this.#tell("recording.ready", this.#values());
    else this.#tell(...this.#fault());
  }

  #fits() {
    const { shortest, longest, bytes } = this.#limits;
    const known = this.#seconds ?? shortest;
    return this.#file.size <= bytes && known >= shortest && known <= longest;
  }

  #fault() {
    if (!this.#file) return ["recording.missing", {}];
    if (this.#file.size > this.#limits.bytes) return ["recording.large", this.#values()];
    const short = this.#seconds < this.#limits.shortest;
    return [short ? "recording.short" : "recording.long", this.#values()];
  }

  #values() {
    const { shortest, longest, bytes } = this.#limits;
    const seconds = this.#seconds === null ? "?" : this.#seconds.toFixed(1);
    return { seconds, shortest, longest, megabytes: Math.round(bytes / 2 ** 20) };
  }

  #reads({ name }) {
    const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
    return this.#limits.formats.includes(ending);
  }

  /** Play it: by the audio graph, as files have no address that the page may use. */
  async #hear() {
    const context = new AudioContext();
    const buffer = await context.decodeAudioData(await this.#file.arrayBuffer());
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    source.onended = () => context.close();
    source.start();
  }

  #tell(key, values = {}) {
    this.#said = key && { key, values };
    this.#render();
  }

  #render() {
    const { recording } = this.#microphone;
    find("record").textContent = this.#words.say(recording ? "recording.stop" : "recording.start");
    find("record").setAttribute("aria-pressed", String(recording));
    find("hear").disabled = recording || !this.#file;
    const { key, values } = this.#said ?? { key: "recording.limits", values: this.#values() };
    find("recorded").textContent = this.#words.say(key, values);
  }
}

/** The first channel as an ArrayBuffer of 16 bits. */
function sixteen(buffer) {
  const samples = buffer.getChannelData(0);
  return Int16Array.from(samples, (x) => Math.max(-1, Math.min(1, x)) * 32767).buffer;
}
