// Hears what the page sends to the loudspeaker, and notes when somebody clicked or pressed a key.
(() => {
  const connect = AudioNode.prototype.connect;
  const taps = new Map(); // of each context, until it is closed
  const peak = (samples) => samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const samplesOf = (analyser) => {
    const samples = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(samples);
    return samples;
  };
  const live = () => [...taps.values()].filter(({ context }) => context.state !== "closed");
  const tap = (window.tap = {
    clicks: [],
    after: null,
    // The one that is heard, or else the one that came last.
    get analyser() {
      const loud = live().filter((one) => peak(samplesOf(one)) > 0.01);
      return (loud.length ? loud : live()).at(-1) ?? null;
    },
    loud() {
      return live().some((one) => peak(samplesOf(one).subarray(-4096)) > 0.01);
    },
    // Resolves as soon as it is loud, or silent.
    async until(loud, patience) {
      const end = performance.now() + patience;
      while (tap.loud() !== loud) {
        if (performance.now() > end) throw new Error(loud ? "it stays silent" : "it sounds on");
        await new Promise((go) => setTimeout(go, 10));
      }
    },
    heard(analyser = tap.analyser) {
      const until = analyser.context.currentTime;
      return { samples: [...samplesOf(analyser)], rate: analyser.context.sampleRate, until };
    },
  });
  AudioNode.prototype.connect = function (to, ...more) {
    if (to === this.context.destination) {
      if (!taps.has(this.context)) {
        taps.set(this.context, new AnalyserNode(this.context, { fftSize: 32768 }));
      }
      connect.call(this, taps.get(this.context));
    }
    return connect.call(this, to, ...more);
  };
  const peers = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...all) {
      super(...all);
      peers.push(this);
    }
  };
  tap.inbound = async () => {
    const all = [...(await peers.at(-1).getStats()).values()];
    return all.find(({ type }) => type === "inbound-rtp") ?? {};
  };
  const note = ({ type, target, key }) => {
    const { analyser } = tap;
    const asked = analyser?.context.currentTime;
    tap.clicks.push({ type, target: target.id, key, at: performance.now() });
    // What was heard around it: read by the page itself, as a test may come too late.
    tap.after = new Promise((go) => {
      setTimeout(() => go(analyser ? { ...tap.heard(analyser), asked } : null), 400);
    });
  };
  addEventListener("click", note, true);
  addEventListener("keydown", note, true);
})();
