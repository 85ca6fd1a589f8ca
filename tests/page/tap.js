// Hears what the page sends to the loudspeaker, and notes when somebody clicked or pressed a key.
(() => {
  const connect = AudioNode.prototype.connect;
  const tap = (window.tap = {
    analyser: null,
    first: null, // of all sounds, in milliseconds of performance.now
    clicks: [],
    after: null,
    loud() {
      const samples = new Float32Array(4096);
      tap.analyser?.getFloatTimeDomainData(samples);
      return samples.some((x) => Math.abs(x) > 0.01);
    },
    // Resolves as soon as it is loud, or silent.
    async until(loud, patience) {
      const end = performance.now() + patience;
      while (tap.loud() !== loud) {
        if (performance.now() > end) throw new Error(loud ? "it stays silent" : "it sounds on");
        await new Promise((go) => setTimeout(go, 10));
      }
    },
    heard() {
      const samples = new Float32Array(tap.analyser.fftSize);
      const until = tap.analyser.context.currentTime;
      tap.analyser.getFloatTimeDomainData(samples);
      return { samples: [...samples], rate: tap.analyser.context.sampleRate, until };
    },
    get now() {
      return tap.analyser?.context.currentTime;
    },
  });
  AudioNode.prototype.connect = function (to, ...more) {
    if (to === this.context.destination && tap.analyser?.context !== this.context) {
      tap.analyser = new AnalyserNode(this.context, { fftSize: 32768 });
    }
    if (to === this.context.destination) connect.call(this, tap.analyser);
    return connect.call(this, to, ...more);
  };
  const note = ({ type, target, key }) => {
    const asked = tap.now;
    tap.clicks.push({ type, target: target.id, key, at: performance.now() });
    // What was heard around it: read by the page itself, as a test may come too late.
    tap.after = new Promise((go) => {
      setTimeout(() => go(tap.analyser ? { ...tap.heard(), asked } : null), 400);
    });
  };
  addEventListener("click", note, true);
  addEventListener("keydown", note, true);
})();
