/**
 * The way that speech takes. A transport is an object with
 *
 *   name       of the way, a key of the words: transport.NAME
 *   live       whether `style` is heard in mid-utterance
 *   possible   whether it may ever be ready
 *   ready      whether `speak` may be called
 *   rate       samples a second that are to be expected; 0 where that is not known yet
 *   stream     what is to be played where no samples are told of, else null
 *   open()     be ready, or reject
 *   close()    hold nothing
 *   speak({id, text, style}), style(style), cancel()
 *
 * that tells of events, each with the utterance's id:
 *
 *   queued{position}  start{rate, stream}  audio{samples: ArrayBuffer of 16-bit}  sentence{text, at}
 *   unanswered        it was lost with its way; nobody has it
 *   and at last one of  end{seconds}  cancelled  error{code, text}
 */

/** Seconds that a way is waited for before the next one is tried beside it. */
const PATIENCE = 1.5;

/** Seconds to the next try to have a better way; doubled by each that fails. */
const AGAIN = 1;
const RARELY = 120;

export class Line {
  /** Called when another way may have become the best. */
  onchange = () => {};
  #transports;
  #used;
  #wanted = "auto";
  #wait = AGAIN;
  #timer = null;

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
  async want(name) {
    this.#wanted = name;
    this.#wait = AGAIN;
    for (const other of this.#transports) {
      if (!this.#candidates.includes(other)) other.close();
    }
    await this.connect();
  }

  /** Try to have the best way, and where it does not come in time the next one as well. */
  async connect() {
    clearTimeout(this.#timer);
    for (const transport of this.#candidates) {
      if (await this.#opened(transport)) break;
    }
    if (this.best === this.#candidates.find(({ possible }) => possible)) this.#wait = AGAIN;
    else this.#again();
    this.onchange();
  }

  /** A way was lost: look for one. */
  lost() {
    this.onchange();
    this.#again();
  }

  /** Speak over the best way there is. Only where one way was chosen it is waited for. */
  async speak(utterance) {
    if (this.#wanted !== "auto" && !this.#candidates[0].ready) await this.connect();
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

  /** Whether the transport became ready in time; where there are others, it may do so later. */
  async #opened(transport) {
    if (!transport.possible) return false;
    const opening = transport.open().then(
      () => true,
      () => false,
    );
    if (this.#candidates.length === 1) return opening;
    opening.then(() => this.onchange());
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE * 1000, false));
    return Promise.race([opening, late]);
  }

  #again() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.connect(), this.#wait * 1000);
    this.#wait = Math.min(2 * this.#wait, RARELY);
  }
}
