/**
 * Plays samples as they come, without AudioWorklet, which plain http does not have: every piece is
 * a buffer that begins on the very sample on which the one before it ends.
 */

/**
 * Seconds from the first sample's coming to its sounding, but no less than what the device takes at
 * once, meanwhile the context's clock stands still; doubled by each gap that was heard.
 */
const LEAD = 0.01;
const LONGEST_LEAD = 0.32;

/** Seconds that are handed to the audio graph ahead of time. */
const AHEAD = 3;

/** Seconds in which sound that is stopped fades. */
const FADE = 0.005;

const LIKELY_RATE = 24_000;

export class Player {
  /** Called when the last sample of a run has been played. */
  onended = () => {};
  /** Gaps that were heard so far. */
  gaps = 0;
  #context = null;
  #analyser = null;
  #lead = LEAD;
  #run = null;

  /** Make ready to sound; to be called while the user does something, or browsers stay silent. */
  wake(rate = 0) {
    const wanted = rate || this.#context?.sampleRate || LIKELY_RATE;
    if (this.#context?.sampleRate !== wanted) {
      this.stop();
      this.#context?.close();
      // At the speech's own rate there is nothing to resample from piece to piece.
      this.#context = new AudioContext({ sampleRate: wanted, latencyHint: "interactive" });
      this.#analyser = new AnalyserNode(this.#context, { fftSize: 2048, smoothingTimeConstant: 0 });
      this.#analyser.connect(this.#context.destination);
    }
    if (this.#context.state !== "running") this.#context.resume();
  }

  /** What is heard, for meters; null before there was any sound. */
  get analyser() {
    return this.#analyser;
  }

  /** Whether there is something to play: begun, and not played to its end. */
  get playing() {
    return this.#run !== null;
  }

  /** Seconds of the run that have been played. */
  get position() {
    const run = this.#run;
    if (!run || run.first === null) return 0;
    return Math.max(0, this.#context.currentTime - run.first / run.rate - run.lost);
  }

  /** Play what is added from now on, instead of anything else. */
  begin(rate) {
    this.stop();
    this.wake(rate);
    const gain = new GainNode(this.#context);
    gain.connect(this.#analyser);
    this.#run = {
      rate,
      gain,
      waiting: [],
      sources: new Set(),
      first: null, // in frames of the context
      next: 0,
      lost: 0, // seconds of gaps
      complete: false,
    };
  }

  /**
   * Play these samples (an ArrayBuffer of 16-bit) after those before them. Returns how many
   * milliseconds from now the first of a run will be heard, and undefined for all others.
   */
  add(samples) {
    const run = this.#run;
    const first = run.first === null;
    run.waiting.push(samples);
    this.#schedule();
    if (!first || run.first === null) return undefined;
    const { currentTime, outputLatency = 0 } = this.#context;
    return (run.first / run.rate - currentTime + outputLatency) * 1000;
  }

  /** Nothing more will be added. */
  end() {
    this.#run.complete = true;
    this.#finish();
  }

  /** Silence, after a fade too short to notice. */
  stop() {
    const run = this.#run;
    if (!run) return;
    this.#run = null;
    const now = this.#context.currentTime;
    run.gain.gain.setValueAtTime(1, now);
    run.gain.gain.linearRampToValueAtTime(0, now + FADE);
    for (const source of run.sources) source.stop(now + 2 * FADE);
    setTimeout(() => run.gain.disconnect(), 100);
  }

  #schedule() {
    const run = this.#run;
    const { currentTime, baseLatency = 0 } = this.#context;
    while (run.waiting.length) {
      const soonest = Math.ceil((currentTime + Math.max(this.#lead, baseLatency)) * run.rate);
      if (run.first === null) {
        run.first = run.next = soonest;
      } else if (run.next < Math.ceil(currentTime * run.rate)) {
        this.gaps += 1;
        this.#lead = Math.min(2 * this.#lead, LONGEST_LEAD);
        run.lost += (soonest - run.next) / run.rate;
        run.next = soonest;
      } else if (run.next / run.rate > currentTime + AHEAD) {
        return;
      }
      this.#start(run, run.waiting.shift());
    }
  }

  #start(run, samples) {
    const numbers = new Int16Array(samples);
    const buffer = new AudioBuffer({ length: numbers.length, sampleRate: run.rate });
    buffer.copyToChannel(Float32Array.from(numbers, (number) => number / 32768), 0);
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    source.connect(run.gain);
    source.start(run.next / run.rate);
    run.next += numbers.length;
    run.sources.add(source);
    source.onended = () => {
      run.sources.delete(source);
      source.disconnect();
      if (run !== this.#run) return;
      this.#schedule();
      this.#finish();
    };
  }

  #finish() {
    const run = this.#run;
    if (!run.complete || run.waiting.length || run.sources.size) return;
    this.#run = null;
    run.gain.disconnect();
    this.onended();
  }
}
