/** Records the microphone as samples, where the browser allows it: on https, or on this machine. */

export class Microphone {
  /** Called with seconds so far and the loudest sample of the last moment, 0 to 1. */
  onsound = () => {};
  #context = null;
  #stream = null;
  #pieces = [];
  #count = 0;

  /** Whether the browser has one to give. */
  static possible = Boolean(globalThis.isSecureContext && navigator.mediaDevices?.getUserMedia);

  get recording() {
    return this.#context !== null;
  }

  /** Begin; rejects where the user, or the machine, does not give one. */
  async start() {
    // What calls are cleaned by would change the voice.
    const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    this.#stream = await navigator.mediaDevices.getUserMedia({ audio: plain });
    this.#pieces = [];
    this.#count = 0;
    const context = new AudioContext();
    this.#context = context;
    await context.audioWorklet.addModule(new URL("capture.js", import.meta.url));
    const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    capture.port.onmessage = ({ data }) => this.#take(context, data);
    new MediaStreamAudioSourceNode(context, { mediaStream: this.#stream }).connect(capture);
  }

  /** End; returns the samples as ArrayBuffers of 16 bits, and their rate. */
  stop() {
    const rate = this.#context.sampleRate;
    this.#context.close();
    this.#context = null;
    for (const track of this.#stream.getTracks()) track.stop();
    return { pieces: this.#pieces, rate };
  }

  #take(context, samples) {
    if (context !== this.#context) return;
    const numbers = Int16Array.from(samples, (x) => Math.max(-1, Math.min(1, x)) * 32767);
    this.#pieces.push(numbers.buffer);
    this.#count += samples.length;
    const peak = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    this.onsound(this.#count / context.sampleRate, peak);
  }
}
