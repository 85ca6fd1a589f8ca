/**
 * Speech over WebRTC: sound as a live stream that mends what a bad line loses, messages in a data
 * channel. Signalled as WHEP does it; the offer goes out without candidates, because resolving a
 * browser's hidden names takes a second, and the server finds the page by what it sends anyway.
 */

import { address } from "./addresses.js";
import { Control } from "./control.js";
import { refusal } from "./house.js";

const SDP = "application/sdp";

/** Seconds in which a connection is there, or never. */
const PATIENCE = 15;

/** Seconds in which the server says that it has got a text; after that the line counts as dead. */
const ANSWER = 2;

export class WebRtcTransport {
  name = "webrtc";
  live = true;
  rate = 0;
  /** Whether browser and server have what it takes, as far as is known. */
  possible = "RTCPeerConnection" in globalThis;
  #tell;
  #onlost;
  #opening = null;
  #held = null; // connection, control and stream of a session that was greeted
  #asked = null; // an id that the server has not answered yet

  /** `tell` takes events; one more than others: unanswered, of what is to go another way. */
  constructor(tell, onlost = () => {}) {
    this.#tell = tell;
    this.#onlost = onlost;
  }

  get ready() {
    return this.#held?.connection.connectionState === "connected";
  }

  /** What is to be played, as long as this is ready. */
  get stream() {
    return this.#held?.stream ?? null;
  }

  /** Be ready, or reject. */
  open() {
    if (this.ready) return Promise.resolve();
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  speak(utterance) {
    const held = this.#held;
    held.control.speak(utterance);
    this.#asked = utterance.id;
    setTimeout(() => {
      if (this.#asked === utterance.id) this.#lose(held);
    }, ANSWER * 1000);
  }

  style(style) {
    this.#held?.control.style(style);
  }

  cancel() {
    this.#asked = null;
    this.#held?.control.cancel();
  }

  /** Leave the server. */
  close() {
    const held = this.#held;
    if (!held) return;
    this.#held = null;
    fetch(held.session, { method: "DELETE" })
      .catch(() => {}) // it has gone already
      .finally(() => held.connection.close());
  }

  async #connect() {
    if (!this.possible || !(await offered())) {
      this.possible = false;
      throw new Error("there is no WebRTC");
    }
    const connection = new RTCPeerConnection();
    try {
      await this.#greeted(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #greeted(connection) {
    const { receiver } = connection.addTransceiver("audio", { direction: "recvonly" });
    const channel = connection.createDataChannel("control");
    const control = new Control((frame) => channel.send(frame), (event) => this.#told(event));
    const held = { connection, control, stream: new MediaStream([receiver.track]), session: null };
    const greeted = new Promise((resolve, reject) => {
      const lost = () => {
        reject(new Error("the connection was lost, or does not come about"));
        this.#lose(held);
      };
      channel.onmessage = ({ data }) => {
        control.receive(data);
        if (control.rate) resolve();
      };
      channel.onclose = lost;
      connection.onconnectionstatechange = () => {
        if (["failed", "closed"].includes(connection.connectionState)) lost();
      };
      setTimeout(reject, PATIENCE * 1000, new Error("the connection does not come about"));
    });
    greeted.catch(() => {}); // it may be lost before it is waited for
    held.session = await signalled(connection);
    await greeted;
    this.#held = held;
  }

  /** Hand an event on, with the stream that is to be heard from its start on. */
  #told(event) {
    if (event.id === this.#asked) this.#asked = null;
    this.#tell(event.type === "start" ? { ...event, stream: this.stream } : event);
  }

  #lose(held) {
    if (this.#held !== held) return;
    this.#held = null;
    held.connection.close();
    const unanswered = this.#asked;
    this.#asked = null;
    if (unanswered !== null) held.control.forget(unanswered);
    held.control.lost();
    this.#onlost();
    if (unanswered !== null) this.#tell({ type: "unanswered", id: unanswered });
  }
}

/** Whether the server speaks WebRTC at all: it says so without being asked for a session. */
async function offered() {
  const answer = await fetch(address("whep"), { method: "OPTIONS" });
  return answer.headers.get("Accept-Post") === SDP;
}

/** Agree with the server; returns the address of the session. */
async function signalled(connection) {
  const offer = await connection.createOffer();
  const answer = await fetch(address("whep"), {
    method: "POST",
    headers: { "Content-Type": SDP },
    body: offer.sdp,
  });
  if (answer.status !== 201) throw await refusal(answer);
  // Whom to ask for a way through the network is known only now; nobody unless the server names one.
  connection.setConfiguration({ iceServers: iceServers(answer.headers.get("Link") ?? "") });
  await connection.setLocalDescription(offer);
  await connection.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  return new URL(answer.headers.get("Location"), answer.url);
}

const FIELD = /;\s*([\w-]+)="((?:[^"\\]|\\.)*)"/g;
const LINK = /<((?:stun|turn)s?:[^>]+)>((?:\s*;\s*[\w-]+="(?:[^"\\]|\\.)*")*)/g;

/** The servers that a header `Link` names: <turn:host>; rel="ice-server"; username="..."; ... */
export function iceServers(links) {
  return [...links.matchAll(LINK)].map(([, urls, fields]) => {
    const { username, credential } = Object.fromEntries(
      [...fields.matchAll(FIELD)].map(([, name, value]) => [name, value.replace(/\\(.)/g, "$1")]),
    );
    return username === undefined ? { urls } : { urls, username, credential };
  });
}
