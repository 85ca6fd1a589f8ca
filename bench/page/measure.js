// Runs in the page: clicks, and notes what the tap hears. Times are milliseconds of Date.now.
(() => {
  const connect = AudioNode.prototype.connect;
  const tapped = new WeakMap();
  const waiting = { first: [], last: [] };
  const heard = (kind) => new Promise((go) => waiting[kind].push(go));
  const sleep = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));

  AudioNode.prototype.connect = function (to, ...more) {
    if (to === this.context.destination) {
      if (!tapped.has(this.context)) tapped.set(this.context, tap(this.context));
      tapped.get(this.context).then((node) => connect.call(this, node));
    }
    return connect.call(this, to, ...more);
  };
  async function tap(context) {
    const module = new Blob([window.benchTap], { type: "text/javascript" });
    await context.audioWorklet.addModule(URL.createObjectURL(module));
    const node = new AudioWorkletNode(context, "bench-tap", { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }) => {
      for (const kind of Object.keys(data)) {
        for (const go of waiting[kind].splice(0)) go(data[kind]);
      }
    };
    return node;
  }
  const click = (id) => {
    const at = Date.now();
    document.getElementById(id).click();
    return at;
  };
  async function streams(count) {
    const { WebRtcTransport } = await import(new URL("page/webrtc.js", document.baseURI));
    const all = Array.from({ length: count }, () => new WebRtcTransport(() => {}));
    for (const one of all) await one.open();
    return all;
  }
  const peers = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...all) {
      super(...all);
      peers.push(this);
    }
  };

  window.bench = {
    // One utterance after the other: from the click to the first sample, from the click to the last.
    async clicks(times) {
      const [began, ended] = [[], []];
      for (let i = 0; i < times + 2; i += 1) {
        const first = heard("first");
        const asked = click("speak");
        const sounded = await first;
        await sleep(500 + 40 * Math.random());
        const last = heard("last");
        const stopped = click("stop");
        const silent = await last;
        if (i >= 2) {
          began.push(sounded - asked);
          ended.push(silent - stopped);
        }
        await sleep(600);
      }
      return { began, ended };
    },
    // From a cancel to the last sample of what comes over the wire, which nothing mutes here.
    async wire(times, text) {
      const [one] = await streams(1);
      const context = new AudioContext();
      const pump = Object.assign(new Audio(), { srcObject: one.stream, muted: true });
      await pump.play();
      new MediaStreamAudioSourceNode(context, { mediaStream: one.stream }).connect(context.destination);
      await tapped.get(context);
      const ended = [];
      for (let i = 0; i < times; i += 1) {
        const first = heard("first");
        one.speak({ id: `w${i}`, text, style: {} });
        await first;
        await sleep(500 + 40 * Math.random());
        const last = heard("last");
        const cancelled = Date.now();
        one.cancel();
        ended.push((await last) - cancelled);
        await sleep(600);
      }
      one.close();
      context.close();
      return ended;
    },
    // Many peers: each speaks, or all listen to the first. Returns the concealed parts of each.
    async crowd(count, text, seconds, together) {
      peers.splice(0);
      const speaking = await streams(together ? 1 : count);
      const pumps = speaking.map(({ stream }) => stream);
      if (together) {
        const session = peers[0].session;
        for (let i = 0; i < count; i += 1) pumps.push(await listen(session));
      }
      for (const stream of pumps) {
        await Object.assign(new Audio(), { srcObject: stream, muted: true }).play();
      }
      await sleep(1000);
      const before = await Promise.all(peers.map(inbound));
      speaking.forEach((one, i) => one.speak({ id: `c${i}`, text, style: {} }));
      await sleep(seconds * 1000);
      const after = await Promise.all(peers.map(inbound));
      return after.map((now, i) => {
        const made = (name) => now[name] - (before[i][name] ?? 0);
        return {
          concealed: (made("concealedSamples") - made("silentConcealedSamples")) / (48_000 * seconds),
          packets: made("packetsReceived"),
        };
      });
    },
    leave() {
      for (const peer of peers.splice(0)) peer.close();
    },
  };
  async function inbound(peer) {
    return [...(await peer.getStats()).values()].find(({ type }) => type === "inbound-rtp") ?? {};
  }
  // The page's own transport does not say whose session it is: the address of the answer does.
  const fetched = window.fetch;
  window.fetch = async (...all) => {
    const answer = await fetched(...all);
    const where = answer.headers.get("Location");
    if (where && peers.length) peers.at(-1).session = where.split("/").at(-1);
    return answer;
  };
  async function listen(session) {
    const peer = new RTCPeerConnection();
    const { receiver } = peer.addTransceiver("audio", { direction: "recvonly" });
    await peer.setLocalDescription(await peer.createOffer());
    const answer = await fetched(new URL(`whep?session=${session}`, document.baseURI), {
      method: "POST",
      headers: { "Content-Type": "application/sdp" },
      body: peer.localDescription.sdp,
    });
    await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    return new MediaStream([receiver.track]);
  }
})();
