// Tells when what goes to the loudspeaker becomes loud, and when it was loud last.
class Tap extends AudioWorkletProcessor {
  constructor() {
    super();
    this.quiet = Infinity; // quanta since the last sound
  }
  process([[samples]]) {
    const loud = samples?.some((x) => Math.abs(x) > 0.01) ?? false;
    if (loud) this.last = Date.now();
    if (loud && this.quiet > 20) this.port.postMessage({ first: Date.now() });
    if (!loud && this.quiet === 20) this.port.postMessage({ last: this.last });
    this.quiet = loud ? 0 : this.quiet + 1;
    return true;
  }
}
registerProcessor("bench-tap", Tap);
