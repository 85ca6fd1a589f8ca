/**
 * The way that speech takes. A transport is an object with
 *
 *   name       of the way, a key of the words: transport.NAME
 *   live       whether `style` is heard in mid-utterance
 *   ready      whether `speak` may be called
 *   rate       samples a second that are to be expected; 0 where that is not known yet
 *   open()     be ready, or reject
 *   speak({id, text, style}), style(style), cancel()
 *
 * that tells of events, each with the utterance's id:
 *
 *   queued{position}  start{rate}  audio{samples: ArrayBuffer of 16-bit}  sentence{text, at}
 *   and at last one of  end{seconds}  cancelled  error{code, text}
 */

/** Seconds from one try to have a better way to the next. */
const AGAIN = 10;

export class Line {
  #transports;
  #used;
  #wanted = "auto";
  #tried = -Infinity;

  /** `transports` come best first; the last one must always be ready. */
  constructor(transports) {
    this.#transports = transports;
    this.#used = transports.at(-1);
  }

  /** The transport of the last utterance. */
  get used() {
    return this.#used;
  }

  /** The best that is ready. */
  get best() {
    return this.#candidates.find((transport) => transport.ready) ?? this.#transports.at(-1);
  }

  /** Use the transport of that name, or "auto". */
  want(name) {
    this.#wanted = name;
    this.#tried = -Infinity;
    return this.connect();
  }

  /** Try to have the best way; true if it is there. */
  async connect() {
    const [first] = this.#candidates;
    if (first.ready) return true;
    this.#tried = performance.now();
    try {
      await first.open();
      return true;
    } catch {
      return false;
    }
  }

  /** Speak over the best way there is; a way that was lost is tried again before, now and then. */
  async speak(utterance) {
    const waited = (performance.now() - this.#tried) / 1000;
    if (!this.#candidates[0].ready && waited > AGAIN) await this.connect();
    if (utterance.over) return;
    const best = this.best;
    if (best !== this.#used) this.#used.cancel();
    this.#used = best;
    utterance.transport = best.name;
    best.speak(utterance);
  }

  style(style) {
    this.#used.style(style);
  }

  cancel() {
    this.#used.cancel();
  }

  get #candidates() {
    const named = this.#transports.filter(({ name }) => name === this.#wanted);
    return named.length ? named : this.#transports;
  }
}
