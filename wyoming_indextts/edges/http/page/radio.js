/**
 * Plays a live stream, as WebRTC brings it: shut unless something is spoken, so that a stop is
 * silence at once, whatever is still on its way. What was heard can be had again.
 */

/** Seconds in which sound begins and ends. */
const FADE = 0.005;

/** The loudest sample of what counts as silence. */
const SILENCE = 0.002;

/** Milliseconds from one look at what is heard to the next. */
const LOOK = 15;

/** Milliseconds of silence after which the last of the speech has been heard; and the longest wait. */
const QUIET = 120;
const LONGEST = 3000;

export class Radio {
  /** Called when the last of the speech has been heard. */
  onended = () => {};
  /** Called at the first sound of a run, with the time of it (of `performance.now`). */
  onheard = () => {};
  #context = null;
  #gain = null;
  #analyser = null;
  #stream = null;
  #source = null;
  #pump = new Audio();
  #samples = new Float32Array(2048);
  #run = null;

  /** Make ready to play `stream`; to be called while the user does something. */
  wake(stream) {
    if (!this.#context) {
      this.#context = new AudioContext({ latencyHint: "interactive" });
      this.#gain = new GainNode(this.#context, { gain: 0 });
      this.#analyser = new AnalyserNode(this.#context, { fftSize: 2048, smoothingTimeConstant: 0 });
      this.#gain.connect(this.#analyser).connect(this.#context.destination);
    }
    if (this.#context.state !== "running") this.#context.resume();
    this.#tune(stream);
  }

  /** What is heard, for meters; null before there was any sound. */
  get analyser() {
    return this.#analyser;
  }

  get playing() {
    return this.#run !== null;
  }

  /** Seconds of the run that have been played. */
  get position() {
    const { heard = null } = this.#run ?? {};
    return heard === null ? 0 : (performance.now() - heard) / 1000;
  }

  /** Let `stream` be heard from now on; returns a promise of the recording of this run. */
  begin(stream) {
    this.stop();
    this.wake(stream);
    this.#ramp(1);
    const run = { heard: null, ended: null, sounded: performance.now(), recorder: null };
    this.#run = run;
    this.#watch(run);
    return recorded(stream, run);
  }

  /** All has been sent; the last of it is still to be heard. */
  end() {
    this.#run.ended = performance.now();
  }

  /** Silence, after a fade too short to notice. */
  stop() {
    if (!this.#run) return;
    this.#ramp(0);
    this.#finish();
  }

  #ramp(value) {
    const { gain } = this.#gain;
    const now = this.#context.currentTime;
    gain.cancelScheduledValues(now);
    gain.setValueAtTime(1 - value, now);
    gain.linearRampToValueAtTime(value, now + FADE);
  }

  /** A browser lets a stream from elsewhere run only where an element plays it, if mutely. */
  #tune(stream) {
    if (this.#stream === stream) return;
    this.#stream = stream;
    this.#source?.disconnect();
    this.#source = new MediaStreamAudioSourceNode(this.#context, { mediaStream: stream });
    this.#source.connect(this.#gain);
    this.#pump.muted = true;
    this.#pump.srcObject = stream;
    this.#pump.play().catch(() => {}); // one that was replaced meanwhile
  }

  #watch(run) {
    if (run !== this.#run) return;
    const now = performance.now();
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const first = this.#samples.findIndex((x) => Math.abs(x) > SILENCE);
    if (first >= 0) {
      run.sounded = now;
      if (run.heard === null) {
        const { sampleRate, outputLatency = 0 } = this.#context;
        run.heard = now - (1000 * (this.#samples.length - first)) / sampleRate;
        this.onheard(run.heard + 1000 * outputLatency);
      }
    }
    const waited = run.ended === null ? 0 : now - run.ended;
    if ((waited > QUIET && now - run.sounded > QUIET) || waited > LONGEST) {
      this.#ramp(0);
      this.#finish();
      this.onended();
    } else {
      setTimeout(() => this.#watch(run), LOOK);
    }
  }

  #finish() {
    if (this.#run.recorder?.state === "recording") this.#run.recorder.stop();
    this.#run = null;
  }
}

/** Record what comes through `stream` until the run's end; null where the browser cannot. */
function recorded(stream, run) {
  if (!("MediaRecorder" in globalThis)) return Promise.resolve(null);
  return new Promise((resolve) => {
    const pieces = [];
    run.recorder = new MediaRecorder(stream, { audioBitsPerSecond: 128_000 });
    run.recorder.ondataavailable = ({ data }) => pieces.push(data);
    run.recorder.onstop = () => resolve(new Blob(pieces, { type: run.recorder.mimeType }));
    run.recorder.onerror = () => resolve(null);
    run.recorder.start();
  });
}

/** The samples of a recording as ArrayBuffers of 16 bits and their rate, without silence around. */
export async function unpacked(recording) {
  const context = new OfflineAudioContext(1, 1, 48_000);
  const buffer = await context.decodeAudioData(await recording.arrayBuffer());
  const samples = buffer.getChannelData(0);
  const loud = (x) => Math.abs(x) > SILENCE;
  const first = Math.max(0, samples.findIndex(loud));
  const sound = samples.subarray(first, samples.findLastIndex(loud) + 1);
  const numbers = Int16Array.from(sound, (x) => Math.max(-1, Math.min(1, x)) * 32767);
  return { pieces: [numbers.buffer], rate: buffer.sampleRate };
}
