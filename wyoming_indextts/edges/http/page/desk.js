/** Speaks one utterance at a time: from the line into the player, and whatever happens to it told. */

/**
 * One text that was asked for.
 *
 * `state` is asked, queued, speaking, finished, stopped or failed; `heard` milliseconds from the
 * asking to the first sound, `seconds` how long it is, `pieces` its samples so far.
 */
export class Utterance {
  state = "asked";
  transport = null;
  position = null;
  heard = null;
  rate = 0;
  pieces = [];
  sentences = [];
  code = null;
  message = "";

  constructor(id, text, style, keep) {
    this.id = id;
    this.text = text;
    this.style = style;
    this.keep = keep;
    this.asked = performance.now();
  }

  get over() {
    return ["finished", "stopped", "failed"].includes(this.state);
  }

  get seconds() {
    return this.pieces.reduce((sum, piece) => sum + piece.byteLength, 0) / 2 / (this.rate || 1);
  }
}

export class Desk {
  /** Called with the utterance after each change of it. */
  onchange = () => {};
  #line;
  #player;
  #current = null;
  #count = 0;

  constructor(line, player) {
    this.#line = line;
    this.#player = player;
    player.onended = () => this.#change({ state: "finished" });
  }

  /** The utterance that is spoken or was spoken last. */
  get current() {
    return this.#current;
  }

  /** The sentence that is heard now, if the way tells. */
  get sentence() {
    if (!this.#player.playing) return "";
    const { position } = this.#player;
    return this.#current?.sentences.findLast(({ at }) => at <= position)?.text ?? "";
  }

  /** Speak instead of whatever is spoken; `keep` says whether it goes into the history. */
  speak(text, style, { keep = true } = {}) {
    this.#leave();
    this.#player.wake(this.#line.best.rate);
    this.#count += 1;
    this.#current = new Utterance(`p${this.#count}`, text, style, keep);
    this.onchange(this.#current);
    this.#line.speak(this.#current);
  }

  /** Play what was spoken once more, without asking anybody. */
  replay(utterance) {
    this.stop();
    this.#player.begin(utterance.rate);
    for (const piece of utterance.pieces) this.#player.add(piece);
    this.#player.end();
  }

  /** Silence now. */
  stop() {
    this.#leave();
    this.#line.cancel();
  }

  /** Speak in this style from the next sentence on. */
  restyle(style) {
    if (this.#current && !this.#current.over) this.#line.style(style);
  }

  /** Take an event of a transport. */
  receive(event) {
    const utterance = this.#current;
    if (event.id !== undefined && event.id !== utterance?.id) return;
    if (!utterance || utterance.over) return;
    switch (event.type) {
      case "queued":
        this.#change({ state: "queued", position: event.position });
        break;
      case "start":
        this.#player.begin(event.rate);
        this.#change({ rate: event.rate, position: null });
        break;
      case "audio":
        this.#hear(event.samples);
        break;
      case "sentence":
        utterance.sentences.push(event);
        break;
      case "end":
        if (utterance.state === "speaking") this.#player.end();
        else this.#change({ state: "finished" });
        break;
      case "cancelled":
        this.#player.stop();
        this.#change({ state: "stopped" });
        break;
      case "error":
        this.#player.stop();
        this.#change({ state: "failed", code: event.code, message: event.text });
        break;
    }
  }

  #hear(samples) {
    const utterance = this.#current;
    utterance.pieces.push(samples);
    const until = this.#player.add(samples);
    if (until === undefined) return;
    this.#change({ state: "speaking", heard: performance.now() + until - utterance.asked });
  }

  #leave() {
    this.#player.stop();
    if (this.#current && !this.#current.over) this.#change({ state: "stopped" });
  }

  #change(changes) {
    const utterance = this.#current;
    if (!utterance || utterance.over) return;
    Object.assign(utterance, changes);
    this.onchange(utterance);
  }
}
