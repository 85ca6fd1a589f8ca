/** Speech over a WebSocket that stays open: the quickest way, and the style can change in mid-text. */

import { socketAddress } from "./addresses.js";
import { Control } from "./control.js";

/** Seconds until the first message must be here. */
const PATIENCE = 10;

export class WebSocketTransport {
  name = "websocket";
  live = true;
  stream = null;
  possible = true;
  #socket = null;
  #control = null;
  #opening = null;
  #tell;
  #onlost;

  constructor(tell, onlost = () => {}) {
    this.#tell = tell;
    this.#onlost = onlost;
  }

  get ready() {
    return this.#control !== null;
  }

  /** Samples a second that are to be expected; 0 where that is not known yet. */
  get rate() {
    return this.#control?.rate ?? 0;
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
    this.#control.speak(utterance);
  }

  style(style) {
    this.#control?.style(style);
  }

  cancel() {
    this.#control?.cancel();
  }

  close() {
    const socket = this.#socket;
    this.#socket = null;
    this.#control = null;
    socket?.close();
  }

  #connect() {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(socketAddress());
      socket.binaryType = "arraybuffer";
      const control = new Control((frame) => socket.send(frame), this.#tell);
      const late = setTimeout(() => socket.close(), PATIENCE * 1000);
      socket.onmessage = ({ data }) => {
        control.receive(data);
        if (this.#control === control || !control.rate) return;
        clearTimeout(late);
        this.#socket = socket;
        this.#control = control;
        resolve();
      };
      socket.onclose = () => {
        clearTimeout(late);
        const held = this.#socket === socket;
        if (held) {
          this.#socket = null;
          this.#control = null;
        }
        control.lost();
        if (held) this.#onlost();
        reject(new Error("there is no WebSocket"));
      };
    });
  }
}
