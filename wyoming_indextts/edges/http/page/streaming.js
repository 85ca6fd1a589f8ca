/** Speech as the body of a plain HTTP answer: goes through every proxy. */

import { address } from "./addresses.js";
import { refusal } from "./house.js";

/** Characters of a text that may stand in an address. */
const IN_ADDRESS = 1500;

export class StreamingTransport {
  name = "http";
  live = false;
  rate = 0;
  stream = null;
  possible = true;
  ready = true;
  #tell;
  #abort = null;
  #id = null;

  constructor(tell) {
    this.#tell = tell;
  }

  async open() {}

  close() {}

  speak(utterance) {
    this.cancel();
    this.#abort = new AbortController();
    this.#id = utterance.id;
    this.#run(utterance, this.#abort.signal);
  }

  style() {}

  cancel() {
    if (this.#id === null) return;
    this.#abort.abort();
    this.#ended({ type: "cancelled", id: this.#id });
  }

  async #run({ id, text, style }, signal) {
    try {
      const answer = await this.#asked(text, style, signal);
      if (!answer.ok) throw await refusal(answer);
      this.rate = rateOf(answer.headers.get("Content-Type") ?? "");
      this.#tell({ type: "start", id, rate: this.rate });
      const bytes = await this.#read(id, answer.body.getReader(), signal);
      if (!signal.aborted) this.#ended({ type: "end", id, seconds: bytes / 2 / this.rate });
    } catch (error) {
      if (signal.aborted) return;
      this.#ended({ type: "error", id, code: error.code ?? "network", text: error.message });
    }
  }

  async #asked(text, style, signal) {
    if (text.length <= IN_ADDRESS) return fetch(address("stream", { text, ...style }), { signal });
    const parked = await fetch(address("tts"), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text, ...style }),
      signal,
    });
    if (!parked.ok) throw await refusal(parked);
    const { session_id: session } = await parked.json();
    return fetch(address(`tts/${session}/audio`), { signal });
  }

  /** Tell of the samples as they come; a piece may end in the middle of one. */
  async #read(id, reader, signal) {
    let bytes = 0;
    let half = new Uint8Array(0);
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return bytes;
      bytes += value.length;
      const joined = new Uint8Array(half.length + value.length);
      joined.set(half);
      joined.set(value, half.length);
      const whole = joined.length - (joined.length % 2);
      half = joined.slice(whole);
      if (whole) this.#tell({ type: "audio", id, samples: joined.buffer.slice(0, whole) });
    }
  }

  #ended(event) {
    if (this.#id !== event.id) return;
    this.#id = null;
    this.#tell(event);
  }
}

function rateOf(type) {
  const rate = Number(/rate=(\d+)/.exec(type)?.[1]);
  if (!rate) throw new Error(`no samples: ${type}`);
  return rate;
}
