/** Speaks one utterance at a time: from the line to the ear, and whatever happens to it told. */

import { unpacked } from "./radio.js";

/**
 * One text that was asked for.
 *
 * `state` is asked, queued, speaking, finished, stopped or failed; `heard` milliseconds from the
 * asking to the first sound, `seconds` how long it is, `pieces` its samples so far, or `recording` a
 * promise of what was heard of a live stream.
 */
export class Utterance {
  state = "asked";
  transport = null;
  position = null;
  heard = null;
  rate = 0;
  pieces = [];
  recording = null;
  length = null;
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
    const bytes = this.pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
    return this.length ?? bytes / 2 / (this.rate || 1);
  }

  /** See to it that `pieces` are all that was heard. */
  async fetch() {
    const recording = await this.recording;
    if (recording) Object.assign(this, await unpacked(recording));
    this.recording = null;
  }
}

export class Desk {
  /** Called with the utterance after each change of it. */
  onchange = () => {};
  #line;
  #player;
  #radio;
  #sound; // the one of both that is used
  #current = null;
  #count = 0;

  /** `player` plays samples, `radio` live streams. */
  constructor(line, player, radio) {
    this.#line = line;
    this.#player = this.#sound = player;
    this.#radio = radio;
    player.onended = radio.onended = () => this.#change({ state: "finished" });
    radio.onheard = (at) => this.#heard(at);
  }

  /** What is heard, for meters; null before there was any sound. */
  get analyser() {
    return this.#sound.analyser;
  }

  get playing() {
    return this.#sound.playing;
  }

  /** Make ready to sound; to be called while the user does something, or browsers stay silent. */
  wake() {
    const { rate, stream } = this.#line.best;
    if (stream) this.#radio.wake(stream);
    else this.#player.wake(rate);
  }

  /** The utterance that is spoken or was spoken last. */
  get current() {
    return this.#current;
  }

  /** The sentence that is heard now, if the way tells. */
  get sentence() {
    if (!this.playing) return "";
    const { position } = this.#sound;
    return this.#current?.sentences.findLast(({ at }) => at <= position)?.text ?? "";
  }

  /** Speak instead of whatever is spoken; `keep` says whether it goes into the history. */
  speak(text, style, { keep = true } = {}) {
    this.#leave();
    this.wake();
    this.#count += 1;
    this.#current = new Utterance(`p${this.#count}`, text, style, keep);
    this.onchange(this.#current);
    this.#line.speak(this.#current);
  }

  /** Play what was spoken once more, without asking anybody. */
  async replay(utterance) {
    this.stop();
    this.#player.wake(utterance.rate); // while the user's click counts
    const count = this.#count;
    await utterance.fetch();
    if (count !== this.#count) return; // another text was asked for meanwhile
    this.stop();
    this.#sound = this.#player;
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
        this.#begin(event);
        break;
      case "audio":
        this.#hear(event.samples);
        break;
      case "sentence":
        utterance.sentences.push(event);
        break;
      case "end":
        if (utterance.recording) utterance.length = event.seconds;
        if (this.playing) this.#sound.end();
        else this.#change({ state: "finished" });
        break;
      case "unanswered":
        this.#line.speak(utterance);
        break;
      case "cancelled":
        this.#silence();
        this.#change({ state: "stopped" });
        break;
      case "error":
        this.#silence();
        this.#change({ state: "failed", code: event.code, message: event.text });
        break;
    }
  }

  #begin({ rate, stream }) {
    const utterance = this.#current;
    this.#sound = stream ? this.#radio : this.#player;
    if (stream) utterance.recording = this.#radio.begin(stream);
    else this.#player.begin(rate);
    this.#change({ rate, position: null });
  }

  #hear(samples) {
    this.#current.pieces.push(samples);
    const until = this.#player.add(samples);
    if (until !== undefined) this.#heard(performance.now() + until);
  }

  #heard(at) {
    const utterance = this.#current;
    if (utterance) this.#change({ state: "speaking", heard: at - utterance.asked });
  }

  #silence() {
    const utterance = this.#current;
    if (utterance?.recording && !utterance.over) utterance.length ??= this.#sound.position;
    this.#sound.stop();
  }

  #leave() {
    this.#silence();
    if (this.#current && !this.#current.over) this.#change({ state: "stopped" });
  }

  #change(changes) {
    const utterance = this.#current;
    if (!utterance || utterance.over) return;
    Object.assign(utterance, changes);
    this.onchange(utterance);
  }
}
